import { createHash, hash } from 'node:crypto';
import type { DigestName } from '../../x509/algorithms.js';
import { namespaces, uriOfCanonicalization, uriOfDigest, uriOfScheme } from '../dsig/algorithms.js';
import { signedOctets } from '../dsig/check-signature.js';
import type { Surroundings } from '../dsig/dereference.js';
import { digestedOctets } from '../dsig/references.js';
import { readSignature } from '../dsig/signature.js';
import { elementsBelow, isElement, type XmlElement } from '../tree.js';
import { surroundingsOf } from '../verify-xml.js';
import { XmlError } from '../xml-error.js';
import { signedPropertiesType } from '../xades/names.js';
import { qualifyingProperties } from '../xades/signed-properties.js';
import { replaceInside } from './insert.js';
import { base64, markup, text } from './markup.js';
import type { PreparedXmlSignature, SignXmlOptions } from './options.js';
import { canonicalizations, type Plan, planOf, type WrittenReference } from './plan.js';

// The signature is first written with empty digests, then read back and digested by what verifies
// signatures, so that what is signed is what will be checked. Nothing is random: the same input
// gives the same octets to sign.

/**
 * First half of an XML signature: everything but the value.
 * @param content the document for an enveloped signature, the content for an enveloping one,
 *   unused for a detached one.
 * Throws XmlError for a document that is refused, or an element that is not there.
 */
export function prepareXmlSignature(
  content: Uint8Array | string,
  options: SignXmlOptions,
): PreparedXmlSignature {
  const signatureId = idFor(content, options);
  const plan = planOf(content, options, signatureId);
  const { scheme } = options;
  const parts = options.placement.kind === 'detached' ? options.placement.parts : [];
  const detached = (uri?: string) => parts.find((part) => part.uri === uri)?.octets;
  const empty = plan.place(signatureMarkup(plan, options, signatureId));
  const around = surroundingsOf(empty, { detached });
  const digested = withDigests(empty, signatureIn(around, signatureId), around, options);
  const final = surroundingsOf(digested, { detached });
  const signature = readSignature(signatureIn(final, signatureId), final.limits);
  const toBeSigned = signedOctets(signature, final);
  const digest = scheme.digest === 'none' ? undefined : hash(scheme.digest, toBeSigned, 'buffer');
  return { document: Buffer.from(digested), signatureId, scheme, toBeSigned, digest };
}

/** The signature with an identifier in a document just written. */
export function signatureIn({ document }: Surroundings, id: string): XmlElement {
  for (const element of elementsBelow(document)) {
    if (!isElement(element, namespaces.dsig, 'Signature')) continue;
    if (element.attributes.some(({ localName, value }) => localName === 'Id' && value === id)) {
      return element;
    }
  }
  throw new XmlError('unresolved', `No signature ${id}`);
}

function idFor(content: Uint8Array | string, options: SignXmlOptions): string {
  const made = createHash('sha256').update(options.certificate.bytes).update(content);
  const { placement, xades } = options;
  if (placement.kind === 'detached') {
    for (const { uri, octets } of placement.parts) made.update(uri).update(octets);
  } else if (placement.kind === 'enveloped') {
    made.update(JSON.stringify([placement.covers, placement.within]));
  }
  if (xades) made.update(xades.signingTime.toISOString());
  return `S-${made.digest('hex').slice(0, 16)}`;
}

function digestFor({ digest, scheme }: SignXmlOptions): DigestName {
  return digest ?? (scheme.digest === 'none' ? 'sha512' : scheme.digest);
}

function signatureMarkup(plan: Plan, options: SignXmlOptions, signatureId: string): string {
  const {
    certificate,
    chain = [],
    scheme,
    canonicalization: method = 'exclusive',
    xades,
  } = options;
  const digest = digestFor(options);
  const references = plan.references.map((one) => (xades ? one : { ...one, id: undefined }));
  const objects = [...plan.objects];
  if (xades) {
    const propertiesId = `${signatureId}-p`;
    references.push({
      uri: `#${propertiesId}`,
      type: signedPropertiesType,
      transforms: canonicalizations(options),
    });
    const properties = qualifyingProperties(
      signatureId,
      propertiesId,
      certificate,
      digest,
      xades,
      plan.formats,
    );
    objects.push(markup('ds:Object', {}, properties));
  }
  const certificates = [certificate, ...chain].map((one) =>
    markup('ds:X509Certificate', {}, base64(one.bytes)),
  );
  const subject = options.subjectName
    ? markup('ds:X509SubjectName', {}, text(certificate.subject.toString()))
    : undefined;
  return markup(
    'ds:Signature',
    { 'xmlns:ds': namespaces.dsig, Id: signatureId },
    markup(
      'ds:SignedInfo',
      {},
      markup('ds:CanonicalizationMethod', {
        Algorithm: uriOfCanonicalization({ method, comments: false }),
      }),
      markup('ds:SignatureMethod', { Algorithm: uriOfScheme(scheme) }),
      ...references.map((one) => referenceMarkup(one, digest)),
    ),
    markup('ds:SignatureValue', { Id: `${signatureId}-v` }),
    markup('ds:KeyInfo', {}, markup('ds:X509Data', {}, subject, ...certificates)),
    ...objects,
  );
}

function referenceMarkup(reference: WrittenReference, digest: DigestName): string {
  const { id, type, uri } = reference;
  const list = reference.transforms.map((Algorithm) => markup('ds:Transform', { Algorithm }));
  return markup(
    'ds:Reference',
    { Id: id, Type: type, URI: uri },
    list.length > 0 ? markup('ds:Transforms', {}, ...list) : '',
    markup('ds:DigestMethod', { Algorithm: uriOfDigest(digest) }),
    markup('ds:DigestValue'),
  );
}

function withDigests(
  source: string,
  element: XmlElement,
  around: Surroundings,
  options: SignXmlOptions,
): string {
  const { references } = readSignature(element, around.limits);
  const digest = digestFor(options);
  // From the last to the first, so that the places of those before stay true.
  return references.reduceRight((written, reference) => {
    const value = base64(hash(digest, digestedOctets(reference, around), 'buffer'));
    const place = elementNamed(reference.element, 'DigestValue');
    return replaceInside(written, place, value);
  }, source);
}

/** The element of a name in the signature namespace, which must be there. */
export function elementNamed(parent: XmlElement, localName: string): XmlElement {
  for (const element of elementsBelow(parent)) {
    if (isElement(element, namespaces.dsig, localName)) return element;
  }
  throw new XmlError('structure', `No ${localName}`);
}
