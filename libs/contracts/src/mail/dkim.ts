import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Flag, Id, List, Moment, Text } from '../language/fields.js';
import { Conflict, NotFound, problem } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';

export class MailKeysNotSetUp extends problem(409, 'mail/keys-not-set-up', {
  vi: 'Hệ thống chưa được thiết lập để giữ khóa ký thư (MAIL_SECRET)',
  en: 'This installation keeps no keys that sign mail: MAIL_SECRET is not set',
}) {}
export class DkimNotPublished extends problem(409, 'mail/dkim-not-published', {
  vi: 'DNS chưa có bản ghi của khóa này',
  en: 'DNS does not have the record of this key yet',
}) {}
export class DkimRetired extends problem(409, 'mail/dkim-retired', {
  vi: 'Khóa này đã thôi dùng',
  en: 'This key has been retired',
}) {}

export const dkimAlgorithms = ['rsa-sha256', 'ed25519-sha256'] as const;

const domainPattern = /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/;

export class MakeDkimKey {
  @Text({ max: 253, pattern: domainPattern, description: 'In lower case and A-labels' })
  domain: string;
  @Text({ max: 63, pattern: /^[a-z0-9-]+$/, description: 'Names the key in DNS, such as 2026a' })
  selector: string;
  @Choice(dkimAlgorithms, { description: 'rsa-sha256 (2048 bits) is what every receiver knows' })
  algorithm: (typeof dkimAlgorithms)[number];
}

/** A key by which mail of a domain is signed (DKIM). */
export class DkimKey extends MakeDkimKey {
  @Id() id: string;
  @Text({ max: 400, description: 'The name of the TXT record to publish' }) recordName: string;
  @Text({ max: 1_000, description: 'Its value' }) recordValue: string;
  @Moment() createdAt: string;
  @Moment({ optional: true, description: 'When DNS was last asked for it' }) checkedAt?: string;
  @Text({ max: 1_000, optional: true, description: 'What DNS answered then' }) found?: string;
  @Moment({ optional: true, description: 'Signs from then on' }) validFrom?: string;
  @Moment({ optional: true, description: 'Signed until then' }) validTo?: string;
}

export class DkimKeys {
  @List(() => DkimKey, { max: 1_000 }) items: DkimKey[];
}

export class DkimKeyOf {
  @Id() id: string;
}

export class DkimCheck {
  @Flag({ description: 'DNS answers with exactly this key' }) published: boolean;
  @Text({ max: 1_000, min: 0, description: 'What DNS answered' }) found: string;
}

export const dkim = contract('mail.dkim', {
  list: {
    summary: 'List the keys by which outgoing mail is signed (DKIM)',
    route: 'GET /mail/dkim-keys',
    permission: 'mail.manage',
    input: Nothing,
    output: DkimKeys,
  },
  make: {
    summary: 'Make a key for a domain and show the DNS record to publish; it does not sign yet',
    route: 'POST /mail/dkim-keys',
    permission: 'mail.manage',
    input: MakeDkimKey,
    output: DkimKey,
    errors: [MailKeysNotSetUp, Conflict],
    status: 201,
  },
  check: {
    summary: 'Ask DNS whether the record of a key is published',
    route: 'POST /mail/dkim-keys/:id/check',
    permission: 'mail.manage',
    input: DkimKeyOf,
    output: DkimCheck,
    errors: [NotFound],
  },
  activate: {
    summary: 'Sign with a key from now on, once DNS has its record',
    route: 'POST /mail/dkim-keys/:id/activate',
    permission: 'mail.manage',
    input: DkimKeyOf,
    output: DkimKey,
    errors: [NotFound, DkimNotPublished, DkimRetired],
  },
  retire: {
    summary: 'Sign no more with a key and destroy it; leave its record in DNS for two weeks',
    route: 'POST /mail/dkim-keys/:id/retire',
    permission: 'mail.manage',
    input: DkimKeyOf,
    output: DkimKey,
    errors: [NotFound],
  },
});

export class DkimKeyFact {
  @Id() keyId: string;
  @Text({ max: 253 }) domain: string;
  @Text({ max: 63 }) selector: string;
}

export const dkimKeyActivated = event(
  'mail.dkim.activated.v1',
  'A key began to sign mail of a domain',
  DkimKeyFact,
);
export const dkimKeyRetired = event(
  'mail.dkim.retired.v1',
  'A key was retired from signing mail of a domain',
  DkimKeyFact,
);
