import { afterAll, describe, expect, it } from '@jest/globals';
import { requireProgram } from '@eoffice/testing/programs';
import { ecKeys, issue, rsaKeys } from '../testing/authority.js';
import { crl } from '../testing/revocation.js';
import type { DigestName } from '../x509/algorithms.js';
import { currentAlgorithms } from '../x509/algorithm-policy.js';
import {
  c14n,
  c14n11,
  dsig,
  enveloped,
  exclusive,
  more,
  sha256,
  template,
  Xmlsec,
} from './testing.js';
import { verifyXml, type VerifyXmlOptions } from './verify-xml.js';

const program = requireProgram('xmlsec1');
const rsa = issue({ keys: rsaKeys() });
const parties = {
  rsa: { party: rsa, xmlsec: new Xmlsec(program, rsa) },
  ...Object.fromEntries(
    ['P-256', 'P-384', 'P-521'].map((curve) => {
      const party = issue({ keys: ecKeys(curve) });
      return [curve, { party, xmlsec: new Xmlsec(program, party) }];
    }),
  ),
} as Record<string, { party: typeof rsa; xmlsec: Xmlsec }>;
const { xmlsec } = parties.rsa!;
afterAll(() => Object.values(parties).forEach((one) => one.xmlsec.clean()));

const inBody = (signature: string) =>
  `<m:message xmlns:m="urn:m" xmlns:x="urn:x" xml:lang="vi">\n<!-- note --><m:body Id="body" x:a="1 &amp; 2">Công văn` +
  `<?p q?> số <b xmlns="urn:b">7816</b></m:body>${signature}</m:message>`;
const trusted = { keys: [rsa.certificate] };
const legacy = {
  algorithms: [...currentAlgorithms, { name: 'sha1' as const }, { name: 'md5' as const }],
};

const certificateElement = (text: string) => `<X509Certificate>${text}</X509Certificate>`;

function verdict(xml: string, options: VerifyXmlOptions = trusted) {
  const { verdict: found, failures, checks } = verifyXml(xml, options);
  return { found, failures, facts: checks.map(({ facts }) => facts) };
}

describe('signatures that xmlsec1 makes', () => {
  const canonicalizations = [c14n, c14n11, exclusive].flatMap((one) => [
    one,
    one.endsWith('#') ? `${one}WithComments` : `${one}#WithComments`,
  ]);

  it.each(canonicalizations)('hold with %s', (canonicalization) => {
    const references = [
      { uri: '', transforms: [enveloped, canonicalization] },
      { uri: '#body', transforms: [canonicalization] },
      { uri: "#xpointer(id('body'))" },
    ];
    const signed = xmlsec.sign(inBody(template({ canonicalization, references })), ['body']);
    expect(verdict(signed)).toMatchObject({ found: 'valid', failures: [] });
    expect(verdict(signed.replace('7816', '7817')).found).toBe('invalid');
  });

  it.each(['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as DigestName[])(
    'hold with RSA and ECDSA over %s',
    (digest) => {
      const rsaUri = digest === 'sha1' ? `${dsig}rsa-sha1` : `${more}rsa-${digest}`;
      for (const [name, { party, xmlsec: signer }] of Object.entries(parties)) {
        const method = name === 'rsa' ? rsaUri : `${more}ecdsa-${digest}`;
        const signed = signer.sign(inBody(template({ method })));
        const options = { keys: [party.certificate], ...legacy };
        expect(verdict(signed, options)).toMatchObject({ found: 'valid' });
        expect(verdict(signed, { keys: [party.keys.publicKey], ...legacy }).found).toBe('valid');
      }
    },
  );

  it('hold with an HMAC, but only for who knows the secret', () => {
    for (const digest of ['sha1', 'sha256', 'sha512']) {
      const method = digest === 'sha1' ? `${dsig}hmac-sha1` : `${more}hmac-${digest}`;
      const signed = xmlsec.sign(inBody(template({ method, keyInfo: '' })), [], true);
      expect(verdict(signed, { secret: xmlsec.secret, ...legacy }).found).toBe('valid');
      expect(verdict(signed, trusted).failures).toMatchObject([{ code: 'no-key' }]);
      expect(verdict(signed, { secret: Buffer.from('other'), ...legacy }).failures).toMatchObject([
        { code: 'value-broken' },
      ]);
    }
  });

  it('hold around what they sign, and beside it', () => {
    const objects = `<Object Id="o"><m:body xmlns:m="urn:m">x<!-- c --></m:body></Object>`;
    const around = template({ references: [{ uri: '#o' }], objects });
    expect(verdict(xmlsec.sign(around, ['Object']))).toMatchObject({
      found: 'valid',
      facts: [{ references: [{ extent: 'whole', target: { path: '/Signature[1]/Object[1]' } }] }],
    });
    xmlsec.file('content.bin', 'octets\r\n');
    const beside = xmlsec.sign(template({ references: [{ uri: 'content.bin' }] }));
    const detached = (content: string) => (uri?: string) =>
      uri === 'content.bin' ? Buffer.from(content) : undefined;
    expect(verdict(beside, { ...trusted, detached: detached('octets\r\n') }).found).toBe('valid');
    expect(verdict(beside, { ...trusted, detached: detached('octets\n') }).failures).toMatchObject([
      { code: 'reference-differs' },
    ]);
    expect(verdict(beside).failures).toMatchObject([{ code: 'reference-refused' }]);
  });

  const xpath = (expression: string) =>
    `<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath xmlns:d="${dsig}" ` +
    `xmlns:m="urn:m" xmlns:x="urn:x">${expression}</XPath></Transform>`;
  const filter2 = 'http://www.w3.org/2002/06/xmldsig-filter2';
  const filter = (kind: string, expression: string) =>
    `<XPath xmlns="${filter2}" xmlns:m="urn:m" xmlns:b="urn:b" Filter="${kind}">${expression}</XPath>`;
  const filters = (...all: string[]) =>
    `<Transform Algorithm="${filter2}">${all.join('')}</Transform>`;
  const all = [c14n, c14n11, exclusive];
  it.each<[string, string, string, string[]]>([
    ['XPath', xpath('not(ancestor-or-self::d:Signature)'), 'whole', all],
    [
      'XPath over attributes',
      xpath('not(ancestor-or-self::d:Signature or self::node()=../@x:*)'),
      'part',
      all,
    ],
    [
      'XPath that leaves out an element between',
      xpath('not(ancestor-or-self::d:Signature or self::m:body)'),
      'part',
      all,
    ],
    [
      'XPath that chooses namespaces',
      xpath('not(ancestor-or-self::d:Signature) and name() != "x"'),
      'part',
      [c14n, c14n11],
    ],
    [
      'XPath with here()',
      xpath(
        'count(ancestor-or-self::d:Signature | here()/ancestor::d:Signature[1]) > count(ancestor-or-self::d:Signature)',
      ),
      'whole',
      all,
    ],
    [
      'filters',
      filters(
        filter('intersect', '//m:body'),
        filter('subtract', '//b:b'),
        filter('union', '//b:b/text()'),
      ),
      'part',
      all,
    ],
  ])('hold through %s', (_, transform, extent, methods) => {
    for (const last of methods) {
      const references = [{ uri: '', transforms: [transform, last] }];
      const { found, facts } = verdict(xmlsec.sign(inBody(template({ references }))));
      expect(found).toBe('valid');
      expect(facts[0]!.references[0]!.extent).toBe(extent);
    }
  });

  it('hold over nothing when they leave themselves out of a part of themselves', () => {
    const union = filters(filter('union', '/'));
    const references = [
      { uri: '#v', transforms: [enveloped] },
      { uri: '#v', transforms: [enveloped, union] },
    ];
    const { found, facts } = verdict(
      xmlsec.sign(inBody(template({ references, objects: '<Object Id="v">7816</Object>' })), [
        'Object',
      ]),
    );
    expect(found).toBe('valid');
    expect(facts[0]!.references.map(({ extent }) => extent)).toEqual(['none', 'none']);
  });

  it('hold over a decoded text, and over prefixes treated as inclusive', () => {
    const transforms = [`${dsig}base64`];
    const objects = '<Object Id="o">SGVs\nbG8=</Object>';
    const decoded = xmlsec.sign(template({ references: [{ uri: '#o', transforms }], objects }), [
      'Object',
    ]);
    expect(verdict(decoded)).toMatchObject({
      found: 'valid',
      facts: [{ references: [{ extent: 'text' }] }],
    });
    const prefixes = `<Transform Algorithm="${exclusive}"><ec:InclusiveNamespaces xmlns:ec="${exclusive}" PrefixList="x #default"/></Transform>`;
    const inclusive = xmlsec.sign(
      inBody(template({ references: [{ uri: '#body', transforms: [prefixes] }] })),
      ['body'],
    );
    expect(verdict(inclusive)).toMatchObject({ found: 'valid' });
  });

  it('hold over a manifest, whose own references are facts', () => {
    const manifest = `<Object><Manifest Id="mf"><Reference URI="#body"><DigestMethod Algorithm="${sha256}"/><DigestValue>AAAA</DigestValue></Reference></Manifest></Object>`;
    const references = [{ uri: '#mf', type: `${dsig}Manifest` }];
    const signed = xmlsec.sign(inBody(template({ references, objects: manifest })), [
      'body',
      'Manifest',
    ]);
    const changed = signed.replace('7816', '7817');
    expect(verdict(changed)).toMatchObject({
      found: 'valid',
      facts: [{ manifests: [{ references: [{ outcome: 'differs', uri: '#body' }] }] }],
    });
  });

  it('give their keys in every form of KeyInfo', () => {
    for (const [name, { party, xmlsec: signer }] of Object.entries(parties)) {
      const method = name === 'rsa' ? undefined : `${more}ecdsa-sha256`;
      if (name === 'rsa') {
        const bare = signer.sign(inBody(template({ keyInfo: '<KeyValue/>' })));
        expect(verdict(bare, {})).toMatchObject({
          found: 'indeterminate',
          facts: [{ key: { source: 'bare' } }],
        });
      }
      const withCertificate = signer.sign(inBody(template({ method })));
      const { fingerprint } = party.certificate;
      expect(verdict(withCertificate, {})).toMatchObject({
        found: 'indeterminate',
        facts: [
          { key: { source: 'certificate', certificate: fingerprint }, certificates: [fingerprint] },
        ],
      });
    }
  });

  it('give their CRLs, and what cannot be read hides nothing beside it', () => {
    const list = crl(rsa);
    const octets = (one: { bytes: Buffer }) => one.bytes.toString('base64');
    const keyInfo =
      '<X509Data><X509Certificate>AAAA</X509Certificate>' +
      `<X509CRL>${octets(list)}</X509CRL><X509Certificate/></X509Data>`;
    const signed = xmlsec.sign(inBody(template({ keyInfo: '<KeyName>k</KeyName>' })));
    const data = keyInfo.replace('<X509Certificate/>', certificateElement(octets(rsa.certificate)));
    const { checks } = verifyXml(signed.replace('<KeyName>k</KeyName>', data));
    expect(checks[0]).toMatchObject({
      facts: { value: 'intact', certificates: [rsa.certificate.fingerprint] },
      keyInfo: { crls: [{ fingerprint: list.fingerprint }], unused: [expect.any(String)] },
    });
  });
});
