import { describe, expect, it } from '@jest/globals';
import { digestBytes } from '../x509/algorithms.js';
import { parseXml } from '../xml/parse.js';
import { attributeOf, elementsBelow } from '../xml/tree.js';
import {
  ask,
  authority,
  crls,
  party,
  resigned,
  root,
  Signed,
  stamper,
  verdict,
} from './testing.js';
import { report } from './report.js';
import { policy } from './testing.js';

const plain = Signed.by(party);
const text = plain.xml.toString();
const change = (from: string | RegExp, to: string) => {
  expect(text).toMatch(from);
  return resigned(text.replace(from, to), [party]);
};
const digestIn = (octets: Uint8Array) => digestBytes('sha256', octets).toString('base64');
const own = digestIn(party.certificate.bytes);
const idOf = (name: string, xml = text) =>
  attributeOf(
    [...elementsBelow(parseXml(xml))].find(({ localName }) => localName === name)!,
    'Id',
  )!;

describe('a XAdES signature whose signer signed something else along', () => {
  it.each<[string, () => Signed, unknown[]]>([
    ['the same', () => change('Công văn', 'Tờ trình'), ['TOTAL_PASSED', 'Basic']],
    [
      'the digest of another certificate',
      () => change(own, digestIn(root.certificate.bytes)),
      ['INDETERMINATE', 'NO_SIGNING_CERTIFICATE_FOUND'],
    ],
    [
      'no certificate',
      () => change(/<xades:SigningCertificateV2>.*<\/xades:SigningCertificateV2>/, ''),
      ['INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE'],
    ],
    [
      'no format of the data',
      () => change(/<xades:DataObjectFormat .*?<\/xades:DataObjectFormat>/, ''),
      ['TOTAL_PASSED', 'Basic'],
    ],
    [
      'a format of what it does not sign',
      () =>
        change(
          '<xades:DataObjectFormat ',
          '<xades:DataObjectFormat ObjectReference="#none"><xades:MimeType>text/plain</xades:MimeType></xades:DataObjectFormat>$&',
        ),
      ['TOTAL_PASSED', 'Basic'],
    ],
    [
      'nothing of its properties',
      () => change(/<ds:Reference [^>]*SignedProperties".*?<\/ds:Reference>/, ''),
      ['TOTAL_FAILED', 'FORMAT_FAILURE'],
    ],
  ])('%s', (_, signed, expected) => {
    expect(verdict(signed().facts(crls))).toEqual(expected);
  });

  it('names the policy that it says it follows, and none for an implied one', () => {
    const place = '</xades:SigningCertificateV2>';
    const naming = (inner: string) =>
      change(
        place,
        `${place}<xades:SignaturePolicyIdentifier>${inner}</xades:SignaturePolicyIdentifier>`,
      ).facts(crls);
    const explicit = naming(
      '<xades:SignaturePolicyId><xades:SigPolicyId><xades:Identifier Qualifier="OIDAsURN">urn:oid:1.2.3' +
        '</xades:Identifier></xades:SigPolicyId><xades:SigPolicyHash><ds:DigestMethod ' +
        `Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>${own}</ds:DigestValue>` +
        '</xades:SigPolicyHash></xades:SignaturePolicyId>',
    );
    expect(explicit.signatures[0]!.policy).toBe('urn:oid:1.2.3');
    expect(verdict(explicit)).toEqual(['TOTAL_PASSED', 'Basic']);
    const others = { signaturePolicies: ['urn:oid:1.2.4'] };
    expect(ask(explicit, '2026-06-15', others)).toMatchObject({
      ...{ indication: 'INDETERMINATE', subIndication: 'SIGNATURE_POLICY_NOT_AVAILABLE' },
    });
    const implied = naming('<xades:SignaturePolicyImplied/>');
    expect(implied.signatures[0]).not.toHaveProperty('policy');
    expect(verdict(implied)).toEqual(['TOTAL_PASSED', 'Basic']);
  });
});

describe('a XAdES signature that somebody countersigned', () => {
  const value = idOf('SignatureValue');
  const counter = (reference: string, type = 'http://uri.etsi.org/01903#CountersignedSignature') =>
    text.replace(
      '</xades:QualifyingProperties>',
      '<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:CounterSignature>' +
        '<ds:Signature Id="C"><ds:SignedInfo><ds:CanonicalizationMethod ' +
        'Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod ' +
        'Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>' +
        `<ds:Reference URI="#${reference}" Type="${type}"><ds:DigestMethod ` +
        'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue></ds:DigestValue>' +
        '</ds:Reference></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue><ds:KeyInfo>' +
        `<ds:X509Data><ds:X509Certificate>${party.certificate.bytes.toString('base64')}` +
        '</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature></xades:CounterSignature>' +
        '</xades:UnsignedSignatureProperties></xades:UnsignedProperties>$&',
    );

  it('holds as before, and says who countersigns whom', () => {
    const facts = resigned(counter(value), [undefined, party]).facts(crls);
    expect(facts.signatures.map((one) => one.countersigns)).toEqual([
      undefined,
      facts.signatures[0]!.id,
    ]);
    const anyForm = { ...policy, requires: [] };
    const told = report(facts, anyForm, new Date('2026-06-15')).signatures;
    expect(told.map(({ indication }) => indication)).toEqual(['TOTAL_PASSED', 'TOTAL_PASSED']);
  });

  it('knows a countersignature of something else, and one that was changed', () => {
    const other = resigned(counter(idOf('SignedProperties')), [undefined, party]).facts(crls);
    expect(other.signatures[1]).not.toHaveProperty('countersigns');
    const changed = resigned(counter(value), [undefined, party]).changed(
      /(Id="C">.*?<ds:SignatureValue>)..../s,
      '$1AAAA',
    );
    const told = report(changed.facts(crls), policy, new Date('2026-06-15')).signatures;
    expect(told.map(({ indication, subIndication }) => [indication, subIndication])).toEqual([
      ['TOTAL_PASSED', undefined],
      ['TOTAL_FAILED', 'SIG_CRYPTO_FAILURE'],
    ]);
  });
});

describe('a XAdES signature with time stamps over other things', () => {
  const stamped = plain.stamped('signature', '2026-05-20', stamper());
  const archived = stamped
    .withValues([authority, root], crls)
    .stamped('archive', '2026-06-10', stamper());
  const kinds = (signed: Signed) =>
    ask(signed.facts(crls)).timeStamps.map(({ kind, indication, subIndication }) => [
      kind,
      indication,
      subIndication,
    ]);
  const failed = ['FAILED', 'HASH_FAILURE'];

  it('counts them all as they are', () => {
    expect(ask(archived.facts(crls))).toMatchObject({ level: 'LTA', indication: 'TOTAL_PASSED' });
    expect(kinds(archived)).toEqual([
      ['signature', 'PASSED', undefined],
      ['archive', 'PASSED', undefined],
    ]);
  });

  it.each<[string, string | RegExp, string]>([
    ['without values that it is over', /<xades:RevocationValues.*<\/xades:RevocationValues>/s, ''],
    [
      'with values put before it',
      '<xades:CertificateValues',
      '<xades:CompleteCertificateRefs></xades:CompleteCertificateRefs>$&',
    ],
    [
      'without the time stamp before it',
      /<xades:SignatureTimeStamp.*<\/xades:SignatureTimeStamp>/s,
      '',
    ],
    ['with an object beside it', '</ds:Signature>', '<ds:Object>x</ds:Object>$&'],
    ['with another KeyInfo', '<ds:KeyInfo>', '<ds:KeyInfo><ds:KeyName>x</ds:KeyName>'],
  ])('believes no archive time stamp %s', (_, from, to) => {
    const found = kinds(archived.changed(from, to));
    expect(found.at(-1)).toEqual(['archive', ...failed]);
  });

  it('believes no time stamp of another signature', () => {
    const token = /<xades:SignatureTimeStamp.*<\/xades:SignatureTimeStamp>/s;
    const another = resigned(text.replace('Công văn', 'Tờ trình'), [party]);
    const taken = another.stamped('signature', '2026-05-20', stamper());
    const moved = stamped.changed(token, token.exec(taken.xml.toString())![0]);
    expect(kinds(moved)).toEqual([['signature', ...failed]]);
    expect(ask(moved.facts(crls))).toMatchObject({ level: 'T', indication: 'TOTAL_PASSED' });
    expect(ask(moved.facts(crls)).bestSignatureTime).toBe('2026-06-15T00:00:00.000Z');
  });
});
