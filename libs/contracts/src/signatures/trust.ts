import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Flag, Hash, Id, List, Moment, Text } from '../language/fields.js';
import { Conflict, NotFound, problem } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';
import { NotACertificate } from './certificates.js';

export class NotAnAuthority extends problem(422, 'signatures/not-an-authority', {
  vi: 'Đây không phải chứng thư của tổ chức chứng thực',
  en: 'This is no certificate of an authority',
}) {}

/**
 * Lists of authorities, which are never mixed: official-duty ones (chuyên dùng công vụ) for agencies,
 * public ones (công cộng) for citizens and enterprises, and those of trials, which are worth nothing.
 */
export const trustLists = ['official-duty', 'public', 'trial'] as const;
export type TrustListName = (typeof trustLists)[number];
export const trustPurposes = ['signing', 'time-stamping'] as const;
export type TrustPurpose = (typeof trustPurposes)[number];

const Address = (description: string, optional = false) =>
  Text({ max: 500, pattern: /^https?:\/\/[^\s@]+$/, optional, description });

export class AddAnchor {
  @Text({ max: 200, description: 'As people know it' }) name: string;
  @Choice(trustLists) list: TrustListName;
  @Choice(trustPurposes) purpose: TrustPurpose;
  @Text({ max: 20_000, description: 'The root certificate in PEM' }) pem: string;
  @Text({
    max: 100_000,
    optional: true,
    description: 'Certificates between the root and subscribers, in PEM one after another',
  })
  intermediates?: string;
  @Address(
    'OCSP responder asked before anything is signed, and in validation where a certificate names ' +
      'no place that answers; absent: only the register is, and what certificates name',
    true,
  )
  ocspUrl?: string;
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** A root whose subscribers' signatures or time stamps count here, known by its fingerprint. */
export class Anchor extends AddAnchor {
  @Id() id: string;
  @Hash({ description: 'SHA-256 of the root certificate' }) fingerprint: string;
  @Text({ max: 1_000 }) subject: string;
  @Moment({ description: 'When the root itself ends' }) notAfter: Date;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
}

export class AddTimeStamper {
  @Text({ max: 200 }) name: string;
  @Address('Where it answers RFC 3161 requests') url: string;
  @Count({ min: 1, max: 100, description: 'Those with lower numbers are asked first' })
  priority: number;
  @Count({ min: 1, max: 300, description: 'How long one answer is waited for' })
  timeoutSeconds: number;
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** A time-stamping authority that signatures are stamped by. */
export class TimeStamper extends AddTimeStamper {
  @Id() id: string;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
}

export class AddStatusHost {
  @Text({
    max: 260,
    pattern: /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:\d{1,5})?$/,
    description: 'Name or address, with a port unless it is the usual one: ocsp.ca.gov.vn',
  })
  host: string;
  @Flag({ description: 'Whether it stands in the internal network, at a private address' })
  inside: boolean;
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** A host that may be asked for certificates of authorities and for their status; no other is. */
export class StatusHost extends AddStatusHost {
  @Id() id: string;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
}

export class EndTrust {
  @Id() id: string;
  @Day({ description: 'Last day' }) validTo: string;
}

export class Trust {
  @List(() => Anchor, { max: 500 }) anchors: Anchor[];
  @List(() => TimeStamper, { max: 100 }) timeStampers: TimeStamper[];
  @List(() => StatusHost, { max: 200 }) statusHosts: StatusHost[];
}

export const trust = contract('signatures.trust', {
  list: {
    summary:
      'List the roots that are trusted, who stamps the time, and who may be asked for a status',
    route: 'GET /trust',
    permission: 'signed-in',
    input: Nothing,
    output: Trust,
  },
  addAnchor: {
    summary: 'Trust a root from a day on, for signatures or for time stamps',
    route: 'POST /trust/anchors',
    permission: 'signatures.keep-trust',
    input: AddAnchor,
    output: Anchor,
    errors: [Conflict, NotACertificate, NotAnAuthority],
    status: 201,
  },
  endAnchor: {
    summary: 'Trust a root no longer than to a day',
    route: 'POST /trust/anchors/:id/end',
    permission: 'signatures.keep-trust',
    input: EndTrust,
    output: Anchor,
    errors: [NotFound],
  },
  addTimeStamper: {
    summary: 'Have signatures stamped by an authority from a day on',
    route: 'POST /trust/time-stampers',
    permission: 'signatures.keep-trust',
    input: AddTimeStamper,
    output: TimeStamper,
    errors: [Conflict],
    status: 201,
  },
  endTimeStamper: {
    summary: 'Ask a time-stamping authority no longer than to a day',
    route: 'POST /trust/time-stampers/:id/end',
    permission: 'signatures.keep-trust',
    input: EndTrust,
    output: TimeStamper,
    errors: [NotFound],
  },
  addStatusHost: {
    summary: 'Let a host be asked for the status of certificates from a day on',
    route: 'POST /trust/status-hosts',
    permission: 'signatures.keep-trust',
    input: AddStatusHost,
    output: StatusHost,
    errors: [Conflict],
    status: 201,
  },
  endStatusHost: {
    summary: 'Ask a host for the status of certificates no longer than to a day',
    route: 'POST /trust/status-hosts/:id/end',
    permission: 'signatures.keep-trust',
    input: EndTrust,
    output: StatusHost,
    errors: [NotFound],
  },
});

export class TrustFact {
  @Id() rowId: string;
}

export const trustChanged = event(
  'signatures.trust.changed.v1',
  'A trusted root, a time-stamping authority or a host to be asked was entered or ended',
  TrustFact,
);

export class TrustExpiringFact extends TrustFact {
  @Text({ max: 200 }) name: string;
  @Hash({ description: 'SHA-256 of the certificate that ends' }) fingerprint: string;
  @Moment() notAfter: Date;
  @Count({ max: 3_650, description: 'Days within which it ends; 0 when it has ended' })
  days: number;
}

export const trustExpiring = event(
  'signatures.trust.expiring.v1',
  'A certificate of a trusted authority comes to its end, or has ended',
  TrustExpiringFact,
);
