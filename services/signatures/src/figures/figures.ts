import { type Figures as FiguresReply, figuresOf, type FiguresInput } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import { type AgencyMeasure, measureOn } from '../indicators/measure.js';

/** Measures for inspections how far agencies can sign electronically. */
@Serves(figuresOf('signatures'))
export class Figures {
  constructor(private readonly database: Database) {}

  async measure({ organisationIds, to }: FiguresInput): Promise<FiguresReply> {
    const reach = { everywhere: true, agencies: [], blocs: [] };
    const rows = await measureOn(this.database.manager, to, { reach, only: organisationIds });
    return { items: rows.flatMap(figuresOfAgency) };
  }
}

function figuresOfAgency(row: AgencyMeasure): FiguresReply['items'] {
  const { agencyId: organisationId, sealed, signers, covered, certificates, ending } = row;
  return [
    {
      ...{ organisationId, code: 'signatures.signers-covered', value: covered, of: signers },
      ...{ name: 'Người ký văn bản có chứng thư số còn hiệu lực', unit: 'người' },
    },
    {
      ...{ organisationId, code: 'signatures.agency-covered', value: sealed, of: 1 },
      ...{ name: 'Cơ quan có chứng thư số còn hiệu lực', unit: 'cơ quan' },
    },
    {
      ...{ organisationId, code: 'signatures.expiring', value: ending, of: certificates },
      ...{ name: 'Chứng thư số sắp hết hạn chưa đề nghị gia hạn', unit: 'chứng thư' },
    },
  ];
}
