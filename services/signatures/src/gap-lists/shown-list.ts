import type { GapLine as GapLineReply, GapList } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import { faultsOf, formsToday, masked } from '../requests/forms.js';
import type { CampaignUnit } from './campaign-unit.js';

/** A gap list as it is shown: personal data masked, and where each line stands. */
export async function shownList(manager: EntityManager, unit: CampaignUnit): Promise<GapList> {
  const forms = await formsToday(manager);
  const lines = await manager.query<Omit<GapLineReply, 'missing'>[]>(
    `select id, unit_id as "unitId", holder_kind as "holderKind", holder_id as "holderId",
       certificate_id as "certificateId", why, form, fields, state, reference,
       added_reason as "addedReason", removed_reason as "removedReason",
       rejected_reason as "rejectedReason", request_line_id as "requestLineId"
     from gap_line_state where campaign_id = $1 and agency_id = $2 order by ordinal limit 1000`,
    [unit.campaignId, unit.agencyId],
  );
  return {
    ...(unit as object as GapList),
    lines: lines.map((line) => ({
      ...line,
      fields: masked(line.fields),
      missing: faultsOf(forms.get(line.form)!, line.fields).map(({ name }) => name),
    })),
  };
}
