import { hash } from 'node:crypto';
import { type MessageImprint, readTimeStampInfo } from '../../cms/time-stamp.js';
import { SignedData } from '../../cms/signed-data.js';
import { digestBytes } from '../../x509/algorithms.js';
import { uriOfCanonicalization } from '../dsig/algorithms.js';
import type { DetachedContent } from '../dsig/dereference.js';
import { insertInto } from '../sign/insert.js';
import { base64, markup } from '../sign/markup.js';
import { type VerifyXmlOptions, verifyXml } from '../verify-xml.js';
import { XmlError } from '../xml-error.js';
import { namespaces } from '../dsig/algorithms.js';
import { xades, xades141 } from './names.js';
import { octetsToStamp } from './time-stamps.js';
import type { XadesSignature } from './xades.js';

// Raising the level of a signature (EN 319 132-1 clause 6): each step adds unsigned properties and
// leaves every octet that is there where it is. Time stamps are asked for by the caller, who is
// told the digest and brings the token.

/** Which signature of a document is meant, and where its detached content is. */
export interface ExtendOptions {
  /** The Id of the ds:Signature. */
  signatureId: string;
  detached?: DetachedContent;
  limits?: VerifyXmlOptions['limits'];
}

const canonicalization = { method: 'exclusive', comments: false } as const;

/** What a time stamp authority is to stamp: the signature (level T), or everything (level LTA). */
export function imprintFor(
  kind: 'signature' | 'archive',
  xml: Uint8Array,
  options: ExtendOptions,
  digest: MessageImprint['digest'] = 'sha256',
): MessageImprint {
  const { signature, around } = find(xml, options);
  const octets = octetsToStamp(kind, signature, around, canonicalization);
  return { digest, hash: digestBytes(digest, octets) };
}

/**
 * Adds a time stamp token. Throws XmlError when it is not over what it would be read as being over;
 * who made it, and whether to trust it, is for validation.
 */
export function addTimeStamp(
  kind: 'signature' | 'archive',
  xml: Uint8Array,
  token: Uint8Array,
  options: ExtendOptions,
): Buffer {
  const content = SignedData.read(token).content;
  if (!content) throw new XmlError('structure', 'A time stamp without its content');
  const { imprint } = readTimeStampInfo(content);
  const wanted = imprintFor(kind, xml, options, imprint.digest);
  if (!wanted.hash.equals(imprint.hash)) {
    throw new XmlError('structure', 'The time stamp is of something else');
  }
  const Id = `${options.signatureId}-t${hash('sha256', token, 'hex').slice(0, 16)}`;
  const inside = [
    markup('ds:CanonicalizationMethod', {
      'xmlns:ds': namespaces.dsig,
      Algorithm: uriOfCanonicalization(canonicalization),
    }),
    markup('xades:EncapsulatedTimeStamp', {}, base64(token)),
  ];
  const added =
    kind === 'signature'
      ? markup('xades:SignatureTimeStamp', { 'xmlns:xades': xades, Id }, ...inside)
      : markup(
          'xadesv141:ArchiveTimeStamp',
          { 'xmlns:xadesv141': xades141, 'xmlns:xades': xades, Id },
          ...inside,
        );
  return add(xml, added, options);
}

/** Certificates, CRLs and OCSP responses in DER. */
export interface ValuesToAdd {
  certificates: readonly Uint8Array[];
  crls: readonly Uint8Array[];
  ocsp: readonly Uint8Array[];
}

/**
 * Adds what validation will need later (level LT). The first time these are the values of the
 * signature; afterwards those of the time stamps added since.
 */
export function addValidationData(
  xml: Uint8Array,
  values: ValuesToAdd,
  options: ExtendOptions,
): Buffer {
  const { signature } = find(xml, options);
  const first = !signature.facts.unsignedProperties.some((name) => name === 'RevocationValues');
  const parts = [certificateValues(values), revocationValues(values)];
  const added = first
    ? parts.join('')
    : markup('xadesv141:TimeStampValidationData', { 'xmlns:xadesv141': xades141 }, ...parts);
  return add(xml, added, options);
}

function certificateValues({ certificates }: ValuesToAdd): string {
  const values = certificates.map((one) =>
    markup('xades:EncapsulatedX509Certificate', {}, base64(one)),
  );
  return markup('xades:CertificateValues', { 'xmlns:xades': xades }, ...values);
}

function revocationValues({ crls, ocsp }: ValuesToAdd): string {
  const list = (name: string, value: string, octets: readonly Uint8Array[]) =>
    octets.length === 0
      ? undefined
      : markup(name, {}, ...octets.map((one) => markup(value, {}, base64(one))));
  return markup(
    'xades:RevocationValues',
    { 'xmlns:xades': xades },
    list('xades:CRLValues', 'xades:EncapsulatedCRLValue', crls),
    list('xades:OCSPValues', 'xades:EncapsulatedOCSPValue', ocsp),
  );
}

function add(xml: Uint8Array, added: string, options: ExtendOptions): Buffer {
  const { signature, around } = find(xml, options);
  const { source } = around.document;
  const { unsignedParent, element } = signature.properties;
  if (unsignedParent) return Buffer.from(insertInto(source, unsignedParent, added));
  const inside = markup('xades:UnsignedSignatureProperties', {}, added);
  const whole = markup('xades:UnsignedProperties', { 'xmlns:xades': xades }, inside);
  return Buffer.from(insertInto(source, element, whole));
}

function find(xml: Uint8Array, { signatureId, detached, limits }: ExtendOptions) {
  const { checks, around } = verifyXml(xml, { detached, limits });
  const found = checks.filter(({ facts }) => facts.id === signatureId);
  const signature: XadesSignature | undefined = found[0]?.xades;
  if (found.length !== 1 || !signature) {
    throw new XmlError('unresolved', `No XAdES signature ${signatureId}`);
  }
  if (signature.facts.problems.length > 0) {
    throw new XmlError('structure', 'The signed properties do not belong to the signature');
  }
  return { signature, around };
}
