import { describe, expect, it } from '@jest/globals';
import * as encode from '../asn1/encode.js';
import { extensions } from '../oids.js';
import * as ca from '../testing/authority.js';
import {
  generalName as name,
  issue,
  nameConstraints,
  nameOf,
  type Wish,
} from '../testing/authority.js';
import { measurePath } from '../testing/measure.js';
import { anchorOf } from './trust-anchor.js';
import { verifyPath } from './verify-path.js';

const time = new Date('2026-06-01');
const root = issue({ subject: 'CN=Root', ca: true });

/** Codes of failures of root → CA with constraints → … → end entity. */
function verdict(constraints: Buffer | Buffer[], target: Wish, extra: Wish[] = []): string[] {
  const chain = [root];
  for (const value of [constraints].flat()) {
    const wish = { ca: true, extensions: { [extensions.nameConstraints]: value } };
    chain.push(issue({ issuer: chain.at(-1)!, ...wish }));
  }
  for (const wish of extra) chain.push(issue({ issuer: chain.at(-1)!, ca: true, ...wish }));
  const { certificate } = issue({ issuer: chain.at(-1)!, ...target });
  const { failures } = verifyPath(certificate, {
    certificates: chain.slice(1).map((one) => one.certificate),
    anchors: [anchorOf(root.certificate)],
    requirements: { time },
  });
  return [...new Set(failures.map(({ code }) => code))];
}

const refused = ['name-constraints'];
const san = (...names: Buffer[]): Wish => ({
  extensions: { [extensions.subjectAltName]: encode.sequence(...names) },
});
const directory = (text: string) => name.directory(nameOf(text));

describe('4.13 directory names', () => {
  const permitted = nameConstraints([directory('C=VN,O=Test,OU=permitted')]);
  const excluded = nameConstraints([], [directory('C=VN,O=Test,OU=excluded')]);

  it.each<[string, Buffer | Buffer[], string, boolean]>([
    ['inside the permitted', permitted, 'C=VN,O=Test,OU=permitted,CN=x', true],
    ['the base itself', permitted, 'C=VN,O=Test,OU=permitted', true],
    ['written otherwise', permitted, 'C=VN,O= TEST ,OU=Permitted,CN=x', true],
    ['outside the permitted', permitted, 'C=VN,O=Test,CN=x', false],
    ['in another order', permitted, 'O=Test,C=VN,OU=permitted,CN=x', false],
    ['inside the excluded', excluded, 'C=VN,O=Test,OU=excluded,CN=x', false],
    ['outside the excluded', excluded, 'C=VN,O=Test,OU=other,CN=x', true],
    [
      'permitted above, excluded below',
      [permitted, nameConstraints([], [directory('C=VN,O=Test,OU=permitted,CN=x')])],
      'C=VN,O=Test,OU=permitted,CN=x',
      false,
    ],
  ])('%s', (_, constraints, subject, valid) => {
    expect(verdict(constraints, { subject }, [])).toEqual(
      valid || Array.isArray(constraints) ? (valid ? [] : refused) : refused,
    );
  });

  it('bind alternative names too', () => {
    const inside = { subject: 'C=VN,O=Test,OU=permitted,CN=x' };
    expect(
      verdict(permitted, { ...inside, ...san(directory('C=VN,O=Test,OU=permitted,CN=y')) }),
    ).toEqual([]);
    expect(verdict(permitted, { ...inside, ...san(directory('C=VN,CN=y')) })).toEqual(refused);
  });

  it('of several certificates all hold', () => {
    const wide = nameConstraints([directory('C=VN')]);
    const narrow = nameConstraints([directory('C=VN,O=Test')]);
    const ownName = { subject: 'C=VN,O=Test,CN=Sub' };
    const chain = issue({
      issuer: root,
      ca: true,
      extensions: { [extensions.nameConstraints]: wide },
    });
    const sub = issue({
      issuer: chain,
      ca: true,
      ...ownName,
      extensions: { [extensions.nameConstraints]: narrow },
    });
    const ask = (subject: string) =>
      verifyPath(issue({ issuer: sub, subject }).certificate, {
        certificates: [chain.certificate, sub.certificate],
        anchors: [anchorOf(root.certificate)],
        requirements: { time },
      }).failures.map(({ code }) => code);
    expect(ask('C=VN,O=Test,CN=x')).toEqual([]);
    expect(ask('C=VN,O=Other,CN=x')).toEqual(refused);
  });

  it('do not bind self-issued certificates, but bind a self-issued target', () => {
    const first = issue({
      issuer: root,
      ca: true,
      subject: 'CN=Outside',
      extensions: { [extensions.nameConstraints]: permitted },
    });
    const again = issue({ issuer: first, ca: true, subject: 'CN=Outside' });
    const ask = (target: Wish) =>
      verifyPath(issue({ issuer: again, ...target }).certificate, {
        certificates: [first.certificate, again.certificate],
        anchors: [anchorOf(root.certificate)],
        requirements: { time },
      }).failures.map(({ code }) => code);
    expect(ask({ subject: 'C=VN,O=Test,OU=permitted,CN=x' })).toEqual([]);
    expect(ask({ subject: 'CN=Outside' })).toEqual(refused);
  });
});

describe('4.13 mailboxes', () => {
  const email = (base: string, out = false) =>
    nameConstraints(
      ...((out ? [[], [name.email(base)]] : [[name.email(base)]]) as [Buffer[], Buffer[]?]),
    );
  it.each<[string, Buffer, string, boolean]>([
    ['below a domain', email('.gov.vn'), 'a@mail.gov.vn', true],
    ['the domain itself', email('.gov.vn'), 'a@gov.vn', false],
    ['a host', email('gov.vn'), 'a@GOV.vn', true],
    ['below a host', email('gov.vn'), 'a@mail.gov.vn', false],
    ['one mailbox', email('a@gov.vn'), 'a@Gov.VN', true],
    ['one mailbox, another case', email('a@gov.vn'), 'A@gov.vn', false],
    ['another domain', email('.gov.vn'), 'a@mail.xgov.vn', false],
    ['excluded', email('gov.vn', true), 'a@gov.vn', false],
    ['not excluded', email('gov.vn', true), 'a@mail.gov.vn', true],
  ])('%s', (_, constraints, address, valid) => {
    expect(verdict(constraints, san(name.email(address)))).toEqual(valid ? [] : refused);
    const subject = encode.sequence(ca.rdn('1.2.840.113549.1.9.1', encode.ia5String(address)));
    expect(verdict(constraints, { subject })).toEqual(valid ? [] : refused);
    // What stands in the subject counts only without alternative names.
    expect(verdict(constraints, { subject, ...san(name.dns('gov.vn')) })).toEqual([]);
  });
});

describe('mailboxes in UTF-8', () => {
  const mailbox = (text: string) => name.other('1.3.6.1.5.5.7.8.9', encode.utf8String(text));
  const inside = (base: string) => nameConstraints([name.email(base)]);
  const outside = (base: string) => nameConstraints([], [name.email(base)]);
  it.each<[string, Buffer, string, boolean]>([
    ['a host', inside('gov.vn'), 'văn.thư@GOV.vn', true],
    ['another host', inside('gov.vn'), 'văn.thư@edu.vn', false],
    ['below a domain', inside('.gov.vn'), 'văn.thư@tinh.gov.vn', true],
    ['the domain itself', inside('.gov.vn'), 'văn.thư@gov.vn', false],
    ['excluded', outside('gov.vn'), 'văn.thư@gov.vn', false],
    ['not excluded', outside('gov.vn'), 'văn.thư@edu.vn', true],
    ['one mailbox of the host', inside('a@gov.vn'), 'văn.thư@gov.vn', false],
    ['one excluded mailbox of the host', outside('a@gov.vn'), 'văn.thư@gov.vn', false],
    ['one excluded mailbox of another', outside('a@edu.vn'), 'văn.thư@gov.vn', true],
    ['no host', outside('edu.vn'), 'văn.thư', false],
    ['a host that is not in ASCII', inside('gov.vn'), 'a@tỉnh.vn', false],
  ])('are confined like others: %s', (_, constraints, text, valid) => {
    expect(verdict(constraints, san(mailbox(text)))).toEqual(valid ? [] : refused);
  });
  it('are no text at all', () => {
    const odd = name.other('1.3.6.1.5.5.7.8.9', encode.nullValue());
    expect(verdict(inside('gov.vn'), san(odd))).toEqual(refused);
    expect(verdict(nameConstraints([name.dns('vn')]), san(odd))).toEqual([]);
  });
});

describe('4.13 hosts', () => {
  const dns = (base: string, out = false) =>
    nameConstraints(
      ...((out ? [[], [name.dns(base)]] : [[name.dns(base)]]) as [Buffer[], Buffer[]?]),
    );
  it.each<[string, Buffer, string, boolean]>([
    ['the base', dns('gov.vn'), 'GOV.VN', true],
    ['labels added', dns('gov.vn'), 'a.b.gov.vn', true],
    ['letters added', dns('gov.vn'), 'xgov.vn', false],
    ['another', dns('gov.vn'), 'edu.vn', false],
    ['all names', dns(''), 'edu.vn', true],
    ['excluded', dns('gov.vn', true), 'a.gov.vn', false],
    ['not excluded', dns('gov.vn', true), 'xgov.vn', true],
    ['a wildcard inside', dns('gov.vn'), '*.gov.vn', true],
    ['a wildcard that reaches out', dns('a.gov.vn'), '*.gov.vn', false],
    ['a wildcard that reaches into the excluded', dns('a.gov.vn', true), '*.gov.vn', false],
    ['a wildcard beside the excluded', dns('a.b.gov.vn', true), '*.gov.vn', true],
  ])('%s', (_, constraints, host, valid) => {
    expect(verdict(constraints, san(name.dns(host)))).toEqual(valid ? [] : refused);
  });
  it('leave other forms alone', () => {
    expect(verdict(dns('gov.vn'), san(name.email('a@b.vn')))).toEqual([]);
    expect(verdict(dns('gov.vn'), { subject: 'CN=edu.vn' })).toEqual([]);
  });
});

describe('4.13 URIs', () => {
  const uri = (base: string, out = false) =>
    nameConstraints(
      ...((out ? [[], [name.uri(base)]] : [[name.uri(base)]]) as [Buffer[], Buffer[]?]),
    );
  it.each<[string, Buffer, string, boolean]>([
    ['the host', uri('gov.vn'), 'https://user@GOV.vn:8443/path', true],
    ['below the host', uri('gov.vn'), 'https://a.gov.vn/', false],
    ['below the domain', uri('.gov.vn'), 'ftp://a.gov.vn/', true],
    ['the domain', uri('.gov.vn'), 'ftp://gov.vn/', false],
    ['no host', uri('gov.vn'), 'urn:gov.vn', false],
    ['an address', uri('gov.vn'), 'http://127.0.0.1/', false],
    ['a host in the user part', uri('gov.vn'), 'http://gov.vn@evil.example/', false],
    ['excluded', uri('.gov.vn', true), 'http://a.gov.vn', false],
    ['no host where something is excluded', uri('.gov.vn', true), 'urn:x', false],
  ])('%s', (_, constraints, text, valid) => {
    expect(verdict(constraints, san(name.uri(text)))).toEqual(valid ? [] : refused);
  });
});

describe('4.13 addresses and other forms', () => {
  const ip = (hex: string) => name.ip(Buffer.from(hex, 'hex'));
  it.each<[string, Buffer, string, boolean]>([
    ['inside', nameConstraints([ip('0a000000ff000000')]), '0a010203', true],
    ['outside', nameConstraints([ip('0a000000ff000000')]), '0b010203', false],
    ['excluded', nameConstraints([], [ip('0a000000ff000000')]), '0a010203', false],
    [
      'of another version',
      nameConstraints([ip('0a000000ff000000')]),
      '20010db8'.padEnd(32, '0'),
      false,
    ],
    [
      'excluded, written in version 6',
      nameConstraints([], [ip('0a000000ff000000')]),
      '00000000000000000000ffff0a010203',
      false,
    ],
    [
      'not excluded, written in version 6',
      nameConstraints([], [ip('0a000000ff000000')]),
      '00000000000000000000ffff0b010203',
      true,
    ],
    [
      'inside, but written in version 6',
      nameConstraints([ip('0a000000ff000000')]),
      '00000000000000000000ffff0a010203',
      false,
    ],
    [
      'of version 6',
      nameConstraints([ip('20010db8'.padEnd(32, '0') + 'ffffffff'.padEnd(32, '0'))]),
      '20010db8'.padEnd(32, '1'),
      true,
    ],
  ])('%s', (_, constraints, address, valid) => {
    expect(verdict(constraints, san(ip(address)))).toEqual(valid ? [] : refused);
  });
  it('whose subtrees no standard defines are refused, if such a name occurs', () => {
    const other = name.other('1.3.6.1.4.1.1', encode.utf8String('x'));
    for (const constraints of [nameConstraints([other]), nameConstraints([], [other])]) {
      expect(verdict(constraints, san(other))).toEqual(refused);
      expect(verdict(constraints, san(name.dns('gov.vn')))).toEqual([]);
    }
  });
});

describe('name constraints that are malformed', () => {
  it.each<[string, Buffer]>([
    ['empty', encode.sequence()],
    ['of no subtrees', encode.sequence(encode.explicit(0))],
    ['of a host that begins with a period', nameConstraints([name.dns('.gov.vn')])],
    ['of a wildcard', nameConstraints([name.dns('*.gov.vn')])],
    ['of an address without mask', nameConstraints([name.ip(Buffer.alloc(4))])],
    ['of a mask with holes', nameConstraints([name.ip(Buffer.from('0a000000ff00ff00', 'hex'))])],
    ['of two mailbox signs', nameConstraints([name.email('a@b@gov.vn')])],
    [
      'with a minimum',
      encode.sequence(
        encode.explicit(0, encode.sequence(name.dns('a'), encode.implicit(0, encode.integer(1)))),
      ),
    ],
    [
      'with a maximum',
      encode.sequence(
        encode.explicit(0, encode.sequence(name.dns('a'), encode.implicit(1, encode.integer(1)))),
      ),
    ],
  ])('%s', (_, constraints) => {
    expect(verdict(constraints, {})).toContain('malformed-extension');
  });

  const many = (length: number, one: (at: number) => Buffer) =>
    Array.from({ length }, (_, at) => one(at));
  const deep = 'a.'.repeat(120);
  const parts = (last: string) =>
    encode.sequence(
      ...Array.from({ length: 100 }, (_, at) =>
        ca.rdn('2.5.4.3', encode.utf8String(at < 99 ? 'a' : last)),
      ),
    );
  it.each<[string, Buffer, Buffer[], string]>([
    [
      'hosts in their thousands',
      nameConstraints(many(2000, (at) => name.dns(`host${at}.gov.vn`))),
      many(2000, (at) => name.dns(`host${at}.gov.vn`)),
      'name-constraints',
    ],
    [
      'hosts of many labels',
      nameConstraints(
        [],
        many(500, () => name.dns(`${deep}vn`)),
      ),
      many(500, () => name.dns(`b.${deep.slice(2)}vn`)),
      'valid',
    ],
    [
      'hosts of many labels in URIs',
      nameConstraints(
        [],
        many(500, () => name.uri(`${deep}vn`)),
      ),
      many(500, () => name.uri(`http://b${deep}vn/`)),
      'valid',
    ],
    [
      'directory names of many parts',
      nameConstraints(
        [],
        many(400, (at) => name.directory(parts(`x${at}`))),
      ),
      many(400, (at) => name.directory(parts(`y${at}`))),
      'name-constraints',
    ],
  ])('or without end cost little: %s', (_, value, names, expected) => {
    const authority = issue({
      issuer: root,
      ca: true,
      extensions: { [extensions.nameConstraints]: value },
    });
    const target = issue({ issuer: authority, ...san(...names) });
    const { outcome, ms } = measurePath({ target, pool: [authority], roots: [root], time });
    expect(outcome).toBe(expected);
    expect(ms).toBeLessThan(1000);
  });
});
