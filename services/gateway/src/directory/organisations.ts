import {
  type Caller,
  type CancelChange,
  type CancelEnd,
  Changed,
  type ChangeOrganisation,
  CodeTaken,
  cursorOf,
  type EndOrganisation,
  type FindOrganisation,
  keyOf,
  type ListOrganisations,
  type Organisation,
  type OrganisationHistory,
  type OrganisationPage,
  organisations,
  OrganisationVersion,
  type RecordSuccession,
  type RegisterOrganisation,
  Succession,
  type Successors,
  type SuccessorsInput,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { fold } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';
import {
  cancelChange,
  cancelEnd,
  changeOrganisation,
  endOrganisation,
  findVersion,
  idOfCode,
  lockLatest,
  noOrganisation,
  registerOrganisation,
  valid,
} from './organisation-versions.js';
import { recordSuccession, successorsOf } from './succession.js';
import { blocsSeenBy, mustManage } from './tenancy.js';

const columns = columnsOf(OrganisationVersion, 'v');

/** Serves organisations with their versions in time and the graph of their succession. */
@Serves(organisations)
export class Organisations {
  constructor(private readonly database: Database) {}

  register(input: RegisterOrganisation, caller: Caller): Promise<Organisation> {
    return this.database.transaction(caller, async (manager, emit) => {
      const { parentId, validFrom, bloc } = input;
      const parent = parentId && (await findVersion(manager, parentId, validFrom, [bloc]));
      caller.acting('directory.manage', { id: parent ? parent.agencyId : '', bloc });
      if (input.code && (await idOfCode(manager, input.code))) throw new CodeTaken();
      return registerOrganisation(manager, emit, input, parent || undefined);
    });
  }

  change({ id, version, ...facts }: ChangeOrganisation, caller: Caller): Promise<Organisation> {
    return this.alter(id, version, caller, (manager, emit, latest) =>
      changeOrganisation(manager, emit, latest, facts),
    );
  }

  cancelChange({ id, version, validFrom }: CancelChange, caller: Caller): Promise<Organisation> {
    return this.alter(id, version, caller, (manager, emit, latest) =>
      cancelChange(manager, emit, latest, validFrom),
    );
  }

  end({ id, version, validTo }: EndOrganisation, caller: Caller): Promise<Organisation> {
    return this.alter(id, version, caller, (manager, emit, latest) =>
      endOrganisation(manager, emit, latest, validTo),
    );
  }

  cancelEnd({ id, version }: CancelEnd, caller: Caller): Promise<Organisation> {
    return this.alter(id, version, caller, cancelEnd);
  }

  async list(input: ListOrganisations, caller: Caller): Promise<OrganisationPage> {
    const { limit = 50, after, on = localDay(), q, parentId, kind, bloc } = input;
    const [name = null, id = null] = keyOf(after) ?? [];
    const items = await this.database.query<Organisation>(
      `select ${columns}, o.version
       from organisation_version v join organisation o on o.id = v.organisation_id
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

  async find({ id, on = localDay() }: FindOrganisation, caller: Caller): Promise<Organisation> {
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
    return this.alter(input.fromId, undefined, caller, (manager, emit, { bloc }) =>
      recordSuccession(manager, emit, input, bloc),
    );
  }

  async successors({ id, on = localDay() }: SuccessorsInput, caller: Caller): Promise<Successors> {
    await this.history({ id }, caller);
    return successorsOf(this.database.manager, id, on);
  }

  private alter<T extends object>(
    id: string,
    readVersion: number | undefined,
    caller: Caller,
    work: (manager: EntityManager, emit: Emit, latest: Organisation) => Promise<T>,
  ): Promise<T> {
    return this.database.transaction(caller, async (manager, emit) => {
      const latest = await lockLatest(manager, id);
      mustManage(caller, { id: latest.agencyId, bloc: latest.bloc });
      if (readVersion !== undefined && readVersion !== latest.version) throw new Changed();
      return work(manager, emit, latest);
    });
  }
}
