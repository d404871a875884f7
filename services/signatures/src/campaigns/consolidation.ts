import {
  type Actor,
  campaignConsolidated,
  type Consolidation,
  DuplicateSubscribers,
  FormIncomplete,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { type EntityManager, IsNull } from 'typeorm';
import { nameOn } from '../directory/known-organisations.js';
import { CampaignUnit } from '../gap-lists/campaign-unit.js';
import { GapLine } from '../gap-lists/gap-line.js';
import { askLines, draftRequest, sendRequest } from '../requests/asking.js';
import { faultsOf, type Form, formErrors, formsToday } from '../requests/forms.js';
import type { Campaign } from './campaign.js';

type Duplicates = Consolidation['duplicates'];

/** New certificates: one subscriber asks once. A receiver of devices may be named on many lines. */
const compared: Partial<Record<string, ('personalId' | 'email')[]>> = {
  '01': ['personalId', 'email'],
  '02': ['email'],
};

/** What stands in the way of requests: lists, duplicates over all agencies, forms. */
export async function obstaclesOf(
  manager: EntityManager,
  campaignId: string,
): Promise<Consolidation> {
  const units = await manager.findBy(CampaignUnit, { campaignId, state: 'open' });
  const lines = await openLines(manager, campaignId);
  const forms = await formsToday(manager);
  return {
    unconfirmed: units.map(({ agencyId }) => agencyId),
    duplicates: await duplicatesIn(manager, lines),
    incomplete: lines.flatMap((line) => {
      const missing = faultsOf(forms.get(line.form)!, line.fields).map(({ name }) => name);
      return missing.length > 0 ? [{ agencyId: line.agencyId, lineId: line.id, missing }] : [];
    }),
  };
}

/**
 * Makes a request of the confirmed list of each agency and sends it. Throws DuplicateSubscribers or
 * FormIncomplete, and then nothing was sent: a list with a fault is given back to its agency first.
 */
export async function consolidateLists(
  manager: EntityManager,
  campaign: Campaign,
  units: CampaignUnit[],
  by: { actor: Actor; emit: Emit },
) {
  const all = await openLines(manager, campaign.id);
  const ours = new Map(units.map(({ agencyId }) => [agencyId, [] as GapLine[]]));
  for (const line of all) ours.get(line.agencyId)?.push(line);
  const lines = [...ours.values()].flat();
  mustBeComplete(await formsToday(manager), lines);
  const ids = new Set(lines.map(({ id }) => id));
  const duplicates = await duplicatesIn(manager, all);
  mustBeSingle(duplicates.filter(({ lineIds }) => lineIds.some((id) => ids.has(id))));
  for (const unit of units)
    await consolidate(manager, campaign, unit, ours.get(unit.agencyId)!, by);
}

async function consolidate(
  manager: EntityManager,
  { id: campaignId, bloc }: Campaign,
  unit: CampaignUnit,
  gaps: GapLine[],
  { actor, emit }: { actor: Actor; emit: Emit },
) {
  const { agencyId } = unit;
  let requestId: string | undefined;
  if (gaps.length > 0) {
    const request = await draftRequest(manager, { agencyId, campaignId }, actor);
    const asked = gaps.map(({ certificateId, ...gap }) => ({
      ...gap,
      certificateId: certificateId ?? undefined,
    }));
    const lines = await askLines(manager, request, asked);
    await sendRequest(manager, request, lines, { version: request.version, actor, emit });
    gaps.forEach((gap, index) => (gap.requestLineId = lines[index]!.id));
    await manager.save(gaps);
    requestId = request.id;
  }
  unit.consolidate(requestId ?? null);
  await manager.save(unit);
  emit(campaignConsolidated, campaignId, { campaignId, bloc, agencyId, requestId });
}

/** Lines of a campaign that count, in the order of their lists. */
function openLines(manager: EntityManager, campaignId: string): Promise<GapLine[]> {
  const where = { campaignId, removedReason: IsNull() };
  return manager.find(GapLine, { where, order: { agencyId: 'ASC', ordinal: 'ASC' } });
}

async function duplicatesIn(manager: EntityManager, lines: GapLine[]): Promise<Duplicates> {
  const groups = new Map<string, { by: 'personalId' | 'email'; lines: GapLine[] }>();
  for (const line of lines) {
    for (const by of compared[line.form] ?? []) {
      const value = line.fields[by]?.toLowerCase();
      const key = `${line.form} ${by} ${value}`;
      if (value) groups.set(key, { by, lines: [...(groups.get(key)?.lines ?? []), line] });
    }
  }
  const repeated = [...groups.values()].filter((group) => group.lines.length > 1);
  const names = await namesOf(
    manager,
    repeated.flatMap((group) => group.lines),
  );
  return repeated.map((group) => ({
    by: group.by,
    lineIds: group.lines.map(({ id }) => id),
    who: group.lines.map(({ named, agencyId }) => `${named}, ${names.get(agencyId)}`),
  }));
}

async function namesOf(manager: EntityManager, lines: GapLine[]): Promise<Map<string, string>> {
  const rows = await manager.query<{ id: string; name: string }[]>(
    `select id, ${nameOn('id')} as name from unnest($1::uuid[]) as asked (id)`,
    [[...new Set(lines.map(({ agencyId }) => agencyId))]],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function mustBeComplete(forms: Map<string, Form>, lines: GapLine[]) {
  const named = lines.map(({ form, fields, named }) => ({ form, fields, named }));
  const errors = formErrors(forms, named);
  if (errors.length > 0) throw new FormIncomplete(undefined, errors);
}

function mustBeSingle(duplicates: Duplicates) {
  const [first] = duplicates;
  if (!first) return;
  const who = first.who.join('; ');
  throw new DuplicateSubscribers({
    vi: `Trùng ${first.by === 'email' ? 'thư điện tử' : 'số định danh'}: ${who}`,
    en: `The same ${first.by === 'email' ? 'address' : 'personal id'}: ${who}`,
  });
}
