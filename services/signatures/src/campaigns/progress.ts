import {
  type Caller,
  type Campaign as CampaignReply,
  CampaignCounts,
  NotFound,
} from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import { nameOn, reachOf, withinReach } from '../directory/known-organisations.js';
import type { Campaign } from './campaign.js';

type Agency = CampaignReply['agencies'][number];

const phases = ['open', 'confirmed', 'requested', 'delivered', 'rejected', 'removed'] as const;

/** A campaign with the agencies a caller may see. Throws NotFound when there is none. */
export async function progressOf(
  manager: EntityManager,
  campaign: Campaign,
  caller: Caller,
): Promise<CampaignReply> {
  const { everywhere, agencies: within, blocs } = reachOf(caller, ['signatures.prepare']);
  const counts = phases.map(
    (phase) => `'${phase}', count(g.id) filter (where g.phase = '${phase}')`,
  );
  const agencies = await manager.query<Agency[]>(
    `select u.agency_id as "agencyId", ${nameOn('u.agency_id')} as name, u.state,
       u.state = 'open' and local_day() > $5::date as late, u.request_id as "requestId",
       json_build_object(${counts.join(', ')}) as lines
     from campaign_unit u
     left join gap_line_state g on g.campaign_id = u.campaign_id and g.agency_id = u.agency_id
     where u.campaign_id = $4 and ${withinReach('u.agency_id')}
     group by u.agency_id, u.state, u.request_id order by name`,
    [everywhere, within, blocs, campaign.id, campaign.deadline],
  );
  if (agencies.length === 0) throw noCampaign();
  const sum = (phase: (typeof phases)[number]) =>
    agencies.reduce((total, { lines }) => total + lines[phase], 0);
  const lines = Object.assign(
    new CampaignCounts(),
    Object.fromEntries(phases.map((phase) => [phase, sum(phase)])),
  );
  return { ...(campaign as object as CampaignReply), agencies, lines };
}

export const noCampaign = () =>
  new NotFound({ vi: 'Không có đợt rà soát này', en: 'There is no such campaign' });
