import { sign } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { requireProgram } from '@eoffice/testing/programs';
import { ecKeys, edwardsKeys, issue, type Party, rsaKeys, signWith } from '../testing/authority.js';
import { completeXmlSignature } from './sign/complete.js';
import type { SignXmlOptions } from './sign/options.js';
import { prepareXmlSignature } from './sign/prepare.js';
import { parseXml } from './parse.js';
import { Xmlsec } from './testing.js';
import { verifyXml } from './verify-xml.js';
import { XmlError } from './xml-error.js';

const program = requireProgram('xmlsec1');
const parties: Record<string, Party> = {
  'RSA-2048': issue({ keys: rsaKeys() }),
  'RSA-3072 with SHA-512': issue({ keys: rsaKeys(3072, 'sha512') }),
  'P-256': issue({ keys: ecKeys() }),
  'P-384': issue({ keys: ecKeys('P-384', 'sha384') }),
  'P-521': issue({ keys: ecKeys('P-521', 'sha512') }),
};
const xmlsecs = Object.entries(parties).map(([name, party]) => ({
  name,
  party,
  xmlsec: new Xmlsec(program, party),
}));
afterAll(() => xmlsecs.forEach(({ xmlsec }) => xmlsec.clean()));

const message =
  '<?xml version="1.0" encoding="utf-8"?>\r\n<!-- đầu --><m:message xmlns:m="urn:m" xml:lang="vi">' +
  '<m:head/><m:body Id="b1" a="&#13;&lt;">Công văn &amp; phụ lục</m:body>\r\n</m:message>\n<?end?>';

function signed(
  party: Party,
  content: string | Buffer,
  wish: Partial<SignXmlOptions> = {},
): Buffer {
  const prepared = prepareXmlSignature(content, {
    placement: { kind: 'enveloped' },
    scheme: party.keys.scheme,
    certificate: party.certificate,
    ...wish,
  });
  return completeXmlSignature(prepared, signWith(party.keys, prepared.toBeSigned));
}

const xades = {
  signingTime: new Date('2026-11-24T08:00:00.500Z'),
  place: { city: 'Đà Lạt', country: 'VN' },
  claimedRoles: ['KT. CHỦ TỊCH'],
};

describe('signatures we make', () => {
  const methods = ['inclusive', 'inclusive-1.1', 'exclusive'] as const;
  const wishes: [string, Partial<SignXmlOptions>, string[]][] = [
    ['around the document', { placement: { kind: 'enveloped' } }, []],
    ['over an element', { placement: { kind: 'enveloped', covers: { id: 'b1' } } }, ['body']],
    [
      'in an element that was empty',
      { placement: { kind: 'enveloped', within: { namespace: 'urn:m', localName: 'head' } } },
      [],
    ],
    ['around a content', { placement: { kind: 'enveloping' } }, ['Object']],
  ];

  describe.each(xmlsecs)('with $name', ({ name, party, xmlsec }) => {
    it.each(wishes)('hold for xmlsec1 and for us: %s', (_, wish, ids) => {
      for (const canonicalization of name === 'RSA-2048' ? methods : methods.slice(2)) {
        for (const more of [{}, { xades }]) {
          const xml = signed(party, message, { ...wish, canonicalization, ...more }).toString();
          expect(xmlsec.verifies(xml, [...ids, 'SignedProperties'])).toMatchObject({ valid: true });
          const { verdict, failures } = verifyXml(xml, { keys: [party.certificate] });
          expect({ verdict, failures }).toEqual({ verdict: 'valid', failures: [] });
          const changed = xml.replace('phụ lục', 'phụ chú');
          expect(verifyXml(changed, { keys: [party.certificate] }).verdict).toBe('invalid');
          expect(xmlsec.verifies(changed, [...ids, 'SignedProperties']).valid).toBe(false);
        }
      }
    });
  });

  const rsa = parties['RSA-2048']!;

  it('keep every octet of the document around them', () => {
    const xml = signed(rsa, message).toString();
    const at = xml.indexOf('<ds:Signature');
    const end = xml.indexOf('</ds:Signature>') + '</ds:Signature>'.length;
    expect(xml.slice(0, at) + xml.slice(end)).toBe(message);
  });

  it('are the same for the same input, and differ with any of it', () => {
    const prepare = (content: string, scheme = rsa.keys.scheme) =>
      prepareXmlSignature(content, {
        placement: { kind: 'enveloped' },
        scheme,
        certificate: rsa.certificate,
        xades,
      });
    expect(prepare(message)).toEqual(prepare(message));
    expect(prepare(message).toBeSigned).not.toEqual(
      prepare(message.replace('b1', 'b2')).toBeSigned,
    );
  });

  it('hold with PSS and with the Edwards curves', () => {
    const scheme = {
      kind: 'rsa-pss',
      digest: 'sha256',
      maskDigest: 'sha256',
      saltLength: 32,
    } as const;
    const pss = issue({ keys: { ...rsaKeys(), scheme } });
    for (const party of [
      pss,
      issue({ keys: edwardsKeys('ed25519') }),
      issue({ keys: edwardsKeys('ed448') }),
    ]) {
      const xml = signed(party, message, { xades });
      expect(verifyXml(xml, { keys: [party.certificate] }).verdict).toBe('valid');
    }
  });

  it('take what tokens give for ECDSA, in either form', () => {
    const party = parties['P-521']!;
    const prepared = prepareXmlSignature(message, {
      placement: { kind: 'enveloped' },
      scheme: party.keys.scheme,
      certificate: party.certificate,
    });
    for (const dsaEncoding of ['der', 'ieee-p1363'] as const) {
      const value = sign('sha512', prepared.toBeSigned, {
        key: party.keys.privateKey,
        dsaEncoding,
      });
      const xml = completeXmlSignature(prepared, value);
      expect(verifyXml(xml, { keys: [party.certificate] }).verdict).toBe('valid');
    }
  });

  it('refuse a value that is not theirs', () => {
    const options = {
      placement: { kind: 'enveloped' },
      scheme: rsa.keys.scheme,
      certificate: rsa.certificate,
    } as const;
    const prepared = prepareXmlSignature(message, options);
    const other = issue({ keys: rsaKeys() });
    const value = signWith(rsa.keys, prepared.toBeSigned);
    expect(() => completeXmlSignature(prepared, signWith(other.keys, prepared.toBeSigned))).toThrow(
      'does not belong',
    );
    expect(() => completeXmlSignature(prepared, value.subarray(1))).toThrow('does not belong');
    const document = Buffer.from(prepared.document.toString().replace('rsa-sha256', 'rsa-sha512'));
    expect(() => completeXmlSignature({ ...prepared, document }, value)).toThrow('not the one');
  });

  it('sign what is not XML inside and beside', () => {
    const pdf = Buffer.from('%PDF-1.7\n\xff', 'latin1');
    const around = signed(rsa, pdf, {
      placement: { kind: 'enveloping', mediaType: 'application/pdf' },
      xades,
    });
    expect(verifyXml(around, { keys: [rsa.certificate] })).toMatchObject({
      verdict: 'valid',
      checks: [{ facts: { references: [{ extent: 'text' }, { extent: 'whole' }] } }],
    });
    const parts = [
      { uri: 'công-văn.pdf', octets: pdf, mediaType: 'application/pdf' },
      { uri: 'b.xml', octets: Buffer.from('<b/>') },
    ];
    const beside = signed(rsa, '', { placement: { kind: 'detached', parts }, xades });
    const detached = (uri?: string) => parts.find((part) => part.uri === uri)?.octets;
    expect(verifyXml(beside, { keys: [rsa.certificate], detached }).verdict).toBe('valid');
    expect(verifyXml(beside, { keys: [rsa.certificate] }).failures).toMatchObject([
      { code: 'reference-refused' },
      { code: 'reference-refused' },
    ]);
  });

  it('sign again over earlier signatures', () => {
    const second = parties['P-256']!;
    const once = signed(rsa, message);
    const twice = signed(second, once);
    expect(verifyXml(twice, { keys: [second.certificate], covering: 'root' })).toMatchObject({
      verdict: 'valid',
      covered: [{ signedBy: [1], withoutSignatures: ['/m:message[1]/ds:Signature[2]'] }],
    });
  });

  it.each([
    [
      'an identifier that is not there',
      { placement: { kind: 'enveloped', covers: { id: 'none' } } },
    ],
    [
      'an identifier that is there twice',
      { placement: { kind: 'enveloped', covers: { id: 'twice' } } },
    ],
    ['no parts', { placement: { kind: 'detached', parts: [] } }],
  ] as [string, Partial<SignXmlOptions>][])('are refused for %s', (_, wish) => {
    expect(() => signed(rsa, '<a><b Id="twice"/><c ID="twice"/></a>', wish)).toThrow(XmlError);
    expect(() => signed(rsa, '<?xml version="1.0" encoding="ISO-8859-1"?><a/>')).toThrow('UTF-8');
  });

  it('are XML that reads back', () => {
    expect(parseXml(signed(rsa, '<a\n/>')).root.children).toHaveLength(1);
  });
});
