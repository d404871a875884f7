import { contract } from '../language/contract.js';
import { Choice, Day, Email, Flag, Id, List, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { NotFound, problem } from '../language/problem.js';
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

export class CreatePost {
  @Id({ description: 'The unit or agency it belongs to' }) unitId: string;
  @Text({ max: 150 }) title: string;
  @Email({ optional: true }) mailbox?: string;
  @Flag() leads: boolean = false;
  @Flag() signs: boolean = false;
  @List(Text({ max: 60 }), { max: 20 }) roles: string[];
  @Choice(reaches, { description: 'How far its permissions reach' })
  reach: (typeof reaches)[number] = 'organisation';
  @Day() validFrom: string;
  @Day({ optional: true }) validTo?: string;
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
  @Flag() active: boolean = true;
}

export class FindById {
  @Id() id: string;
}

/** A post with who holds it. */
export class PostHolder {
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

export class PostPage extends pageOf(PostVersion) {}
export class PersonPage extends pageOf(PersonVersion) {}

export class Holders {
  @List(() => PostHolder, { max: 1_000 }) items: PostHolder[];
}

export const people = contract('directory.people', {
  register: {
    summary: 'Register a person',
    route: 'POST /people',
    permission: 'directory.manage',
    input: RegisterPerson,
    output: PersonVersion,
    errors: [EmailTaken],
    status: 201,
  },
  change: {
    summary: 'Change what is known of a person, or end their service',
    route: 'PUT /people/:id',
    permission: 'directory.manage',
    input: ChangePerson,
    output: PersonVersion,
    errors: [NotFound, EmailTaken],
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
    output: PostVersion,
    errors: [NotFound],
    status: 201,
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
