import { hash } from 'node:crypto';
import * as encode from '../asn1/encode.js';
import { CmsSigner, LocalKey } from '../cms/sign-cms.js';
import { timeStampRequest, tokenOf } from '../cms/time-stamp.js';
import { answerTimeStampRequest } from '../cms/time-stamp-authority.js';
import { extensions, keyPurposes } from '../oids.js';
import { issue, type Party, signWith, type Wish } from '../testing/authority.js';
import { crl } from '../testing/revocation.js';
import { currentAlgorithms } from '../x509/algorithm-policy.js';
import type { CertificateList } from '../x509/crl.js';
import { signedOctets } from '../xml/dsig/check-signature.js';
import { valueToWrite } from '../xml/dsig/signature-value.js';
import { completeXmlSignature } from '../xml/sign/complete.js';
import { prepareXmlSignature } from '../xml/sign/prepare.js';
import { elementsOf, type XmlElement } from '../xml/tree.js';
import { verifyXml } from '../xml/verify-xml.js';
import { addTimeStamp, addValidationData, imprintFor } from '../xml/xades/extend.js';
import { diagnose } from './diagnose.js';
import type { Diagnostic } from './diagnostic.js';
import type { ValidationPolicy } from './policy.js';
import { report } from './report.js';

/** What specs of validation share: two authorities, a time stamp authority, and documents. */

export const root = issue({ subject: 'CN=Root', ca: true });
export const authority = issue({ subject: 'CN=CA', issuer: root, ca: true });
export const stampRoot = issue({ subject: 'CN=Time', ca: true });

export const stamper = (wish: Wish = {}): Party =>
  issue({
    issuer: stampRoot,
    subject: 'CN=TSA',
    extensions: {
      [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.timeStamping)),
    },
    critical: { [extensions.extendedKeyUsage]: true },
    ...wish,
  });

export const party = issue({ issuer: authority, subject: 'CN=Văn thư' });
export const shortLived = issue({ issuer: authority, from: '2026-01-01', to: '2026-12-31' });
export const crls = [crl(root), crl(authority)];
export const now = '2026-06-15';

/** A CRL that revokes the certificate of `party`. */
export const revoking = (at: string, reason?: number, wish = {}) =>
  crl(authority, { revoked: [{ certificate: party.certificate, at, reason }], ...wish });

export const base64 = ({ certificate }: Party) => certificate.bytes.toString('base64');

export const policy: ValidationPolicy = {
  name: 'spec',
  signers: [{ name: 'official-duty', anchors: [{ certificate: base64(root) }] }],
  timeStamps: [{ name: 'time', anchors: [{ certificate: base64(stampRoot) }] }],
  algorithms: currentAlgorithms,
  revocation: {
    signer: { required: true },
    authorities: { required: true },
    timeStamps: { required: false },
  },
  requires: ['signing-certificate'],
};

const message = Buffer.from('<m:message xmlns:m="urn:m">Công văn</m:message>');
const signatureIdIn = (xml: Buffer) => /<ds:Signature [^>]*Id="([^"]+)"/.exec(xml.toString())![1]!;

/** A XAdES document that is signed, and then grows. */
export class Signed {
  constructor(readonly xml: Buffer) {}

  static by(signer: Party, chain: Party[] = [authority], plain = false): Signed {
    const prepared = prepareXmlSignature(message, {
      placement: { kind: 'enveloped' },
      scheme: signer.keys.scheme,
      certificate: signer.certificate,
      chain: chain.map(({ certificate }) => certificate),
      ...(!plain && { xades: { signingTime: new Date('2026-06-01T00:00:00Z') } }),
    });
    return new Signed(completeXmlSignature(prepared, signWith(signer.keys, prepared.toBeSigned)));
  }

  stamped(kind: 'signature' | 'archive', at: string, by: Party): Signed {
    const options = { signatureId: signatureIdIn(this.xml) };
    const request = timeStampRequest({ imprint: imprintFor(kind, this.xml, options) });
    const { certificate, keys } = by;
    const key = new LocalKey(keys.privateKey, new CmsSigner({ certificate }));
    const answer = answerTimeStampRequest(request, key, {
      time: new Date(at),
      serial: Buffer.from(at),
      policy: '1.2.3',
    });
    return new Signed(addTimeStamp(kind, this.xml, tokenOf(answer), options));
  }

  withValues(certificates: Party[], crls: CertificateList[]): Signed {
    const values = {
      certificates: certificates.map(({ certificate }) => certificate.bytes),
      crls: crls.map(({ bytes }) => bytes),
      ocsp: [],
    };
    return new Signed(
      addValidationData(this.xml, values, { signatureId: signatureIdIn(this.xml) }),
    );
  }

  changed(from: string | RegExp, to: string): Signed {
    return new Signed(Buffer.from(this.xml.toString().replace(from, to)));
  }

  /** The facts, after a journey through a file. */
  facts(crls: CertificateList[] = []): Diagnostic {
    return JSON.parse(JSON.stringify(diagnose(this.xml, { crls }))) as Diagnostic;
  }
}

/**
 * The document with its signatures made anew over what is written there now, each by its party;
 * those without one stay as they are.
 */
export function resigned(xml: string, parties: readonly (Party | undefined)[]): Signed {
  let at = xml;
  const put = ({ inner }: XmlElement, octets: Uint8Array) => {
    at = at.slice(0, inner.start) + Buffer.from(octets).toString('base64') + at.slice(inner.end);
  };
  for (const [i, signer] of parties.entries()) {
    if (!signer) continue;
    const check = () => {
      const found = verifyXml(at);
      return { ...found.checks[i]!, around: found.around };
    };
    const { length } = check().references;
    for (let n = 0; n < length; n++) {
      const { reference, octets } = check().references[n]!;
      const value = elementsOf(reference.element).find(
        ({ localName }) => localName === 'DigestValue',
      );
      put(value!, hash('sha256', octets!, 'buffer'));
    }
    const { signature, around } = check();
    const { keys } = signer;
    const made = signWith(keys, signedOctets(signature!, around));
    put(
      signature!.valueElement,
      valueToWrite(
        keys.scheme,
        signer.certificate.publicKey,
        signedOctets(signature!, around),
        made,
      ),
    );
  }
  return new Signed(Buffer.from(at));
}

/** The report on the first signature of some facts. */
export function ask(facts: Diagnostic, at = now, wish: Partial<ValidationPolicy> = {}) {
  const [one] = report(facts, { ...policy, ...wish }, new Date(at)).signatures;
  return one!;
}

/** Indication, and the sub-indication or the process that passed. */
export function verdict(facts: Diagnostic, at = now, wish: Partial<ValidationPolicy> = {}) {
  const { indication, subIndication, process } = ask(facts, at, wish);
  return [indication, subIndication ?? process];
}
