import { randomUUID } from 'node:crypto';
import {
  type Caller,
  type ChangeOrganisation,
  CodeTaken,
  cursorOf,
  type EndOrganisation,
  type FindOrganisation,
  Invalid,
  keyOf,
  type ListOrganisations,
  NotFound,
  organisationChanged,
  type OrganisationFacts,
  type OrganisationHistory,
  OrganisationOverlap,
  type OrganisationPage,
  organisations,
  OrganisationVersion,
  type RecordSuccession,
  type RegisterOrganisation,
  Succession,
  successionRecorded,
  type Successors,
  type SuccessorsInput,
  WrongParent,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import { columnsOf, keep } from '@eoffice/platform/keep';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { fold } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';
import { faultOfIdentifier } from './agency-identifier.js';
import { successorsOf } from './succession.js';
import { blocsSeenBy } from './tenancy.js';

const permission = 'directory.manage';
const columns = columnsOf(OrganisationVersion, 'v');
const valid = (day: string) =>
  `v.valid_from <= ${day} and (v.valid_to is null or v.valid_to >= ${day})`;

/** Serves organisations with their versions in time and the graph of their succession. */
@Serves(organisations)
export class Organisations {
  constructor(private readonly database: Database) {}

  register(input: RegisterOrganisation, caller: Caller): Promise<OrganisationVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, { id: input.parentId ?? '', bloc: input.bloc });
      return registerOrganisation(manager, emit, input);
    });
  }

  change(input: ChangeOrganisation, caller: Caller): Promise<OrganisationVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      const { agencyId, bloc } = await lockLatest(manager, input.id);
      caller.acting(permission, { id: agencyId, bloc });
      return changeOrganisation(manager, emit, input);
    });
  }

  end({ id, validTo }: EndOrganisation, caller: Caller): Promise<OrganisationVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      const before = await lockLatest(manager, id);
      caller.acting(permission, { id: before.agencyId, bloc: before.bloc });
      if (validTo < before.validFrom) throw wrongDays();
      const ended = { ...before, validTo };
      await write(manager, emit, ended);
      return ended;
    });
  }

  async list(input: ListOrganisations, caller: Caller): Promise<OrganisationPage> {
    const { limit = 50, after, on = localDay(), q, parentId, kind, bloc } = input;
    const [name = null, id = null] = keyOf(after) ?? [];
    const items = await this.database.query<OrganisationVersion>(
      `select ${columns} from organisation_version v
       where ${valid('$1')} and v.bloc = any ($2)
         and ($3::text is null or fold(v.name) like '%' || $3 || '%')
         and ($4::uuid is null or v.parent_id = $4) and ($5::text is null or v.kind = $5)
         and ($6::text is null or v.bloc = $6)
         and ($7::text is null or (v.name collate "vi-x-icu", v.organisation_id) > ($7, $8::uuid))
       order by v.name collate "vi-x-icu", v.organisation_id limit $9`,
      [
        on,
        blocsSeenBy(caller),
        q ? fold(q).replace(/[%_\\]/g, '\\$&') : null,
        parentId ?? null,
        kind ?? null,
        bloc ?? null,
        name,
        id,
        limit,
      ],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.name, last.organisationId) };
  }

  async find({ id, on = localDay() }: FindOrganisation, caller: Caller) {
    const found = await findVersion(this.database.manager, id, on, blocsSeenBy(caller));
    if (!found) throw noOrganisation();
    return found;
  }

  async history({ id }: FindOrganisation, caller: Caller): Promise<OrganisationHistory> {
    const [versions, successions] = await Promise.all([
      this.database.query<OrganisationVersion>(
        `select ${columns} from organisation_version v
         where v.organisation_id = $1 and v.bloc = any ($2) order by v.valid_from`,
        [id, blocsSeenBy(caller)],
      ),
      this.database.query<Succession>(
        `select ${columnsOf(Succession)} from succession
         where from_id = $1 or to_id = $1 order by effective_on`,
        [id],
      ),
    ]);
    if (versions.length === 0) throw noOrganisation();
    return { organisationId: id, versions, successions };
  }

  succeed(input: RecordSuccession, caller: Caller): Promise<Succession> {
    return this.database.transaction(caller, async (manager, emit) => {
      const from = await lockLatest(manager, input.fromId);
      caller.acting(permission, { id: from.agencyId, bloc: from.bloc });
      return recordSuccession(manager, emit, input, from.bloc);
    });
  }

  async successors({ id, on = localDay() }: SuccessorsInput, caller: Caller): Promise<Successors> {
    await this.history({ id }, caller);
    return successorsOf(this.database.manager, id, on);
  }
}

/** Registers an organisation and its first version; used one by one and by imports. */
export async function registerOrganisation(
  manager: EntityManager,
  emit: Emit,
  { bloc, code, ...facts }: RegisterOrganisation,
): Promise<OrganisationVersion> {
  if (code) {
    const taken = await manager.query<unknown[]>('select 1 from organisation where code = $1', [
      code,
    ]);
    if (taken.length > 0) throw new CodeTaken();
  }
  const id = randomUUID();
  await manager.query('insert into organisation (id, bloc, code) values ($1, $2, $3)', [
    id,
    bloc,
    code ?? null,
  ]);
  const version = await versionOf(manager, id, bloc, facts);
  await write(manager, emit, version);
  return version;
}

/** Ends what was true the day before and writes what is true from then on. */
export async function changeOrganisation(
  manager: EntityManager,
  emit: Emit,
  { id, ...facts }: ChangeOrganisation,
): Promise<OrganisationVersion> {
  const before = await lockLatest(manager, id);
  if (facts.validFrom <= before.validFrom) throw new OrganisationOverlap();
  if (!before.validTo || before.validTo >= facts.validFrom) {
    await write(manager, emit, { ...before, validTo: addDays(facts.validFrom, -1) });
  }
  const version = await versionOf(manager, id, before.bloc, facts);
  await write(manager, emit, version);
  return version;
}

/** Records one edge of the graph; both ends must exist and belong to one bloc. */
export async function recordSuccession(
  manager: EntityManager,
  emit: Emit,
  input: RecordSuccession,
  bloc: string,
): Promise<Succession> {
  if (input.toId) {
    const to = await lockLatest(manager, input.toId);
    if (to.bloc !== bloc || input.toId === input.fromId) throw new WrongParent();
  }
  const succession = { successionId: randomUUID(), ...input };
  await keep(manager, 'succession', ['successionId'], Succession, succession);
  emit(successionRecorded, input.fromId, succession);
  return succession;
}

async function versionOf(
  manager: EntityManager,
  organisationId: string,
  bloc: 'government' | 'party',
  facts: OrganisationFacts,
): Promise<OrganisationVersion> {
  if (facts.validTo && facts.validTo < facts.validFrom) throw wrongDays();
  if (facts.identifier) {
    const detail = faultOfIdentifier(facts.identifier);
    if (detail) throw new Invalid([{ pointer: '/identifier', detail }]);
  }
  const parent = facts.parentId
    ? await findVersion(manager, facts.parentId, facts.validFrom, [bloc])
    : undefined;
  if (facts.parentId && !parent) {
    throw new WrongParent({
      vi: 'Cơ quan cấp trên không tồn tại vào ngày đó trong cùng khối',
      en: 'There is no such parent in the same bloc on that day',
    });
  }
  if (parent) await refuseCycle(manager, organisationId, parent, facts.validFrom);
  if (!parent && !facts.agency) {
    throw new WrongParent({
      vi: 'Đơn vị không có con dấu riêng phải thuộc một cơ quan',
      en: 'A unit without a seal of its own must belong to an agency',
    });
  }
  return {
    ...facts,
    organisationId,
    bloc,
    agencyId: facts.agency ? organisationId : parent!.agencyId,
  };
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
  const key = ['organisationId', 'validFrom'];
  await keep(manager, 'organisation_version', key, OrganisationVersion, version);
  emit(organisationChanged, version.organisationId, version);
}

/** What is true of an organisation on a day, or undefined outside the blocs. */
export async function findVersion(
  manager: EntityManager,
  id: string,
  on: string,
  blocs: string[] = ['government', 'party'],
): Promise<OrganisationVersion | undefined> {
  const [found] = await manager.query<OrganisationVersion[]>(
    `select ${columns} from organisation_version v
     where v.organisation_id = $1 and v.bloc = any ($3) and ${valid('$2::date')}`,
    [id, on, blocs],
  );
  return found && clean(found);
}

async function lockLatest(manager: EntityManager, id: string): Promise<OrganisationVersion> {
  await manager.query('select from organisation where id = $1 for update', [id]);
  const [latest] = await manager.query<OrganisationVersion[]>(
    `select ${columns} from organisation_version v where v.organisation_id = $1
     order by v.valid_from desc limit 1`,
    [id],
  );
  if (!latest) throw noOrganisation();
  return clean(latest);
}

/** A row without the columns that say nothing: events leave absent what is absent. */
function clean<T extends object>(row: T): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T;
}

const noOrganisation = () =>
  new NotFound({ vi: 'Không có cơ quan này', en: 'There is no such organisation' });
const wrongDays = () =>
  new Invalid([
    {
      pointer: '/validTo',
      detail: { vi: 'phải sau ngày bắt đầu', en: 'must not come before the first day' },
    },
  ]);
