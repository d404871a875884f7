import { contract } from '../language/contract.js';
import { Choice, Count, Day, Email, Flag, Id, List, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, NotFound, problem } from '../language/problem.js';
import { AbsenceVersion, AssignmentVersion, PersonVersion, PostVersion } from './events.js';

export class EmailTaken extends problem(409, 'directory/email-taken', {
  vi: 'Địa chỉ thư này đã thuộc về người khác',
  en: 'The e-mail address belongs to somebody else',
}) {}
export class AlreadyAssigned extends problem(409, 'directory/already-assigned', {
  vi: 'Người này đã giữ chức vụ đó trong thời gian này',
  en: 'The person already holds this post for part of the time',
}) {}

export const reaches = ['organisation', 'bloc', 'all'] as const;

/** What a post is and lets its holder do. */
export class PostFacts {
  @Text({ max: 150 }) title: string;
  @Email({ optional: true }) mailbox?: string;
  @Flag() leads: boolean = false;
  @Flag() signs: boolean = false;
  @List(Text({ max: 60 }), { max: 20 }) roles: string[];
  @Choice(reaches, { description: 'How far its permissions reach' })
  reach: (typeof reaches)[number] = 'organisation';
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
}

export class CreatePost extends PostFacts {
  @Id({ description: 'The unit or agency it belongs to' }) unitId: string;
  @Day() validFrom: string;
}

export class ChangePost extends PostFacts {
  @Id() id: string;
  @Version() version: number;
}

/** A post with how far it reaches. `version` counts its changes: the next one must name it. */
export class Post extends PostVersion {
  @Choice(reaches) reach: (typeof reaches)[number];
  @Count({ max: 1_000_000_000 }) version: number;
}

export class ListPosts extends PageInput {
  @Id({ optional: true, description: 'Of this unit or agency' }) unitId?: string;
  @Day({ optional: true }) on?: string;
}

export class RegisterPerson {
  @Text({ max: 100, description: 'As written: family, middle, given' }) fullName: string;
  @Email({ optional: true }) email?: string;
}

export class ChangePerson extends RegisterPerson {
  @Id() id: string;
  @Version() version: number;
  @Flag() active: boolean = true;
}

/** A person. `version` counts their changes: the next one must name it. */
export class Person extends PersonVersion {
  @Count({ max: 1_000_000_000 }) version: number;
}

export class PersonDetails extends Person {
  @List(() => AssignmentVersion, { max: 200, description: 'Every post ever held, newest first' })
  assignments: AssignmentVersion[];
  @List(() => AbsenceVersion, { max: 200, description: 'Away, or standing in; newest first' })
  absences: AbsenceVersion[];
}

export class FindById {
  @Id() id: string;
}

/** A post with who holds it. */
export class PostHolder {
  @Id() assignmentId: string;
  @Id() postId: string;
  @Id() personId: string;
  @Text({ max: 100 }) fullName: string;
  @Text({ max: 150 }) title: string;
  @Id() unitId: string;
  @Flag() leads: boolean;
  @Flag() signs: boolean;
}

export class ListPeople extends PageInput {
  @Text({ max: 100, optional: true, description: 'In the name, with or without marks' }) q?: string;
  @Id({ optional: true, description: 'Holding a post of this agency today' }) agencyId?: string;
}

export class AssignPost {
  @Id() personId: string;
  @Id() postId: string;
  @Day() validFrom: string;
  @Day({ optional: true }) validTo?: string;
}

export class EndAssignment extends FindById {
  @Day({ description: 'Its last day' }) validTo: string;
}

export class RecordAbsence {
  @Id() personId: string;
  @Id({ description: 'Who stands in; what they do names both' }) substituteId: string;
  @Day() validFrom: string;
  @Day() validTo: string;
}

export class PostPage extends pageOf(Post) {}
export class PersonPage extends pageOf(Person) {}

export class Holders {
  @List(() => PostHolder, { max: 1_000 }) items: PostHolder[];
}

export const people = contract('directory.people', {
  register: {
    summary: 'Register a person',
    route: 'POST /people',
    permission: 'directory.manage',
    input: RegisterPerson,
    output: Person,
    errors: [EmailTaken],
    status: 201,
  },
  change: {
    summary: 'Change what is known of a person, or end their service',
    route: 'PUT /people/:id',
    permission: 'directory.manage',
    input: ChangePerson,
    output: Person,
    errors: [NotFound, Changed, EmailTaken],
  },
  find: {
    summary: 'Show a person with the posts they held and when they were away',
    route: 'GET /people/:id',
    permission: 'signed-in',
    input: FindById,
    output: PersonDetails,
    errors: [NotFound],
  },
  list: {
    summary: 'List people by given name',
    route: 'GET /people',
    permission: 'signed-in',
    input: ListPeople,
    output: PersonPage,
  },
  createPost: {
    summary: 'Create a post: permissions are given to posts, not to people',
    route: 'POST /posts',
    permission: 'directory.manage',
    input: CreatePost,
    output: Post,
    errors: [NotFound],
    status: 201,
  },
  changePost: {
    summary: 'Change a post, or close it on its last day',
    route: 'PUT /posts/:id',
    permission: 'directory.manage',
    input: ChangePost,
    output: Post,
    errors: [NotFound, Changed],
  },
  findPost: {
    summary: 'Show a post',
    route: 'GET /posts/:id',
    permission: 'signed-in',
    input: FindById,
    output: Post,
    errors: [NotFound],
  },
  posts: {
    summary: 'List the posts of a day',
    route: 'GET /posts',
    permission: 'signed-in',
    input: ListPosts,
    output: PostPage,
  },
  holders: {
    summary: 'Who holds which post of an agency today, leaders first',
    route: 'GET /organisations/:id/holders',
    permission: 'signed-in',
    input: FindById,
    output: Holders,
  },
  assign: {
    summary: 'Let a person hold a post',
    route: 'POST /assignments',
    permission: 'directory.manage',
    input: AssignPost,
    output: AssignmentVersion,
    errors: [NotFound, AlreadyAssigned],
    status: 201,
  },
  endAssignment: {
    summary: 'End the holding of a post on its last day',
    route: 'POST /assignments/:id/end',
    permission: 'directory.manage',
    input: EndAssignment,
    output: AssignmentVersion,
    errors: [NotFound],
  },
  recordAbsence: {
    summary: 'Record that a person is away and who stands in',
    route: 'POST /absences',
    permission: 'directory.manage',
    input: RecordAbsence,
    output: AbsenceVersion,
    errors: [NotFound],
    status: 201,
  },
  cancelAbsence: {
    summary: 'Call an absence off',
    route: 'POST /absences/:id/cancel',
    permission: 'directory.manage',
    input: FindById,
    output: AbsenceVersion,
    errors: [NotFound],
  },
});
