import { afterAll, describe, expect, it } from '@jest/globals';
import { requireProgram } from '@eoffice/testing/programs';
import * as encode from '../asn1/encode.js';
import { CmsSigner, LocalKey } from '../cms/sign-cms.js';
import { timeStampRequest, tokenOf } from '../cms/time-stamp.js';
import { answerTimeStampRequest } from '../cms/time-stamp-authority.js';
import { verifyTimeStamp } from '../cms/verify-time-stamp.js';
import { extensions, keyPurposes } from '../oids.js';
import { ecKeys, issue, rsaKeys, signWith } from '../testing/authority.js';
import { crl } from '../testing/revocation.js';
import { anchorOf } from '../x509/trust-anchor.js';
import { completeXmlSignature } from './sign/complete.js';
import type { SignXmlOptions } from './sign/options.js';
import { prepareXmlSignature } from './sign/prepare.js';
import { Xmlsec } from './testing.js';
import { verifyXml } from './verify-xml.js';
import { addTimeStamp, addValidationData, imprintFor } from './xades/extend.js';

const root = issue({ subject: 'CN=Root', ca: true });
const party = issue({ issuer: root, keys: rsaKeys() });
const authority = issue({
  issuer: root,
  subject: 'CN=TSA',
  extensions: {
    [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.timeStamping)),
  },
  critical: { [extensions.extendedKeyUsage]: true },
});
const xmlsec = new Xmlsec(requireProgram('xmlsec1'), party);
afterAll(() => xmlsec.clean());
const keys = [party.certificate];

let serial = 0;
function stamp(
  kind: 'signature' | 'archive',
  xml: Buffer,
  signatureId: string,
  detached?: SignXmlOptions,
) {
  const parts = detached?.placement.kind === 'detached' ? detached.placement.parts : [];
  const options = {
    signatureId,
    detached: (uri?: string) => parts.find((part) => part.uri === uri)?.octets,
  };
  const request = timeStampRequest({ imprint: imprintFor(kind, xml, options) });
  const { certificate, keys: own } = authority;
  const key = new LocalKey(own.privateKey, new CmsSigner({ certificate }));
  const time = new Date('2026-06-01T01:02:03Z');
  const answer = answerTimeStampRequest(request, key, {
    time,
    serial: Buffer.of(++serial),
    policy: '1.2.3',
  });
  return addTimeStamp(kind, xml, tokenOf(answer), options);
}

const message = '<m:message xmlns:m="urn:m"><m:body Id="b1">Công văn</m:body></m:message>';
const options: SignXmlOptions = {
  placement: { kind: 'enveloped' },
  scheme: party.keys.scheme,
  certificate: party.certificate,
  chain: [root.certificate],
  xades: {
    signingTime: new Date('2026-06-01T01:00:00Z'),
    place: { city: 'Đà Lạt', country: 'VN' },
    claimedRoles: ['KT. CHỦ TỊCH <PHÓ CHỦ TỊCH>'],
    commitment: 'http://uri.etsi.org/01903/v1.2.2#ProofOfApproval',
    policy: {
      identifier: 'urn:oid:1.2.3',
      digest: 'sha256',
      value: Buffer.alloc(32, 7),
      uri: 'https://x/p',
    },
  },
};

function signed(wish: Partial<SignXmlOptions> = {}, content: string = message) {
  const prepared = prepareXmlSignature(content, { ...options, ...wish });
  const xml = completeXmlSignature(prepared, signWith(party.keys, prepared.toBeSigned));
  return { xml, signatureId: prepared.signatureId };
}

const factsOf = (xml: Buffer | string) => verifyXml(xml, { keys }).checks[0]!.facts;
const codesOf = (xml: Buffer | string) =>
  factsOf(xml).failures.map(({ code, detail }) => `${code} ${detail ?? ''}`.trim());

describe('a XAdES signature', () => {
  it('says who, when, where, as what and of what', () => {
    expect(factsOf(signed().xml).xades).toEqual({
      problems: [],
      signingTime: '2026-06-01T01:00:00Z',
      signingCertificate: 'matches',
      certificateDigests: ['http://www.w3.org/2001/04/xmlenc#sha256'],
      policy: {
        identifier: 'urn:oid:1.2.3',
        digestMethod: 'http://www.w3.org/2001/04/xmlenc#sha256',
        digest: '07'.repeat(32),
      },
      place: { City: 'Đà Lạt', CountryName: 'VN' },
      claimedRoles: ['KT. CHỦ TỊCH <PHÓ CHỦ TỊCH>'],
      commitments: ['http://uri.etsi.org/01903/v1.2.2#ProofOfApproval'],
      formats: [{ reference: expect.stringMatching(/^#S-/), mediaType: 'application/xml' }],
      formatsComplete: true,
      unsignedProperties: [],
      timeStamps: [],
      certificates: [],
      crls: 0,
      ocspResponses: 0,
      level: 'B',
    });
  });

  const parts = [{ uri: 'a.pdf', octets: Buffer.from('%PDF-'), mediaType: 'application/pdf' }];
  it.each<[string, Partial<SignXmlOptions>]>([
    ['enveloped', {}],
    ['enveloped over a part', { placement: { kind: 'enveloped', covers: { id: 'b1' } } }],
    ['enveloping', { placement: { kind: 'enveloping' } }],
    ['enveloping what is not XML', { placement: { kind: 'enveloping', mediaType: 'text/plain' } }],
    ['detached', { placement: { kind: 'detached', parts } }],
    ['with canonical XML 1.0', { canonicalization: 'inclusive' }],
    ['with canonical XML 1.1', { canonicalization: 'inclusive-1.1' }],
  ])('grows from B to LTA and on, and holds at every level: %s', (_, wish) => {
    const all = { ...options, ...wish };
    const { xml, signatureId } = signed(wish);
    const detached = (uri?: string) => (uri === 'a.pdf' ? parts[0]!.octets : undefined);
    const values = {
      certificates: [root.certificate.bytes, authority.certificate.bytes],
      crls: [crl(root).bytes],
      ocsp: [],
    };
    const more = { signatureId, detached };
    const levels: Buffer[] = [xml];
    levels.push(stamp('signature', levels.at(-1)!, signatureId, all));
    levels.push(addValidationData(levels.at(-1)!, values, more));
    levels.push(stamp('archive', levels.at(-1)!, signatureId, all));
    levels.push(addValidationData(levels.at(-1)!, values, more));
    levels.push(stamp('archive', levels.at(-1)!, signatureId, all));
    const found = levels.map((level) => {
      const { verdict, checks } = verifyXml(level, { keys, detached });
      for (const { token, stamped } of checks[0]!.xades!.timeStamps) {
        const question = { stamped: stamped(), anchors: [anchorOf(root.certificate)] };
        expect(verifyTimeStamp(token, question).failures).toEqual([]);
      }
      expect(verdict).toBe('valid');
      return checks[0]!.facts.xades!;
    });
    expect(found.map(({ level }) => level)).toEqual(['B', 'T', 'LT', 'LTA', 'LTA', 'LTA']);
    expect(found.at(-1)).toMatchObject({
      unsignedProperties: [
        'SignatureTimeStamp',
        'CertificateValues',
        'RevocationValues',
        'ArchiveTimeStamp',
        'TimeStampValidationData',
        'ArchiveTimeStamp',
      ],
      timeStamps: [{ kind: 'signature' }, { kind: 'archive' }, { kind: 'archive' }],
      crls: 2,
    });
    if (wish.placement?.kind !== 'detached') {
      expect(
        xmlsec.verifies(levels.at(-1)!.toString(), ['body', 'Object', 'SignedProperties']).valid,
      ).toBe(true);
    }
  });

  it('takes no token that is of something else', () => {
    const one = signed();
    const other = signed({}, message.replace('Công văn', 'Tờ trình'));
    const stampedOne = stamp('signature', one.xml, one.signatureId);
    const token = Buffer.from(
      /<xades:EncapsulatedTimeStamp>([^<]+)/.exec(stampedOne.toString())![1]!,
      'base64',
    );
    expect(() => addTimeStamp('signature', other.xml, token, other)).toThrow('of something else');
    expect(() => addTimeStamp('archive', one.xml, token, one)).toThrow('of something else');
    expect(() => addTimeStamp('signature', one.xml, token, { signatureId: 'S-none' })).toThrow(
      'No XAdES signature',
    );
  });

  it('is stamped as a whole: a change of what was added is seen by the next stamp', () => {
    const { xml, signatureId } = signed();
    const values = { certificates: [root.certificate.bytes], crls: [crl(root).bytes], ocsp: [] };
    const long = addValidationData(stamp('signature', xml, signatureId), values, { signatureId });
    const archived = stamp('archive', long, signatureId).toString();
    const changed = archived.replace('<xades:CertificateValues', '<xades:CertificateValues Id="x"');
    const check = verifyXml(changed, { keys }).checks[0]!;
    const [first, second] = check.xades!.timeStamps.map(({ token, stamped }) =>
      verifyTimeStamp(token, {
        stamped: stamped(),
        anchors: [anchorOf(root.certificate)],
      }).failures.map(({ code }) => code),
    );
    expect(first).toEqual([]);
    expect(second).toEqual(['time-stamp-imprint']);
  });
});

describe('signed properties that are not signed', () => {
  const xml = signed().xml.toString();
  const properties = /<xades:SignedProperties.*<\/xades:SignedProperties>/s.exec(xml)![0];
  const object = /<ds:Object>.*<\/ds:Object>/s.exec(xml)![0];
  const id = /<xades:SignedProperties Id="([^"]+)"/.exec(xml)![1]!;
  const moved = properties.replace(
    '<xades:SignedProperties',
    '$& xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"',
  );
  const fake = properties.replace(id, 'other').replace('KT. CHỦ TỊCH', 'CHỦ TỊCH');

  it.each<[string, string, string]>([
    [
      'another in their place, they elsewhere in the signature',
      xml
        .replace(properties, fake)
        .replace('</ds:Signature>', `<ds:Object>${moved}</ds:Object></ds:Signature>`),
      'properties-refused',
    ],
    [
      'another in their place, they outside the signature',
      xml.replace(properties, fake).replace('<ds:Signature ', `${moved}<ds:Signature `),
      'properties-refused',
    ],
    ['another before them', xml.replace(properties, fake + properties), 'properties-refused'],
    ['another after them', xml.replace(properties, properties + fake), 'properties-refused'],
    [
      'a second object before theirs',
      xml.replace(object, object.replace(properties, fake) + object),
      'properties-refused',
    ],
    [
      'a second object after theirs',
      xml.replace(object, object + object.replace(properties, fake)),
      'properties-refused',
    ],
    ['another target', xml.replace('Target="#S-', 'Target="#T-'), 'properties-refused'],
    [
      'the same identifier twice',
      xml
        .replace(properties, fake.replace('other', id))
        .replace('</ds:Signature>', `<ds:Object>${moved}</ds:Object></ds:Signature>`),
      'reference-refused',
    ],
    [
      'a reference of no type',
      xml.replace(' Type="http://uri.etsi.org/01903#SignedProperties"', ''),
      'value-broken',
    ],
  ])('are refused: %s', (_, changed, code) => {
    expect(changed).not.toBe(xml);
    expect(codesOf(changed).join()).toContain(code);
    expect(verifyXml(changed, { keys }).verdict).toBe('invalid');
    expect(
      verifyXml(changed, { keys, covering: { namespace: 'urn:m', localName: 'body' } }).verdict,
    ).toBe('invalid');
  });

  it('are refused when their reference is of another type, or is to a part', () => {
    for (const [type, transforms] of [
      ['', ''],
      [
        'http://uri.etsi.org/01903#SignedProperties',
        '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath xmlns:x="http://uri.etsi.org/01903/v1.3.2#">not(ancestor-or-self::x:SignerRoleV2)</XPath></Transform>',
      ],
    ]) {
      const template = xml
        .replace(
          ' Type="http://uri.etsi.org/01903#SignedProperties"',
          type ? ` Type="${type}"` : '',
        )
        .replace(
          /(<ds:Transforms>)(?=<ds:Transform Algorithm="http:\/\/www.w3.org\/2001\/10\/xml-exc-c14n#">)/,
          `$1${transforms!.replaceAll(/<(\/?)(Transform|XPath)/g, '<$1ds:$2')}`,
        )
        .replaceAll(/(<ds:DigestValue>)[^<]*(?=<\/ds:DigestValue><\/ds:Reference>)/g, '$1')
        .replace(/(<ds:SignatureValue [^>]*>)[^<]*/, '$1');
      const again = xmlsec.sign(template, ['SignedProperties']);
      expect(codesOf(again)).toEqual(['properties-refused not-signed']);
    }
  });

  it('bind one certificate: another of the same key is refused', () => {
    const twin = issue({ issuer: root, subject: 'CN=Twin', keys: party.keys });
    const swapped = xml.replace(
      party.certificate.bytes.toString('base64'),
      twin.certificate.bytes.toString('base64'),
    );
    expect(verifyXml(swapped, {}).checks[0]!.facts.failures).toMatchObject([
      { code: 'certificate-differs' },
    ]);
    const certificate = (one: typeof party) =>
      `<ds:X509Certificate>${one.certificate.bytes.toString('base64')}</ds:X509Certificate>`;
    const both = xml.replace(certificate(party), certificate(twin) + certificate(party));
    expect(verifyXml(both, {}).checks[0]!.signer?.fingerprint).toBe(party.certificate.fingerprint);
    const stranger = issue({ keys: ecKeys() });
    expect(verifyXml(xml, { keys: [stranger.certificate] }).verdict).toBe('invalid');
    expect(verifyXml(xml, { keys: [party.keys.publicKey] }).verdict).toBe('valid');
  });
});
