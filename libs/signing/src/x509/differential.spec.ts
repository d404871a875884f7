import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as encode from '../asn1/encode.js';
import { anyPolicy, extensions } from '../oids.js';
import * as ca from '../testing/authority.js';
import { generalName, issue, type Party, type Wish } from '../testing/authority.js';
import { OpenSsl, pem } from '../testing/openssl.js';
import { crl, ocspBytes, scope } from '../testing/revocation.js';
import type { CertificateList } from './crl.js';
import { keyUsages } from './extensions.js';
import { ocspRequest, OcspResponse } from './ocsp.js';
import { Revocation } from './revocation.js';
import { anchorOf } from './trust-anchor.js';
import { verifyPath } from './verify-path.js';

/** The same questions to us and to the OpenSSL program: where both decide, they decide alike. */
const time = new Date('2026-06-01');
const unix = String(time.getTime() / 1000);
const root = issue({ subject: 'CN=Root', ca: true });
const ssl = new OpenSsl();
afterAll(() => ssl.close());

const oids = ['1.2.3.1', '1.2.3.2', anyPolicy];
const hosts = ['gov.vn', 'a.gov.vn', 'b.gov.vn', 'edu.vn'];
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const policyList = fc.uniqueArray(fc.constantFrom(...oids), { maxLength: 3 });
const constraintOf = fc.record({
  permitted: fc.uniqueArray(fc.constantFrom(...hosts), { maxLength: 2 }),
  excluded: fc.uniqueArray(fc.constantFrom(...hosts), { maxLength: 1 }),
});

interface Link {
  ca: boolean | number;
  usage: number;
  to: string;
  policies: string[];
  mapping?: [string, string];
  explicit?: number;
  inhibitAny?: number;
  constraints?: { permitted: string[]; excluded: string[] };
  selfIssued: boolean;
}

const sign = keyUsages.keyCertSign | keyUsages.crlSign;
const link: fc.Arbitrary<Link> = fc.record({
  ca: mostly<boolean | number>(true, false, 0, 1),
  usage: mostly<number>(sign, keyUsages.crlSign),
  to: mostly('2040-01-01', '2025-01-01'),
  policies: policyList,
  mapping: mostly<[string, string] | undefined>(
    undefined,
    ['1.2.3.1', '1.2.3.2'],
    ['1.2.3.2', '1.2.3.1'],
  ),
  explicit: mostly<number | undefined>(undefined, 0, 1, 2),
  inhibitAny: mostly<number | undefined>(undefined, 0, 1),
  constraints: fc.option(constraintOf, { nil: undefined, freq: 3 }),
  selfIssued: mostly(false, true),
});

function extensionsOf({
  policies,
  mapping,
  explicit,
  inhibitAny,
  constraints,
}: Link): Record<string, Buffer> {
  const { permitted = [], excluded = [] } = constraints ?? {};
  const bases = (names: string[]) => names.map(generalName.dns);
  return {
    ...(policies.length > 0 && { [extensions.certificatePolicies]: ca.policies(...policies) }),
    ...(mapping && { [extensions.policyMappings]: ca.policyMappings(mapping) }),
    ...(explicit !== undefined && {
      [extensions.policyConstraints]: ca.policyConstraints(explicit),
    }),
    ...(inhibitAny !== undefined && { [extensions.inhibitAnyPolicy]: encode.integer(inhibitAny) }),
    ...(permitted.length + excluded.length > 0 && {
      [extensions.nameConstraints]: ca.nameConstraints(bases(permitted), bases(excluded)),
    }),
  };
}

function build(links: Link[], host: string, policies: string[]): Party[] {
  const chain: Party[] = [];
  for (const one of links) {
    const issuer = chain.at(-1) ?? root;
    const subject = one.selfIssued && chain.length > 0 ? issuer.name : undefined;
    chain.push(
      issue({
        issuer,
        subject,
        ca: one.ca,
        keyUsage: one.usage,
        to: one.to,
        extensions: extensionsOf(one),
      }),
    );
  }
  const own: Wish['extensions'] = {
    [extensions.subjectAltName]: encode.sequence(generalName.dns(host)),
    ...(policies.length > 0 && { [extensions.certificatePolicies]: ca.policies(...policies) }),
  };
  return [...chain, issue({ issuer: chain.at(-1) ?? root, extensions: own })];
}

describe('paths', () => {
  it('are judged alike', async () => {
    ssl.certificates('root.pem', [root.certificate]);
    let valid = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(link, { maxLength: 4 }),
        fc.constantFrom(...hosts),
        policyList,
        fc.boolean(),
        fc.option(fc.constantFrom(...oids), { nil: undefined }),
        async (links, host, own, explicitPolicy, wanted) => {
          const chain = build(links, host, own);
          const between = chain.slice(0, -1).map(({ certificate }) => certificate);
          const ours = verifyPath(chain.at(-1)!.certificate, {
            certificates: between,
            anchors: [anchorOf(root.certificate)],
            requirements: {
              time,
              profile: 'path',
              explicitPolicy,
              policies: wanted ? [wanted] : undefined,
            },
          });
          ssl.certificates('between.pem', between);
          ssl.certificates('target.pem', [chain.at(-1)!.certificate]);
          const theirs = await ssl.ask(
            'verify',
            '-CAfile',
            'root.pem',
            ...(between.length > 0 ? ['-untrusted', 'between.pem'] : []),
            '-attime',
            unix,
            '-policy_check',
            ...(explicitPolicy ? ['-explicit_policy'] : []),
            '-policy',
            wanted ?? anyPolicy,
            'target.pem',
          );
          valid += Number(ours.valid);
          const told = ours.failures
            .map(({ code, detail }) => `${code} ${detail ?? ''}`)
            .join('; ');
          expect(`${ours.valid} ${theirs.ok ? '' : theirs.text}${told}`).toMatch(
            theirs.ok ? /^true/ : /^false/,
          );
        },
      ),
      { numRuns: 60 },
    );
    expect(valid).toBeGreaterThan(3);
  }, 120_000);
});

describe('revocation', () => {
  const authority = issue({ issuer: root, ca: true });
  const target = issue({ issuer: authority });
  const wish = fc.record({
    from: mostly('2026-05-30', '2026-06-02'),
    to: mostly('2026-06-30', '2026-05-31'),
    revoked: mostly(false, true),
    scope: mostly<Buffer | undefined>(
      undefined,
      scope({ users: true }),
      scope({ cas: true }),
      scope({ attributes: true }),
    ),
    stranger: mostly(false, true),
  });
  const stranger = issue({ subject: authority.name, ca: true });

  it('by CRL is judged alike', async () => {
    ssl.certificates('root.pem', [root.certificate]);
    ssl.certificates('authority.pem', [authority.certificate]);
    ssl.certificates('target.pem', [target.certificate]);
    await fc.assert(
      fc.asyncProperty(wish, wish, async (upper, lower) => {
        const make = (issuer: Party, one: typeof upper, { certificate }: Party): CertificateList =>
          crl(issuer, {
            from: one.from,
            to: one.to,
            scope: one.scope,
            revoked: one.revoked ? [{ certificate }] : [],
          });
        const crls = [
          make(root, upper, authority),
          make(lower.stranger ? stranger : authority, lower, target),
        ];
        const requirements = { time };
        const ours = verifyPath(target.certificate, {
          certificates: [authority.certificate],
          anchors: [anchorOf(root.certificate)],
          requirements,
          revocation: new Revocation({ crls }, requirements),
        });
        ssl.write('crls.pem', crls.map(({ bytes }) => pem('X509 CRL', bytes)).join(''));
        const theirs = await ssl.ask(
          'verify',
          '-CAfile',
          'root.pem',
          '-untrusted',
          'authority.pem',
          '-CRLfile',
          'crls.pem',
          '-crl_check_all',
          '-attime',
          unix,
          'target.pem',
        );
        expect(`${ours.valid} ${theirs.text}`).toMatch(theirs.ok ? /^true/ : /^false/);
      }),
      { numRuns: 30 },
    );
  }, 120_000);

  it('by OCSP is judged alike, and our requests are understood', async () => {
    ssl.certificates('root.pem', [root.certificate]);
    ssl.certificates('authority.pem', [authority.certificate]);
    ssl.certificates('target.pem', [target.certificate]);
    ssl.key('authority.key', authority);
    // A responder of OpenSSL's own, from the list of certificates that its CA keeps.
    const serial = target.certificate.serial.toString('hex').toUpperCase();
    for (const [line, status] of [
      [`V\t400101000000Z\t\t${serial}\tunknown\t/CN=x`, 'good'],
      [`R\t400101000000Z\t260501000000Z,keyCompromise\t${serial}\tunknown\t/CN=x`, 'revoked'],
    ] as const) {
      ssl.write('index.txt', `${line}\n`);
      ssl.write('request.der', requestOf());
      const answer = await ssl.ask(
        'ocsp',
        '-index',
        'index.txt',
        '-CA',
        'authority.pem',
        '-rsigner',
        'authority.pem',
        '-rkey',
        'authority.key',
        '-reqin',
        'request.der',
        '-respout',
        'response.der',
        '-ndays',
        '30',
      );
      expect(answer.ok ? '' : answer.text).toBe('');
      // The program answers for the real present.
      const now = { time: new Date() };
      const revocation = new Revocation(
        { ocsp: [OcspResponse.read(ssl.read('response.der'))] },
        now,
        { scope: 'target' },
      );
      const { statuses } = verifyPath(target.certificate, {
        certificates: [authority.certificate],
        anchors: [anchorOf(root.certificate)],
        requirements: now,
        revocation,
      });
      expect(statuses.at(-1)).toMatchObject({
        status,
        ...(status === 'revoked' && { reason: 'keyCompromise' }),
      });
    }
  });

  it('by responses of ours is understood', async () => {
    ssl.write('own.der', ocspBytes({ certificate: target.certificate, issuer: authority }));
    const answer = await ssl.ask(
      'ocsp',
      '-respin',
      'own.der',
      '-issuer',
      'authority.pem',
      '-cert',
      'target.pem',
      '-CAfile',
      'root.pem',
      '-verify_other',
      'authority.pem',
      '-attime',
      unix,
      '-partial_chain',
      '-validity_period',
      '1000000000',
    );
    expect(answer.text).toContain('target.pem: good');
    expect(answer.text).toContain('verify OK');
  });

  const requestOf = () => ocspRequest(target.certificate, authority.certificate.publicKey);
});
