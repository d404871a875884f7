import {
  type AddGapLine,
  type Caller,
  type ConfirmGapList,
  Conflict,
  type EditGapLine,
  type ExportGapList,
  type FindGapList,
  type GapList,
  gapListConfirmed,
  gapListReturned,
  gapLists,
  NotFound,
  type RemoveGapLine,
  type ReturnGapList,
  type StoredFile,
} from '@eoffice/contracts';
import { Database, type Emit, type Record } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { Serves } from '@eoffice/platform/serves';
import { type EntityManager, IsNull } from 'typeorm';
import { mustHold } from '../certificates/holder.js';
import { placeOf } from '../directory/known-organisations.js';
import { keepPrint } from '../printing/keep-print.js';
import { formErrors, formsToday } from '../requests/forms.js';
import { OfficialAddresses } from '../requests/official-addresses.js';
import { CampaignUnit } from './campaign-unit.js';
import { GapLine } from './gap-line.js';
import { printedList } from './list-print.js';
import { shownList } from './shown-list.js';

const prepare = 'signatures.prepare';
const maxLines = 1_000;

/** Lets an agency correct and confirm what a campaign says it lacks. */
@Serves(gapLists)
export class GapLists {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
    private readonly addresses: OfficialAddresses,
  ) {}

  async show(input: FindGapList, caller: Caller): Promise<GapList> {
    const { manager } = this.database;
    return shownList(manager, await readable(manager, input, caller));
  }

  addLine(input: AddGapLine, caller: Caller): Promise<GapList> {
    return this.change(prepare, input, caller, async (manager, unit, { record }) => {
      unit.mustBe('open');
      const { id, agencyId, reason, ...line } = input;
      await mustHold(manager, agencyId, line);
      const lines = await linesOf(manager, unit);
      const same = (each: GapLine) => each.form === line.form && each.holderId === line.holderId;
      if (line.form !== '03' && lines.some(same)) throw onTheList();
      if (lines.length >= maxLines) throw new Conflict();
      const unitId = await unitOf(manager, agencyId, line.holderId);
      const gap = { ...line, unitId, why: 'added' as const, addedReason: reason };
      const { id: lineId } = await manager.save(GapLine.of(id, agencyId, gap));
      record('signatures.gap-lists.line-added', id, { agencyId, lineId, reason });
    });
  }

  editLine(input: EditGapLine, caller: Caller): Promise<GapList> {
    return this.change(prepare, input, caller, async (manager, unit, { record }) => {
      unit.mustBe('open');
      const { id, agencyId, lineId, fields } = input;
      const line = await lineOf(manager, unit, lineId);
      line.edit(fields);
      await manager.save(line);
      const changed = Object.keys(fields);
      record('signatures.gap-lists.line-edited', id, { agencyId, lineId, changed });
    });
  }

  removeLine(input: RemoveGapLine, caller: Caller): Promise<GapList> {
    return this.change(prepare, input, caller, async (manager, unit, { record }) => {
      unit.mustBe('open');
      const { id, agencyId, lineId, reason } = input;
      const line = await lineOf(manager, unit, lineId);
      line.remove(reason);
      await manager.save(line);
      record('signatures.gap-lists.line-removed', id, { agencyId, lineId, reason });
    });
  }

  async confirm(input: ConfirmGapList, caller: Caller): Promise<GapList> {
    const { id: campaignId, agencyId } = input;
    // Whoever changes a line meanwhile makes another version, and this one is not confirmed.
    const listed = await linesOf(this.database.manager, { campaignId, agencyId });
    const unofficial = await this.addresses.faultsIn(listed, caller);
    return this.change('signatures.confirm', input, caller, async (manager, unit, { emit }) => {
      const lines = await linesOf(manager, unit);
      const named = lines.map(({ form, fields, named }) => ({ form, fields, named }));
      const faults = [...formErrors(await formsToday(manager), named), ...unofficial].slice(0, 50);
      unit.confirm(input.version, caller.personId, faults);
      emit(gapListConfirmed, campaignId, { campaignId, agencyId });
    });
  }

  giveBack(input: ReturnGapList, caller: Caller): Promise<GapList> {
    return this.change('signatures.manage', input, caller, async (_, unit, { emit }) => {
      unit.giveBack(input.version, input.reason);
      const { id: campaignId, agencyId } = input;
      emit(gapListReturned, campaignId, { campaignId, agencyId });
    });
  }

  async export({ format, ...input }: ExportGapList, caller: Caller): Promise<StoredFile> {
    const { manager } = this.database;
    const unit = await readable(manager, input, caller);
    caller.acting(prepare, await placeOf(manager, input.agencyId));
    const { document, name } = await printedList(manager, unit);
    const file = await keepPrint(this.files, document, format, name);
    const facts = { agencyId: input.agencyId, format, sha256: file.sha256 };
    await this.database.record(caller, 'signatures.gap-lists.exported', input.id, facts);
    return file;
  }

  /** Every change of a list happens under its lock and makes a new version: the head reads that one. */
  private change(
    permission: string,
    { id: campaignId, agencyId }: FindGapList,
    caller: Caller,
    work: (
      manager: EntityManager,
      unit: CampaignUnit,
      journal: { emit: Emit; record: Record },
    ) => Promise<void>,
  ): Promise<GapList> {
    return this.database.transaction(caller, async (manager, emit, record) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const unit = await manager.findOne(CampaignUnit, { where: { campaignId, agencyId }, lock });
      if (!unit) throw noList();
      caller.acting(permission, await placeOf(manager, agencyId));
      const { version } = unit;
      await work(manager, unit, { emit, record });
      await manager.save(unit);
      if (unit.version === version) await nextVersion(manager, unit);
      return shownList(manager, unit);
    });
  }
}

/** For changes of lines only, which leave the row of the list itself as it was. */
async function nextVersion(manager: EntityManager, unit: CampaignUnit) {
  await manager.query(
    `update campaign_unit set version = version + 1 where campaign_id = $1 and agency_id = $2`,
    [unit.campaignId, unit.agencyId],
  );
  unit.version++;
}

async function readable(
  manager: EntityManager,
  { id: campaignId, agencyId }: FindGapList,
  caller: Caller,
) {
  const unit = await manager.findOneBy(CampaignUnit, { campaignId, agencyId });
  if (!unit || !caller.may(prepare, await placeOf(manager, agencyId))) throw noList();
  return unit;
}

type ListKey = Pick<CampaignUnit, 'campaignId' | 'agencyId'>;

function linesOf(manager: EntityManager, { campaignId, agencyId }: ListKey) {
  const where = { campaignId, agencyId, removedReason: IsNull() };
  return manager.find(GapLine, { where, order: { ordinal: 'ASC' } });
}

async function lineOf(manager: EntityManager, { campaignId, agencyId }: CampaignUnit, id: string) {
  const line = await manager.findOneBy(GapLine, { id, campaignId, agencyId });
  if (line) return line;
  throw new NotFound({ vi: 'Không có dòng này', en: 'There is no such line' });
}

/** The unit somebody works in; the agency itself for what is no person. */
async function unitOf(manager: EntityManager, agencyId: string, holderId: string) {
  const [held] = await manager.query<{ unitId: string }[]>(
    `select unit_id as "unitId" from known_assignment where person_id = $1 and agency_id = $2
     order by valid_to is null desc, valid_from desc limit 1`,
    [holderId, agencyId],
  );
  return held?.unitId ?? agencyId;
}

const noList = () => new NotFound({ vi: 'Không có danh sách này', en: 'There is no such list' });
const onTheList = () =>
  new Conflict({
    vi: 'Thuê bao đã có trong danh sách',
    en: 'The subscriber is on the list already',
  });
