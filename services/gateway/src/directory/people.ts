import { randomUUID } from 'node:crypto';
import {
  absenceChanged,
  AbsenceVersion,
  type AssignPost,
  assignmentChanged,
  AssignmentVersion,
  type Caller,
  Changed,
  type ChangePerson,
  type ChangePost,
  type CreatePost,
  cursorOf,
  type EndAssignment,
  type FindById,
  type Holders,
  keyOf,
  type ListPeople,
  type ListPosts,
  NotFound,
  people,
  type Person,
  type PersonDetails,
  type PersonPage,
  PersonVersion,
  type Post,
  type PostPage,
  type RecordAbsence,
  type RegisterPerson,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf, keep, present } from '@eoffice/platform/keep';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { fold } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';
import { lockAbsence, mustStandIn } from './absences.js';
import {
  homeOf,
  lockManaged,
  lockPerson,
  lockPost,
  mustLast,
  noPerson,
  noPost,
  postColumns,
  rewritePost,
  visible,
  writeAssignment,
  writePerson,
  writePost,
} from './holding.js';
import { findVersion, noOrganisation } from './organisation-versions.js';
import { blocsSeenBy, mustManage, mustReach } from './tenancy.js';

const byName = `given_name(p.full_name) collate "vi-x-icu", other_names(p.full_name) collate "vi-x-icu"`;

/** Serves posts, people, who holds what, and who stands in for whom. */
@Serves(people)
export class People {
  constructor(private readonly database: Database) {}

  register(input: RegisterPerson, caller: Caller): Promise<Person> {
    return this.database.transaction(caller, async (manager, emit) => {
      const home = homeOf(caller);
      caller.acting('directory.manage', home);
      const anywhere = blocsSeenBy(caller).length > 1;
      const person = { personId: randomUUID(), ...input, active: true };
      return writePerson(manager, emit, person, anywhere ? {} : { bloc: home.bloc });
    });
  }

  change({ id, version, ...known }: ChangePerson, caller: Caller): Promise<Person> {
    return this.database.transaction(caller, async (manager, emit) => {
      const before = await lockManaged(manager, id, caller);
      if (before.version !== version) throw new Changed();
      return writePerson(manager, emit, { personId: id, ...known }, { version: version + 1 });
    });
  }

  async find({ id }: FindById, caller: Caller): Promise<PersonDetails> {
    const [person] = await this.database.query<Person>(
      `select ${columnsOf(PersonVersion, 'p')}, p.version from person p
       where p.person_id = $1 and ${visible('$2', '$3::boolean')}`,
      [id, blocsSeenBy(caller), caller.may('directory.manage')],
    );
    if (!person) throw noPerson();
    const [assignments, absences] = await Promise.all([
      this.database.query<AssignmentVersion>(
        `select ${columnsOf(AssignmentVersion, 'a')} from assignment a join post t using (post_id)
         where a.person_id = $1 and t.bloc = any ($2)
         order by a.valid_from desc, a.assignment_id limit 200`,
        [id, blocsSeenBy(caller)],
      ),
      this.database.query<AbsenceVersion>(
        `select ${columnsOf(AbsenceVersion)} from absence
         where person_id = $1 or substitute_id = $1 order by valid_from desc, absence_id limit 200`,
        [id],
      ),
    ]);
    return { ...person, assignments, absences };
  }

  /** By given name; the key of a page is a name, so that people who come or go move nobody. */
  async list({ limit = 50, after, q, agencyId }: ListPeople, caller: Caller): Promise<PersonPage> {
    const [name = null, id = null] = keyOf(after) ?? [];
    const items = await this.database.query<Person>(
      `select ${columnsOf(PersonVersion, 'p')}, p.version from person p
       where ($1::text is null or fold(p.full_name) like '%' || $1 || '%')
         and ($2::uuid is null or exists (select from assignment a where a.person_id = p.person_id
           and a.agency_id = $2 and a.valid_from <= $3 and (a.valid_to is null or a.valid_to >= $3)))
         and ${visible('$4', '$5::boolean')}
         and ($6::text is null or (${byName}, p.person_id) > (given_name($6), other_names($6), $7::uuid))
       order by ${byName}, p.person_id limit $8`,
      [
        q ? fold(q).replace(/[%_\\]/g, '\\$&') : null,
        agencyId ?? null,
        localDay(),
        blocsSeenBy(caller),
        caller.may('directory.manage'),
        name,
        id,
        limit,
      ],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.fullName, last.personId) };
  }

  createPost(input: CreatePost, caller: Caller): Promise<Post> {
    return this.database.transaction(caller, async (manager, emit) => {
      const unit = await findVersion(manager, input.unitId, input.validFrom);
      if (!unit) throw noOrganisation();
      const place = { id: unit.agencyId, bloc: unit.bloc };
      mustManage(caller, place);
      mustReach(caller, { ...input, bloc: unit.bloc });
      return writePost(manager, emit, input, place);
    });
  }

  changePost({ id, version, ...facts }: ChangePost, caller: Caller): Promise<Post> {
    return this.database.transaction(caller, async (manager, emit) => {
      const before = await lockPost(manager, id, caller);
      if (before.version !== version) throw new Changed();
      mustReach(caller, before);
      mustReach(caller, { ...facts, bloc: before.bloc });
      return rewritePost(manager, emit, before, facts);
    });
  }

  async findPost({ id }: FindById, caller: Caller): Promise<Post> {
    const [post] = await this.database.query<Post>(
      `select ${postColumns} from post t left join post_grant g using (post_id)
       where t.post_id = $1 and t.bloc = any ($2)`,
      [id, blocsSeenBy(caller)],
    );
    if (!post) throw noPost();
    return post;
  }

  async posts(input: ListPosts, caller: Caller): Promise<PostPage> {
    const { limit = 50, after, unitId, on = localDay() } = input;
    const [title = null, id = null] = keyOf(after) ?? [];
    const items = await this.database.query<Post>(
      `select ${postColumns} from post t left join post_grant g using (post_id)
       where t.bloc = any ($1) and ($2::uuid is null or t.unit_id = $2 or t.agency_id = $2)
         and t.valid_from <= $3 and (t.valid_to is null or t.valid_to >= $3)
         and ($4::text is null or (t.title collate "vi-x-icu", t.post_id) > ($4, $5::uuid))
       order by t.title collate "vi-x-icu", t.post_id limit $6`,
      [blocsSeenBy(caller), unitId ?? null, on, title, id, limit],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.title, last.postId) };
  }

  async holders({ id }: FindById, caller: Caller): Promise<Holders> {
    const items = await this.database.query<Holders['items'][number]>(
      `select a.assignment_id as "assignmentId", t.post_id as "postId", p.person_id as "personId",
         p.full_name as "fullName", t.title, t.unit_id as "unitId", t.leads, t.signs
       from post t join assignment a using (post_id) join person p on p.person_id = a.person_id
       where (t.agency_id = $1 or t.unit_id = $1) and t.bloc = any ($2) and p.active
         and t.valid_from <= $3 and (t.valid_to is null or t.valid_to >= $3)
         and a.valid_from <= $3 and (a.valid_to is null or a.valid_to >= $3)
       order by t.signs desc, t.leads desc, t.title collate "vi-x-icu", ${byName} limit 1000`,
      [id, blocsSeenBy(caller), localDay()],
    );
    return { items };
  }

  assign(input: AssignPost, caller: Caller): Promise<AssignmentVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      const post = await lockPost(manager, input.postId, caller);
      mustReach(caller, post);
      await lockPerson(manager, input.personId, caller);
      return writeAssignment(manager, emit, input, post);
    });
  }

  endAssignment({ id, validTo }: EndAssignment, caller: Caller): Promise<AssignmentVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      const held = await lockAssignment(manager, id);
      await lockPost(manager, held.postId, caller);
      mustLast(held.validFrom, validTo);
      const ended = { ...held, validTo };
      await keep(manager, 'assignment', ['assignmentId'], AssignmentVersion, ended);
      emit(assignmentChanged, id, ended);
      return ended;
    });
  }

  recordAbsence(input: RecordAbsence, caller: Caller): Promise<AbsenceVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      mustLast(input.validFrom, input.validTo);
      await lockManaged(manager, input.personId, caller);
      await lockPerson(manager, input.substituteId, caller);
      await mustStandIn(manager, input);
      const absence = { absenceId: randomUUID(), ...input, cancelled: false };
      await keep(manager, 'absence', ['absenceId'], AbsenceVersion, absence);
      emit(absenceChanged, absence.absenceId, absence);
      return absence;
    });
  }

  cancelAbsence({ id }: FindById, caller: Caller): Promise<AbsenceVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      const absence = await lockAbsence(manager, id);
      await lockManaged(manager, absence.personId, caller);
      const off = { ...absence, cancelled: true };
      await keep(manager, 'absence', ['absenceId'], AbsenceVersion, off);
      emit(absenceChanged, id, off);
      return off;
    });
  }
}

async function lockAssignment(manager: EntityManager, id: string): Promise<AssignmentVersion> {
  const [held] = await manager.query<AssignmentVersion[]>(
    `select ${columnsOf(AssignmentVersion)} from assignment where assignment_id = $1 for update`,
    [id],
  );
  if (held) return present(held);
  throw new NotFound({
    vi: 'Không có việc giữ chức vụ này',
    en: 'There is no such holding of a post',
  });
}
