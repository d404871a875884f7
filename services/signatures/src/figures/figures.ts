import { type Figures as FiguresReply, figuresOf, type FiguresInput } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import { coverageOf } from '../certificates/coverage.js';

/** Measures how many of those who sign can sign electronically. */
@Serves(figuresOf('signatures'))
export class Figures {
  constructor(private readonly database: Database) {}

  async measure({ organisationIds, to }: FiguresInput): Promise<FiguresReply> {
    const items = await Promise.all(
      organisationIds.map(async (organisationId) => {
        const { units } = await coverageOf(this.database.manager, organisationId, to);
        const sum = (count: (unit: (typeof units)[number]) => number) =>
          units.reduce((total, unit) => total + count(unit), 0);
        return {
          organisationId,
          code: 'signatures.signers-covered',
          name: 'Người ký văn bản có chứng thư số còn hiệu lực',
          value: sum(({ covered }) => covered),
          of: sum(({ signers }) => signers),
          unit: 'người',
        };
      }),
    );
    return { items };
  }
}
