import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Id, List, Moment, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, NotFound, problem } from '../language/problem.js';

export class NotHandedOn extends problem(403, 'documents/not-handed-on', {
  vi: 'Chỉ người giữ chức vụ ký văn bản mới giao ký; người được giao không giao lại',
  en: 'Only who holds a signing post delegates; who was authorised does not hand it on',
}) {}
export class AuthorityEnded extends problem(409, 'documents/authority-ended', {
  vi: 'Văn bản giao ký đã hết hiệu lực',
  en: 'The authority has ended',
}) {}

/** Thừa lệnh: by order of the head; thừa ủy quyền: in the head's stead (NĐ 30/2020, Art. 13). */
export const delegatedCapacities = ['TL', 'TUQ'] as const;

export class GrantAuthority {
  @Id({ description: 'The agency whose form and seal the documents have' }) organisationId: string;
  @Id({ description: 'Who may sign' }) personId: string;
  @Choice(delegatedCapacities) capacity: (typeof delegatedCapacities)[number];
  @List(Text({ max: 20 }), { min: 1, max: 30, description: 'Types of documents it is limited to' })
  documentTypes: string[];
  @Day() validFrom: string;
  @Day({ description: 'Last day: an authority is limited in time' }) validTo: string;
  @Text({ max: 300, description: 'The written authority: its number, symbol and date' })
  legalBasis: string;
}

/** Written authority to sign documents of an agency (giao ký thừa lệnh, ủy quyền ký). */
export class SigningAuthority extends GrantAuthority {
  @Id() id: string;
  @Text({ max: 100 }) person: string;
  @Id() grantedBy: string;
  @Moment() grantedAt: Date;
  @Moment({ optional: true, description: 'When it was ended before its last day' }) endedAt?: Date;
  @Text({ max: 1_000, optional: true }) endReason?: string;
  @Count({ max: 1_000_000_000 }) version: number;
}

export class ListAuthorities extends PageInput {
  @Id() organisationId: string;
  @Day({ optional: true, description: 'Only those that hold on this day' }) on?: string;
}

export class EndAuthority {
  @Id() id: string;
  @Version() version: number;
  @Text({ max: 1_000 }) reason: string;
}

export class AuthorityPage extends pageOf(SigningAuthority) {}

export const authorities = contract('documents.authorities', {
  grant: {
    summary: 'Let the head of a unit sign by order, or somebody in the stead of the head',
    route: 'POST /signing-authorities',
    permission: 'documents.approve',
    input: GrantAuthority,
    output: SigningAuthority,
    errors: [NotFound, NotHandedOn],
    status: 201,
  },
  list: {
    summary: 'List the authorities to sign of an agency, newest first',
    route: 'GET /signing-authorities',
    permission: 'documents.read',
    input: ListAuthorities,
    output: AuthorityPage,
    errors: [NotFound],
  },
  end: {
    summary: 'End an authority at once, before its last day',
    route: 'POST /signing-authorities/:id/end',
    permission: 'documents.approve',
    input: EndAuthority,
    output: SigningAuthority,
    errors: [NotFound, Changed, AuthorityEnded],
  },
});

export class AuthorityFact {
  @Id() authorityId: string;
  @Id() organisationId: string;
  @Id() personId: string;
}

export const authorityGranted = event(
  'documents.authorities.granted.v1',
  'Somebody may sign by order or by authority',
  AuthorityFact,
);
export const authorityEnded = event(
  'documents.authorities.ended.v1',
  'An authority to sign was ended before its last day',
  AuthorityFact,
);
