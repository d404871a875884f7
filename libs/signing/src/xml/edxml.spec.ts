import { afterAll, describe, expect, it } from '@jest/globals';
import { requireProgram } from '@eoffice/testing/programs';
import { issue, rsaKeys, signWith } from '../testing/authority.js';
import { currentAlgorithms } from '../x509/algorithm-policy.js';
import { completeXmlSignature } from './sign/complete.js';
import type { SignXmlOptions } from './sign/options.js';
import { prepareXmlSignature } from './sign/prepare.js';
import { Xmlsec } from './testing.js';
import { verifyXml } from './verify-xml.js';

// A message of the exchange standard (QCVN 102) carries its signature in the header, either as a
// Signature or inside a DigitalSignature: canonical XML 1.0, the whole document, one certificate.
const party = issue({ subject: 'C=VN,O=UBND tỉnh,CN=Văn thư', keys: rsaKeys() });
const sha1 = issue({ keys: rsaKeys(2048, 'sha1') });
const xmlsec = new Xmlsec(requireProgram('xmlsec1'), party);
afterAll(() => xmlsec.clean());

const edxml = 'http://www.mic.gov.vn/TBT/QCVN_102_2016';
const envelope = { namespace: edxml, localName: 'edXMLEnvelope' };
const message = (place = '') => `<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="${edxml}"><edXML:edXMLEnvelope xmlns:edXML="${edxml}"><edXML:edXMLHeader>
<edXML:MessageHeader><edXML:Subject>V/v họp &amp; làm việc</edXML:Subject></edXML:MessageHeader>
<edXML:TraceHeaderList><edXML:TraceHeader><edXML:OrganId>H36</edXML:OrganId></edXML:TraceHeader></edXML:TraceHeaderList>${place}
</edXML:edXMLHeader></edXML:edXMLEnvelope><AttachmentEncoded/></edXML>`;

function signed(xml: string, within: string, signer = party): string {
  const options: SignXmlOptions = {
    placement: { kind: 'enveloped', within: { namespace: edxml, localName: within } },
    scheme: signer.keys.scheme,
    certificate: signer.certificate,
    canonicalization: 'inclusive',
    subjectName: true,
  };
  const prepared = prepareXmlSignature(xml, options);
  return completeXmlSignature(prepared, signWith(signer.keys, prepared.toBeSigned)).toString();
}

describe('a message of the exchange standard', () => {
  const keys = [party.certificate];
  it.each([
    ['Signature', signed(message(), 'edXMLHeader')],
    ['DigitalSignature', signed(message('<edXML:DigitalSignature/>'), 'DigitalSignature')],
  ])('is signed and verified with its %s', (_, xml) => {
    expect(xmlsec.verifies(xml).valid).toBe(true);
    expect(verifyXml(xml, { keys, covering: 'root' }).verdict).toBe('valid');
    expect(verifyXml(xml, { keys, covering: envelope })).toMatchObject({
      verdict: 'valid',
      checks: [
        {
          facts: {
            canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
            method: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
            references: [
              { uri: '', transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature'] },
            ],
          },
        },
      ],
    });
    expect(xml).toContain(
      '<ds:X509SubjectName>CN=Văn thư, O=UBND tỉnh, C=VN</ds:X509SubjectName><ds:X509Certificate>',
    );
  });

  it('does not hold when a relay adds a trace', () => {
    const xml = signed(message(), 'edXMLHeader');
    const relayed = xml.replace('</edXML:TraceHeaderList>', '<edXML:TraceHeader/>$&');
    expect(verifyXml(relayed, { keys, covering: envelope })).toMatchObject({
      verdict: 'invalid',
      failures: [{ code: 'not-covered' }, { code: 'reference-differs' }],
    });
  });

  it('bears no XML signature when the block is in the namespace of the message', () => {
    const xml = signed(message(), 'edXMLHeader').replace(
      'http://www.w3.org/2000/09/xmldsig#"',
      `${edxml}"`,
    );
    expect(verifyXml(xml, { keys })).toMatchObject({
      verdict: 'invalid',
      failures: [{ code: 'no-signature' }],
    });
  });

  it('holds with SHA-1 only for who allows it, and until when', () => {
    const xml = signed(message(), 'edXMLHeader', sha1);
    const options = { keys: [sha1.certificate], covering: 'root' as const };
    expect(verifyXml(xml, options).failures.map(({ code }) => code)).toContain('algorithm-refused');
    const algorithms = [
      ...currentAlgorithms,
      { name: 'sha1' as const, until: new Date('2019-01-01') },
    ];
    expect(verifyXml(xml, { ...options, algorithms }).verdict).toBe('invalid');
    expect(verifyXml(xml, { ...options, algorithms, at: new Date('2015-09-30') }).verdict).toBe(
      'valid',
    );
  });
});
