import { randomUUID } from 'node:crypto';
import {
  AlreadyAssigned,
  type AssignPost,
  assignmentChanged,
  AssignmentVersion,
  type Bloc,
  type Caller,
  type ChangePost,
  type CreatePost,
  EmailTaken,
  Invalid,
  NotFound,
  type Person,
  personChanged,
  PersonVersion,
  type Place,
  type Post,
  postChanged,
  PostVersion,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { columnsOf, keep, present } from '@eoffice/platform/keep';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { blocsSeenBy, mustManage } from './tenancy.js';

// People, posts, and who holds which. Functions here are used one by one and by imports; who may is
// asked before they are called.

/**
 * Which people `p` a caller sees: those with a post in a bloc of theirs, and for whoever manages the
 * directory those without any post that were registered there. Takes two parameters: blocs, managing.
 */
export const visible = (blocs: string, managing: string) => `(exists (
    select from assignment a join post t using (post_id)
    where a.person_id = p.person_id and t.bloc = any (${blocs}))
  or (${managing} and (p.bloc = any (${blocs}) or cardinality(${blocs}::text[]) = 2)
    and not exists (select from assignment a where a.person_id = p.person_id)))`;

/** Saves a new person, or as the given version what has changed of one. Throws EmailTaken. */
export async function writePerson(
  manager: EntityManager,
  emit: Emit,
  person: PersonVersion,
  { bloc, version = 1 }: { bloc?: Bloc; version?: number },
): Promise<Person> {
  const taken = await manager.query<unknown[]>(
    'select 1 from person where lower(email) = lower($1) and person_id <> $2',
    [person.email ?? null, person.personId],
  );
  if (taken.length > 0) throw new EmailTaken();
  await keep(manager, 'person', ['personId'], PersonVersion, person);
  await manager.query(
    'update person set bloc = coalesce(bloc, $2), version = $3 where person_id = $1',
    [person.personId, bloc ?? null, version],
  );
  emit(personChanged, person.personId, person);
  return { ...person, version };
}

/** Saves a new post and how far its permissions reach. Throws Invalid for an unknown role. */
export async function writePost(
  manager: EntityManager,
  emit: Emit,
  { reach, ...facts }: CreatePost,
  place: Place,
  code?: string,
): Promise<Post> {
  await mustKnow(manager, facts.roles);
  mustLast(facts.validFrom, facts.validTo);
  const post = { postId: randomUUID(), ...facts, agencyId: place.id, bloc: place.bloc };
  await keep(manager, 'post', ['postId'], PostVersion, post);
  await manager.query('insert into post_grant (post_id, reach, code) values ($1, $2, $3)', [
    post.postId,
    reach,
    code ?? null,
  ]);
  emit(postChanged, post.postId, post);
  return { ...post, reach, version: 1 };
}

/** Saves what has changed of a post. Throws Invalid for an unknown role. */
export async function rewritePost(
  manager: EntityManager,
  emit: Emit,
  before: Post,
  { reach, ...facts }: Omit<ChangePost, 'id' | 'version'>,
): Promise<Post> {
  await mustKnow(manager, facts.roles);
  mustLast(before.validFrom, facts.validTo);
  const { postId, unitId, agencyId, bloc, validFrom } = before;
  const post = { postId, unitId, agencyId, bloc, validFrom, ...facts };
  await keep(manager, 'post', ['postId'], PostVersion, post);
  await manager.query('update post_grant set reach = $2 where post_id = $1', [postId, reach]);
  const version = before.version + 1;
  await manager.query('update post set version = $2 where post_id = $1', [postId, version]);
  emit(postChanged, postId, post);
  return { ...post, reach, version };
}

/** Saves who holds a post. Throws AlreadyAssigned when the times overlap. */
export async function writeAssignment(
  manager: EntityManager,
  emit: Emit,
  input: AssignPost,
  post: Pick<PostVersion, 'unitId' | 'agencyId'>,
): Promise<AssignmentVersion> {
  mustLast(input.validFrom, input.validTo);
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

/** The columns of a post with its reach and version, for `from post t left join post_grant g`. */
export const postColumns = `${columnsOf(PostVersion, 't')}, t.version,
  coalesce(g.reach, 'organisation') as reach`;

/** A post, locked, that the caller manages. Throws NotFound, or Forbidden. */
export async function lockPost(manager: EntityManager, id: string, caller: Caller): Promise<Post> {
  const [post] = await manager.query<Post[]>(
    `select ${postColumns} from post t left join post_grant g using (post_id)
     where t.post_id = $1 for update of t`,
    [id],
  );
  if (!post) throw noPost();
  mustManage(caller, { id: post.agencyId, bloc: post.bloc });
  return present(post);
}

/** A person, locked, that the caller sees. Throws NotFound. */
export async function lockPerson(
  manager: EntityManager,
  id: string,
  caller: Caller,
): Promise<Person> {
  const [person] = await manager.query<Person[]>(
    `select ${columnsOf(PersonVersion, 'p')}, p.version from person p
     where p.person_id = $1 and ${visible('$2', '$3::boolean')} for update`,
    [id, blocsSeenBy(caller), caller.may('directory.manage')],
  );
  if (!person) throw noPerson();
  return present(person);
}

/**
 * The same for a person that the caller manages: at every agency where the person works, since what
 * is changed of a person counts at all of them. Throws Forbidden.
 */
export async function lockManaged(manager: EntityManager, id: string, caller: Caller) {
  const person = await lockPerson(manager, id, caller);
  const places = await placesOf(manager, id, localDay());
  for (const place of places) caller.acting('directory.manage', place);
  if (places.length === 0) caller.acting('directory.manage', homeOf(caller));
  return person;
}

/** The agencies where a person holds a post on a day or later, and how far each post reaches. */
export function placesOf(manager: EntityManager, personId: string, from: string): Promise<Place[]> {
  return manager.query<Place[]>(
    `select distinct t.agency_id as id, t.bloc, coalesce(g.reach, 'organisation') as reach
     from assignment a join post t using (post_id) left join post_grant g using (post_id)
     where a.person_id = $1 and (a.valid_to is null or a.valid_to >= $2)`,
    [personId, from],
  );
}

/** Where a caller manages the directory: people without a post are registered from there. */
export function homeOf({ positions }: Caller): Place {
  const position = positions.find(({ permissions }) => permissions.includes('directory.manage'));
  return { id: position?.organisationId ?? '', bloc: position?.bloc ?? 'government' };
}

/** Throws Invalid when the last day comes before the first. */
export function mustLast(from: string, to?: string) {
  if (!to || to >= from) return;
  const detail = { vi: 'phải sau ngày bắt đầu', en: 'must not come before the first day' };
  throw new Invalid([{ pointer: '/validTo', detail }]);
}

async function mustKnow(manager: EntityManager, roles: string[]) {
  const known = await manager.query<unknown[]>('select 1 from role where code = any ($1)', [roles]);
  if (known.length === new Set(roles).size) return;
  const detail = { vi: 'có vai trò không tồn tại', en: 'names an unknown role' };
  throw new Invalid([{ pointer: '/roles', detail }]);
}

export const noPerson = () =>
  new NotFound({ vi: 'Không có người này', en: 'There is no such person' });
export const noPost = () =>
  new NotFound({ vi: 'Không có chức vụ này', en: 'There is no such post' });
