import { randomUUID } from 'node:crypto';
import {
  type Bloc,
  type ChangeOrganisation,
  Invalid,
  NotAhead,
  NotFound,
  type Organisation,
  organisationChanged,
  type OrganisationFacts,
  OrganisationOverlap,
  OrganisationVersion,
  type RegisterOrganisation,
  WrongParent,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { columnsOf, keep, present } from '@eoffice/platform/keep';
import { addDays, localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { faultOfIdentifier } from './agency-identifier.js';

// What is true of an organisation lies in versions with a first and a last day, never two on one day.
// Functions here are used one by one and by imports; who may is asked before they are called.

const key = ['organisationId', 'validFrom'];
const columns = `${columnsOf(OrganisationVersion, 'v')}, o.version`;
const from = 'from organisation_version v join organisation o on o.id = v.organisation_id';

/** The condition that a version `v` holds on a day. */
export const valid = (day: string) =>
  `v.valid_from <= ${day} and (v.valid_to is null or v.valid_to >= ${day})`;

/** What is true of an organisation on a day, or undefined outside the blocs. */
export async function findVersion(
  manager: EntityManager,
  id: string,
  on: string,
  blocs: string[] = ['government', 'party'],
): Promise<Organisation | undefined> {
  const [found] = await manager.query<Organisation[]>(
    `select ${columns} ${from}
     where v.organisation_id = $1 and v.bloc = any ($3) and ${valid('$2::date')}`,
    [id, on, blocs],
  );
  return found && present(found);
}

/** The last version of an organisation; locks it until the transaction ends. Throws NotFound. */
export async function lockLatest(manager: EntityManager, id: string): Promise<Organisation> {
  await manager.query('select from organisation where id = $1 for update', [id]);
  const [latest] = await manager.query<Organisation[]>(
    `select ${columns} ${from} where v.organisation_id = $1 order by v.valid_from desc limit 1`,
    [id],
  );
  if (!latest) throw noOrganisation();
  return present(latest);
}

/** The organisation that import files know by a code, or undefined. */
export async function idOfCode(manager: EntityManager, code: string): Promise<string | undefined> {
  const [found] = await manager.query<{ id: string }[]>(
    'select id from organisation where code = $1',
    [code],
  );
  return found?.id;
}

/** Registers an organisation, under a code that nobody has, and its first version. */
export async function registerOrganisation(
  manager: EntityManager,
  emit: Emit,
  { bloc, code, ...facts }: RegisterOrganisation,
  parent: Organisation | undefined,
): Promise<Organisation> {
  const id = randomUUID();
  await manager.query('insert into organisation (id, bloc, code) values ($1, $2, $3)', [
    id,
    bloc,
    code ?? null,
  ]);
  const version = versionOf(id, bloc, facts, parent);
  await write(manager, emit, version);
  return { ...version, version: 1 };
}

/** Ends what was true the day before and writes what is true from then on. */
export async function changeOrganisation(
  manager: EntityManager,
  emit: Emit,
  before: Organisation,
  facts: Omit<ChangeOrganisation, 'id' | 'version'>,
): Promise<Organisation> {
  const id = before.organisationId;
  if (facts.validFrom <= before.validFrom) throw new OrganisationOverlap();
  const { parentId, validFrom } = facts;
  const parent = parentId && (await findVersion(manager, parentId, validFrom, [before.bloc]));
  if (parent) await refuseCycle(manager, id, parent, validFrom);
  const next = versionOf(id, before.bloc, facts, parent || undefined);
  if (next.agencyId !== before.agencyId) throw otherAgency();
  if (!before.validTo || before.validTo >= facts.validFrom) {
    await write(manager, emit, { ...before, validTo: addDays(facts.validFrom, -1) });
  }
  await write(manager, emit, next);
  await manager.query(
    'update organisation_version set before_valid_to = $3 where organisation_id = $1 and valid_from = $2',
    [id, next.validFrom, before.validTo ?? null],
  );
  return { ...next, version: await counted(manager, id) };
}

/** Takes back a change before its first day: the version before it lasts as long as it did. */
export async function cancelChange(
  manager: EntityManager,
  emit: Emit,
  latest: Organisation,
  validFrom: string,
): Promise<Organisation> {
  const id = latest.organisationId;
  if (latest.validFrom !== validFrom || validFrom <= localDay()) throw new NotAhead();
  const [before] = await manager.query<OrganisationVersion[]>(
    `select ${columnsOf(OrganisationVersion, 'v')} from organisation_version v
     where v.organisation_id = $1 and v.valid_from < $2 order by v.valid_from desc limit 1`,
    [id, validFrom],
  );
  if (!before) throw new NotAhead();
  const [[gone]] = await manager.query<[{ lasted: string | null }[], number]>(
    `delete from organisation_version where organisation_id = $1 and valid_from = $2
     returning before_valid_to as lasted`,
    [id, validFrom],
  );
  const { version: _, ...called } = latest;
  emit(organisationChanged, id, { ...called, cancelled: true });
  const restored = present({ ...before, validTo: gone?.lasted ?? undefined });
  await write(manager, emit, restored);
  return { ...restored, version: await counted(manager, id) };
}

/** Ends an organisation on its last day; units without a seal of their own do not outlive it. */
export async function endOrganisation(
  manager: EntityManager,
  emit: Emit,
  latest: Organisation,
  validTo: string,
): Promise<Organisation> {
  if (validTo < latest.validFrom) throw wrongDays();
  const units = latest.agency ? await unitsAfter(manager, latest.organisationId, validTo) : [];
  for (const unit of units) {
    if (unit.validFrom > validTo) throw laterUnit(unit);
    await write(manager, emit, { ...unit, validTo });
    await counted(manager, unit.organisationId);
  }
  return setEnd(manager, emit, latest, validTo);
}

/** Lets an organisation go on whose last day is not over. */
export async function cancelEnd(
  manager: EntityManager,
  emit: Emit,
  latest: Organisation,
): Promise<Organisation> {
  if (!latest.validTo || latest.validTo < localDay()) throw new NotAhead();
  return setEnd(manager, emit, latest);
}

async function setEnd(
  manager: EntityManager,
  emit: Emit,
  { validTo: _, ...latest }: Organisation,
  validTo?: string,
) {
  const ended = { ...latest, ...(validTo ? { validTo } : {}) };
  await write(manager, emit, ended);
  return { ...ended, version: await counted(manager, latest.organisationId) };
}

function unitsAfter(manager: EntityManager, agencyId: string, day: string) {
  return manager
    .query<OrganisationVersion[]>(
      `select ${columnsOf(OrganisationVersion, 'v')} from organisation_version v
       where v.agency_id = $1 and v.organisation_id <> $1 and (v.valid_to is null or v.valid_to > $2)
       order by v.valid_from`,
      [agencyId, day],
    )
    .then((rows) => rows.map(present));
}

function versionOf(
  organisationId: string,
  bloc: Bloc,
  facts: OrganisationFacts,
  parent: OrganisationVersion | undefined,
): OrganisationVersion {
  if (facts.validTo && facts.validTo < facts.validFrom) throw wrongDays();
  const detail = facts.identifier ? faultOfIdentifier(facts.identifier) : undefined;
  if (detail) throw new Invalid([{ pointer: '/identifier', detail }]);
  if (facts.parentId && !parent) throw noParent();
  if (!parent && !facts.agency) throw noAgency();
  const agencyId = facts.agency ? organisationId : parent!.agencyId;
  return { ...facts, organisationId, bloc, agencyId };
}

async function refuseCycle(
  manager: EntityManager,
  id: string,
  parent: OrganisationVersion,
  on: string,
) {
  const above = await manager.query<{ id: string }[]>(
    `with recursive above as (
       select $1::uuid as id
       union
       select v.parent_id from organisation_version v join above on v.organisation_id = above.id
       where v.parent_id is not null and ${valid('$2::date')})
     select id from above where id = $3`,
    [parent.organisationId, on, id],
  );
  if (above.length === 0) return;
  throw new WrongParent({
    vi: 'Cơ quan không thể thuộc chính nó hoặc thuộc cấp dưới của nó',
    en: 'An organisation cannot belong to itself or to what is below it',
  });
}

async function write(manager: EntityManager, emit: Emit, version: OrganisationVersion) {
  await keep(manager, 'organisation_version', key, OrganisationVersion, version);
  const { version: _, ...fact } = version as Organisation;
  emit(organisationChanged, version.organisationId, fact);
}

/** Counts a change, so that whoever read it before has to read it again. */
async function counted(manager: EntityManager, id: string): Promise<number> {
  const [[row]] = await manager.query<[{ version: number }[], number]>(
    'update organisation set version = version + 1 where id = $1 returning version',
    [id],
  );
  return row!.version;
}

/** There is no such organisation, or not for this caller. */
export const noOrganisation = () =>
  new NotFound({ vi: 'Không có cơ quan này', en: 'There is no such organisation' });
const noParent = () =>
  new WrongParent({
    vi: 'Cơ quan cấp trên không tồn tại vào ngày đó trong cùng khối',
    en: 'There is no such parent in the same bloc on that day',
  });
const noAgency = () =>
  new WrongParent({
    vi: 'Đơn vị không có con dấu riêng phải thuộc một cơ quan',
    en: 'A unit without a seal of its own must belong to an agency',
  });
const otherAgency = () =>
  new WrongParent({
    vi: 'Đơn vị sang cơ quan khác, hoặc có con dấu riêng, là đơn vị mới: hãy kết thúc đơn vị cũ và ghi kế thừa',
    en: 'A unit of another agency, or with a seal of its own, is a new one: end this one and record the succession',
  });
const laterUnit = ({ name, validFrom }: OrganisationVersion) =>
  new OrganisationOverlap({
    vi: `Đơn vị “${name}” thay đổi từ ${validFrom}, sau ngày kết thúc`,
    en: `The unit "${name}" changes on ${validFrom}, after the last day`,
  });
const wrongDays = () =>
  new Invalid([
    {
      pointer: '/validTo',
      detail: { vi: 'phải sau ngày bắt đầu', en: 'must not come before the first day' },
    },
  ]);
