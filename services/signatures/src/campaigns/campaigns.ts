import {
  type Caller,
  type Campaign as CampaignReply,
  campaignClosed,
  campaignOpened,
  type CampaignPage,
  type CampaignSummary,
  type CloseCampaign,
  type ConsolidateCampaign,
  type Consolidation,
  cursorOf,
  type FindCampaign,
  Invalid,
  keyOf,
  type ListCampaigns,
  type OpenCampaign,
  signatureCampaigns,
  type StoredFile,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { Serves } from '@eoffice/platform/serves';
import { type EntityManager, In } from 'typeorm';
import { placeOf, reachOf, withinReach } from '../directory/known-organisations.js';
import { CampaignUnit } from '../gap-lists/campaign-unit.js';
import { findGaps } from '../gap-lists/find-gaps.js';
import { GapLine } from '../gap-lists/gap-line.js';
import { Campaign } from './campaign.js';
import { sheetOf } from './campaign-sheet.js';
import { consolidateLists, obstaclesOf } from './consolidation.js';
import { noCampaign, progressOf } from './progress.js';

const permission = 'signatures.manage';

/** Runs campaigns that find and close what certificates are missing. */
@Serves(signatureCampaigns)
export class Campaigns {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
  ) {}

  open(input: OpenCampaign, caller: Caller): Promise<CampaignReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const agencyIds = [...new Set(input.agencyIds)].sort();
      const { actor, bloc } = await mayRun(manager, caller, agencyIds);
      const campaign = await manager.save(Campaign.open(input, bloc, actor.personId));
      const { id, expiringWithinDays } = campaign;
      for (const agencyId of agencyIds) {
        await manager.save(CampaignUnit.of(id, agencyId));
        const gaps = await findGaps(manager, agencyId, expiringWithinDays);
        await manager.save(gaps.map((gap) => GapLine.of(id, agencyId, gap)));
      }
      emit(campaignOpened, id, { campaignId: id, bloc });
      return progressOf(manager, campaign, caller);
    });
  }

  async list({ limit = 50, after }: ListCampaigns, caller: Caller): Promise<CampaignPage> {
    const [at = null, last = null] = keyOf(after) ?? [];
    const { everywhere, agencies, blocs } = reachOf(caller, ['signatures.prepare']);
    const items = await this.database.query<CampaignSummary & { sortKey: string }>(
      `select c.id, c.name, c.legal_basis as "legalBasis", c.bloc, c.deadline, c.state, c.version,
         c.expiring_within_days as "expiringWithinDays", c.opened_at as "openedAt",
         c.closed_at as "closedAt", c.opened_at::text as "sortKey"
       from campaign c where exists (select from campaign_unit u
           where u.campaign_id = c.id and ${withinReach('u.agency_id')})
         and ($4::timestamptz is null or (c.opened_at, c.id) < ($4, $5::uuid))
       order by c.opened_at desc, c.id desc limit $6`,
      [everywhere, agencies, blocs, at, last, limit],
    );
    const end = items.length === limit ? items.at(-1) : undefined;
    return { items, next: end && cursorOf(end.sortKey, end.id) };
  }

  async find({ id }: FindCampaign, caller: Caller): Promise<CampaignReply> {
    const { manager } = this.database;
    return progressOf(manager, await find(manager, id), caller);
  }

  async check({ id }: FindCampaign, caller: Caller): Promise<Consolidation> {
    const { manager } = this.database;
    await mayRunWhole(manager, caller, await find(manager, id));
    return obstaclesOf(manager, id);
  }

  consolidate({ id, agencyIds }: ConsolidateCampaign, caller: Caller): Promise<CampaignReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const campaign = await lockCampaign(manager, id);
      const actor = await mayRunWhole(manager, caller, campaign);
      campaign.mustBeOpen();
      const units = await manager.find(CampaignUnit, {
        where: {
          campaignId: id,
          state: 'confirmed',
          ...(agencyIds && { agencyId: In(agencyIds) }),
        },
        order: { agencyId: 'ASC' },
        lock: { mode: 'pessimistic_write' },
      });
      await consolidateLists(manager, campaign, units, { actor, emit });
      return progressOf(manager, campaign, caller);
    });
  }

  close({ id, version }: CloseCampaign, caller: Caller): Promise<CampaignReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const campaign = await lockCampaign(manager, id);
      await mayRunWhole(manager, caller, campaign);
      campaign.close(version, await unfinished(manager, id));
      await manager.save(campaign);
      emit(campaignClosed, id, { campaignId: id, bloc: campaign.bloc });
      return progressOf(manager, campaign, caller);
    });
  }

  async export({ id }: FindCampaign, caller: Caller): Promise<StoredFile> {
    const { manager } = this.database;
    const campaign = await find(manager, id);
    await mayRunWhole(manager, caller, campaign);
    const file = await sheetOf(manager, this.files, campaign);
    const { sha256 } = file;
    await this.database.record(caller, 'signatures.campaigns.exported', id, { sha256 });
    return file;
  }
}

/** Who runs a campaign may manage certificates at each of its agencies, which are of one bloc. */
async function mayRun(manager: EntityManager, caller: Caller, agencyIds: string[]) {
  const places = [];
  for (const agencyId of agencyIds) places.push(await placeOf(manager, agencyId));
  const [{ bloc }] = places as [(typeof places)[number]];
  if (places.some((place) => place.bloc !== bloc)) {
    const detail = { vi: 'chỉ gồm cơ quan của một khối', en: 'must be agencies of one bloc' };
    throw new Invalid([{ pointer: '/agencyIds', detail }]);
  }
  const [actor] = places.map((place) => caller.acting(permission, place));
  return { actor: actor!, bloc };
}

async function mayRunWhole(manager: EntityManager, caller: Caller, { id }: Campaign) {
  const units = await manager.findBy(CampaignUnit, { campaignId: id });
  const agencyIds = units.map(({ agencyId }) => agencyId);
  return (await mayRun(manager, caller, agencyIds)).actor;
}

async function find(manager: EntityManager, id: string): Promise<Campaign> {
  const campaign = await manager.findOneBy(Campaign, { id });
  if (!campaign) throw noCampaign();
  return campaign;
}

async function lockCampaign(manager: EntityManager, id: string): Promise<Campaign> {
  const lock = { mode: 'pessimistic_write' } as const;
  const campaign = await manager.findOne(Campaign, { where: { id }, lock });
  if (!campaign) throw noCampaign();
  return campaign;
}

async function unfinished(manager: EntityManager, campaignId: string) {
  const [counted] = await manager.query<{ lists: number; lines: number }[]>(
    `select (select count(*)::int from campaign_unit
         where campaign_id = $1 and state <> 'consolidated') as lists,
       (select count(*)::int from gap_line_state
         where campaign_id = $1 and phase not in ('delivered', 'rejected', 'removed')) as lines`,
    [campaignId],
  );
  return counted!;
}
