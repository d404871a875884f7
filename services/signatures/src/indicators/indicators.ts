import {
  type Caller,
  type Indicators as IndicatorsReply,
  type IndicatorsInput,
  signatureIndicators,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { placeOf, reachOf } from '../directory/known-organisations.js';
import { type AgencyMeasure, measureOn } from './measure.js';

/** Measures how far agencies and those who sign for them can sign electronically. */
@Serves(signatureIndicators)
export class SignatureIndicators {
  constructor(private readonly database: Database) {}

  async measure({ agencyId, on = localDay() }: IndicatorsInput, caller: Caller) {
    const { manager } = this.database;
    if (agencyId) caller.acting('signatures.read', await placeOf(manager, agencyId));
    const reach = reachOf(caller, ['signatures.read']);
    const rows = await measureOn(manager, on, { reach, only: agencyId ? [agencyId] : undefined });
    return { on, items: indicatorsOf(rows) } satisfies IndicatorsReply;
  }
}

function indicatorsOf(rows: AgencyMeasure[]): IndicatorsReply['items'] {
  const sum = (field: Exclude<keyof AgencyMeasure, 'agencyId'>) =>
    rows.reduce((total, row) => total + row[field], 0);
  return [
    {
      ...{ code: 'SIGN_COVER_ORG', name: 'Cơ quan có chứng thư số còn hiệu lực' },
      ...{ value: sum('sealed'), of: rows.length },
    },
    {
      ...{ code: 'SIGN_COVER_PERSON', name: 'Người ký văn bản có chứng thư số còn hiệu lực' },
      ...{ value: sum('covered'), of: sum('signers') },
    },
    {
      ...{ code: 'SIGN_EXPIRING', name: 'Chứng thư số sắp hết hạn chưa đề nghị gia hạn' },
      ...{ value: sum('ending'), of: sum('certificates') },
    },
  ];
}
