import { blocs } from '../language/caller.js';
import { contract } from '../language/contract.js';
import { Choice, Count, Day, Flag, Id, List, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, NotFound, problem } from '../language/problem.js';
import { OrganisationVersion, Succession, successionKinds } from './events.js';

export class OrganisationOverlap extends problem(409, 'directory/overlap', {
  vi: 'Cơ quan đã có thông tin cho khoảng thời gian này',
  en: 'The organisation already has a version for part of this time',
}) {}
export class WrongParent extends problem(409, 'directory/wrong-parent', {
  vi: 'Cơ quan cấp trên không phù hợp',
  en: 'The parent does not fit',
}) {}
export class CodeTaken extends problem(409, 'directory/code-taken', {
  vi: 'Mã này đã được dùng',
  en: 'The code is already in use',
}) {}

export class NotAhead extends problem(409, 'directory/not-ahead', {
  vi: 'Chỉ hủy được thay đổi chưa có hiệu lực; thay đổi đã có hiệu lực thì đính chính bằng bản mới',
  en: 'Only what has not taken effect can be called off; the past is corrected by a new version',
}) {}

/** An organisation as of a day. `version` counts its changes: the next one must name it. */
export class Organisation extends OrganisationVersion {
  @Count({ max: 1_000_000_000 }) version: number;
}

/** What is true of an organisation from a day on. */
export class OrganisationFacts {
  @Id({ optional: true, description: 'The organisation above it; absent for the top of a bloc' })
  parentId?: string;
  @Text({ max: 40 }) kind: string;
  @Flag({ description: 'Whether it is an agency: own seal, own registers, own numbering' })
  agency: boolean;
  @Text({ max: 200 }) name: string;
  @Text({ max: 100 }) shortName: string;
  @Text({ max: 30 }) symbol: string;
  @Text({ max: 35, optional: true }) identifier?: string;
  @Text({ max: 10, optional: true, pattern: /^\d{2,5}$/ }) administrativeCode?: string;
  @Text({ max: 100, optional: true }) place?: string;
  @Day() validFrom: string;
  @Day({ optional: true }) validTo?: string;
  @Text({ max: 300 }) legalBasis: string;
}

export class RegisterOrganisation extends OrganisationFacts {
  @Choice(blocs) bloc: 'government' | 'party';
  @Text({ max: 60, optional: true, description: 'Key used by import files' }) code?: string;
}

export class ChangeOrganisation extends OrganisationFacts {
  @Id() id: string;
  @Version() version: number;
}

export class CancelEnd {
  @Id() id: string;
  @Version() version: number;
}

export class CancelChange extends CancelEnd {
  @Day({ description: 'First day of the version that is called off' }) validFrom: string;
}

export class EndOrganisation extends CancelEnd {
  @Day({ description: 'Its last day' }) validTo: string;
}

export class ListOrganisations extends PageInput {
  @Day({ optional: true, description: 'As of this day; today if not said' }) on?: string;
  @Text({ max: 100, optional: true, description: 'In the name, with or without marks' }) q?: string;
  @Id({ optional: true }) parentId?: string;
  @Text({ max: 40, optional: true }) kind?: string;
  @Choice(blocs, { optional: true }) bloc?: 'government' | 'party';
}

export class FindOrganisation {
  @Id() id: string;
  @Day({ optional: true, description: 'As of this day; today if not said' }) on?: string;
}

export class OrganisationPage extends pageOf(Organisation) {}

/** An organisation with all that was ever true of it. */
export class OrganisationHistory {
  @Id() organisationId: string;
  @List(() => OrganisationVersion, { max: 200 }) versions: OrganisationVersion[];
  @List(() => Succession, { max: 500, description: 'What went over from it, and to it' })
  successions: Succession[];
}

export class RecordSuccession {
  @Id() fromId: string;
  @Id({ optional: true }) toId?: string;
  @Choice(successionKinds) kind: (typeof successionKinds)[number];
  @Text({ max: 300, optional: true }) scope?: string;
  @Day() effectiveOn: string;
  @Text({ max: 300 }) legalBasis: string;
}

export class SuccessorsInput {
  @Id() id: string;
  @Day({ optional: true, description: 'As of this day; today if not said' }) on?: string;
}

/** Who has an organisation's functions now. */
export class Successor {
  @Id() organisationId: string;
  @Text({ max: 200 }) name: string;
  @Text({ max: 300, optional: true, description: 'What of it went there' }) scope?: string;
  @List(Text({ max: 20 }), { max: 20, description: 'How it went there, step by step' })
  kinds: string[];
}

export class Successors {
  @List(() => Successor, { max: 200 }) items: Successor[];
  @Flag({ description: 'One successor and no part left out: figures may be added up' })
  oneToOne: boolean;
}

export const organisations = contract('directory.organisations', {
  register: {
    summary: 'Register an organisation with what is true of it from a day on',
    route: 'POST /organisations',
    permission: 'directory.manage',
    input: RegisterOrganisation,
    output: Organisation,
    errors: [WrongParent, CodeTaken],
    status: 201,
  },
  change: {
    summary: 'Give an organisation a new version: what was true ends the day before',
    route: 'POST /organisations/:id/versions',
    permission: 'directory.manage',
    input: ChangeOrganisation,
    output: Organisation,
    errors: [NotFound, Changed, OrganisationOverlap, WrongParent],
    status: 201,
  },
  cancelChange: {
    summary: 'Call a new version off before its first day: what was true goes on',
    route: 'POST /organisations/:id/versions/:validFrom/cancel',
    permission: 'directory.manage',
    input: CancelChange,
    output: Organisation,
    errors: [NotFound, Changed, NotAhead],
  },
  end: {
    summary: 'End an organisation on its last day, and its units with it',
    route: 'POST /organisations/:id/end',
    permission: 'directory.manage',
    input: EndOrganisation,
    output: Organisation,
    errors: [NotFound, Changed, OrganisationOverlap],
  },
  cancelEnd: {
    summary: 'Let an organisation go on that was to end, before its last day is over',
    route: 'POST /organisations/:id/end/cancel',
    permission: 'directory.manage',
    input: CancelEnd,
    output: Organisation,
    errors: [NotFound, Changed, NotAhead],
  },
  list: {
    summary: 'List the organisations of a day',
    route: 'GET /organisations',
    permission: 'signed-in',
    input: ListOrganisations,
    output: OrganisationPage,
  },
  find: {
    summary: 'Show an organisation as of a day',
    route: 'GET /organisations/:id',
    permission: 'signed-in',
    input: FindOrganisation,
    output: Organisation,
    errors: [NotFound],
  },
  history: {
    summary: 'Show all that was ever true of an organisation',
    route: 'GET /organisations/:id/history',
    permission: 'signed-in',
    input: FindOrganisation,
    output: OrganisationHistory,
    errors: [NotFound],
  },
  succeed: {
    summary: 'Record that functions of one organisation went to another',
    route: 'POST /successions',
    permission: 'directory.manage',
    input: RecordSuccession,
    output: Succession,
    errors: [NotFound, WrongParent],
    status: 201,
  },
  successors: {
    summary: 'Show who has the functions of an organisation now, through every reorganisation',
    route: 'GET /organisations/:id/successors',
    permission: 'signed-in',
    input: SuccessorsInput,
    output: Successors,
    errors: [NotFound],
  },
});
