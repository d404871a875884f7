import { randomUUID } from 'node:crypto';
import {
  absenceChanged,
  AbsenceVersion,
  AlreadyAssigned,
  type AssignPost,
  assignmentChanged,
  AssignmentVersion,
  type Caller,
  type ChangePerson,
  type CreatePost,
  cursorOf,
  EmailTaken,
  type EndAssignment,
  type FindById,
  type Holders,
  Invalid,
  keyOf,
  type ListPeople,
  type ListPosts,
  NotFound,
  people,
  personChanged,
  type PersonPage,
  PersonVersion,
  postChanged,
  type PostPage,
  PostVersion,
  type RecordAbsence,
  type RegisterPerson,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import { columnsOf, keep } from '@eoffice/platform/keep';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { comparePeople, fold } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';
import { findVersion } from './organisations.js';
import { mustReachPerson, mustReachPost } from './reach.js';
import { blocsSeenBy } from './tenancy.js';

const permission = 'directory.manage';
const everything = { id: '', bloc: 'government' } as const;

/** Serves posts, people, who holds what, and who stands in for whom. */
@Serves(people)
export class People {
  constructor(private readonly database: Database) {}

  register(input: RegisterPerson, caller: Caller): Promise<PersonVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, placeOfWork(caller));
      return writePerson(manager, emit, { personId: randomUUID(), ...input, active: true });
    });
  }

  change({ id, ...known }: ChangePerson, caller: Caller): Promise<PersonVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, placeOfWork(caller));
      await lockRow(manager, 'person', id);
      return writePerson(manager, emit, { personId: id, ...known });
    });
  }

  async list({ limit = 50, after, q, agencyId }: ListPeople, caller: Caller): Promise<PersonPage> {
    const [offset = 0] = keyOf(after) ?? [];
    const found = await this.database.query<PersonVersion>(
      `select ${columnsOf(PersonVersion, 'p')} from person p
       where ($1::text is null or fold(p.full_name) like '%' || $1 || '%')
         and ($2::uuid is null or exists (select from assignment a where a.person_id = p.person_id
           and a.agency_id = $2 and a.valid_from <= $3 and (a.valid_to is null or a.valid_to >= $3)))
         and ($4 or exists (select from assignment a join post t using (post_id)
           where a.person_id = p.person_id and t.bloc = any ($5)))
       limit 20000`,
      [
        q ? fold(q).replace(/[%_\\]/g, '\\$&') : null,
        agencyId ?? null,
        localDay(),
        caller.may(permission),
        blocsSeenBy(caller),
      ],
    );
    found.sort(
      (a, b) => comparePeople(a.fullName, b.fullName) || (a.personId < b.personId ? -1 : 1),
    );
    const end = Number(offset) + limit;
    return {
      items: found.slice(Number(offset), end),
      next: end < found.length ? cursorOf(end) : undefined,
    };
  }

  createPost(input: CreatePost, caller: Caller): Promise<PostVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      const unit = await findVersion(manager, input.unitId, input.validFrom);
      if (!unit) throw missing('cơ quan', 'organisation');
      caller.acting(permission, { id: unit.agencyId, bloc: unit.bloc, reach: input.reach });
      return writePost(manager, emit, input, unit.agencyId, unit.bloc);
    });
  }

  async posts({ limit = 50, after, unitId, on = localDay() }: ListPosts, caller: Caller) {
    const [title = null, id = null] = keyOf(after) ?? [];
    const items = await this.database.query<PostVersion>(
      `select ${columnsOf(PostVersion)} from post
       where bloc = any ($1) and ($2::uuid is null or unit_id = $2 or agency_id = $2)
         and valid_from <= $3 and (valid_to is null or valid_to >= $3)
         and ($4::text is null or (title, post_id) > ($4, $5::uuid))
       order by title, post_id limit $6`,
      [blocsSeenBy(caller), unitId ?? null, on, title, id, limit],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.title, last.postId) } as PostPage;
  }

  async holders({ id }: FindById, caller: Caller): Promise<Holders> {
    const items = await this.database.query<Holders['items'][number]>(
      `select p.post_id as "postId", n.person_id as "personId", n.full_name as "fullName", p.title,
         p.unit_id as "unitId", p.leads, p.signs
       from post p join assignment a using (post_id) join person n on n.person_id = a.person_id
       where (p.agency_id = $1 or p.unit_id = $1) and p.bloc = any ($2) and n.active
         and p.valid_from <= $3 and (p.valid_to is null or p.valid_to >= $3)
         and a.valid_from <= $3 and (a.valid_to is null or a.valid_to >= $3)
       order by p.signs desc, p.leads desc, p.title, n.full_name limit 1000`,
      [id, blocsSeenBy(caller), localDay()],
    );
    return { items };
  }

  assign(input: AssignPost, caller: Caller): Promise<AssignmentVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      const post = await findPost(manager, input.postId);
      await mustReachPost(manager, caller, permission, post.postId);
      await lockRow(manager, 'person', input.personId);
      return writeAssignment(manager, emit, input, post);
    });
  }

  endAssignment({ id, validTo }: EndAssignment, caller: Caller): Promise<AssignmentVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      const held = await lockRow<AssignmentVersion>(manager, 'assignment', id, AssignmentVersion);
      const post = await findPost(manager, held.postId);
      caller.acting(permission, { id: post.agencyId, bloc: post.bloc });
      if (validTo < held.validFrom) throw wrongDays();
      const ended = { ...held, validTo };
      await keep(manager, 'assignment', ['assignmentId'], AssignmentVersion, ended);
      emit(assignmentChanged, id, ended);
      return ended;
    });
  }

  recordAbsence(input: RecordAbsence, caller: Caller): Promise<AbsenceVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      if (input.validTo < input.validFrom || input.personId === input.substituteId) {
        throw wrongDays();
      }
      await lockRow(manager, 'person', input.personId);
      await mustReachPerson(manager, caller, permission, input.personId);
      await lockRow(manager, 'person', input.substituteId);
      const absence = { absenceId: randomUUID(), ...input, cancelled: false };
      await keep(manager, 'absence', ['absenceId'], AbsenceVersion, absence);
      emit(absenceChanged, absence.absenceId, absence);
      return absence;
    });
  }

  cancelAbsence({ id }: FindById, caller: Caller): Promise<AbsenceVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      const absence = await lockRow<AbsenceVersion>(manager, 'absence', id, AbsenceVersion);
      await mustReachPerson(manager, caller, permission, absence.personId);
      const off = { ...absence, cancelled: true };
      await keep(manager, 'absence', ['absenceId'], AbsenceVersion, off);
      emit(absenceChanged, id, off);
      return off;
    });
  }
}

/** People belong to no single office, so whoever manages the directory of any may register them. */
function placeOfWork({ positions }: Caller) {
  const position = positions.find(({ permissions }) => permissions.includes(permission));
  return position ? { id: position.organisationId, bloc: position.bloc } : everything;
}

/** Saves a person. Throws EmailTaken. */
export async function writePerson(
  manager: EntityManager,
  emit: Emit,
  person: PersonVersion,
): Promise<PersonVersion> {
  const taken = await manager.query<unknown[]>(
    'select 1 from person where lower(email) = lower($1) and person_id <> $2',
    [person.email ?? null, person.personId],
  );
  if (taken.length > 0) throw new EmailTaken();
  await keep(manager, 'person', ['personId'], PersonVersion, person);
  emit(personChanged, person.personId, person);
  return person;
}

/** Saves a post and how far its permissions reach. Throws Invalid for a role that does not exist. */
export async function writePost(
  manager: EntityManager,
  emit: Emit,
  { reach, ...input }: CreatePost,
  agencyId: string,
  bloc: 'government' | 'party',
  code?: string,
): Promise<PostVersion> {
  const known = await manager.query<unknown[]>('select 1 from role where code = any ($1)', [
    input.roles,
  ]);
  if (known.length !== new Set(input.roles).size) {
    throw new Invalid([
      {
        pointer: '/roles',
        detail: { vi: 'có vai trò không tồn tại', en: 'names an unknown role' },
      },
    ]);
  }
  const post = { postId: randomUUID(), ...input, agencyId, bloc };
  await keep(manager, 'post', ['postId'], PostVersion, post);
  await manager.query('insert into post_grant (post_id, reach, code) values ($1, $2, $3)', [
    post.postId,
    reach,
    code ?? null,
  ]);
  emit(postChanged, post.postId, post);
  return post;
}

/** Saves who holds a post. Throws AlreadyAssigned when the times overlap. */
export async function writeAssignment(
  manager: EntityManager,
  emit: Emit,
  input: AssignPost,
  post: Pick<PostVersion, 'unitId' | 'agencyId'>,
): Promise<AssignmentVersion> {
  if (input.validTo && input.validTo < input.validFrom) throw wrongDays();
  const held = await manager.query<unknown[]>(
    `select 1 from assignment where person_id = $1 and post_id = $2
     and daterange(valid_from, valid_to, '[]') && daterange($3, $4, '[]')`,
    [input.personId, input.postId, input.validFrom, input.validTo ?? null],
  );
  if (held.length > 0) throw new AlreadyAssigned();
  const { unitId, agencyId } = post;
  const assignment = { assignmentId: randomUUID(), ...input, unitId, agencyId };
  await keep(manager, 'assignment', ['assignmentId'], AssignmentVersion, assignment);
  emit(assignmentChanged, assignment.assignmentId, assignment);
  return assignment;
}

async function findPost(manager: EntityManager, id: string): Promise<PostVersion> {
  return lockRow<PostVersion>(manager, 'post', id, PostVersion);
}

async function lockRow<T extends object>(
  manager: EntityManager,
  table: 'person' | 'post' | 'assignment' | 'absence',
  id: string,
  type: new () => object = PersonVersion,
): Promise<T> {
  const [row] = await manager.query<T[]>(
    `select ${columnsOf(type)} from ${table} where ${table}_id = $1 for update`,
    [id],
  );
  if (!row) throw missing('bản ghi', table);
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T;
}

const missing = (vi: string, en: string) =>
  new NotFound({ vi: `Không có ${vi} này`, en: `There is no such ${en}` });
const wrongDays = () =>
  new Invalid([
    {
      pointer: '/validTo',
      detail: {
        vi: 'khoảng thời gian hoặc người không hợp lệ',
        en: 'the days or people do not fit',
      },
    },
  ]);
