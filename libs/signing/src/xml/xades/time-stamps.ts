import { canonicalize, type C14nOptions } from '../c14n.js';
import { base64Of } from '../dsig/content.js';
import type { SignatureCheck } from '../dsig/facts.js';
import type { Surroundings } from '../dsig/dereference.js';
import type { CheckedReference } from '../dsig/references.js';
import { canonicalizationOf } from '../dsig/signature.js';
import { NodeSet } from '../node-set.js';
import { attributeOf, pathOf, type XmlElement } from '../tree.js';
import { XmlError } from '../xml-error.js';
import { signedPropertiesTypes } from './names.js';
import type { XadesSignature } from './xades.js';
import { childrenOf, down, dsigChild, isXades, type QualifyingProperties } from './qualifying.js';

/** What a time stamp in a signature is about (EN 319 132-1 clauses 5.2.8, 5.3, 5.4.3 and 5.5.2). */
export type TimeStampKind =
  'content' | 'signature' | 'signature-and-references' | 'references' | 'archive';

const kinds: Record<string, TimeStampKind> = {
  AllDataObjectsTimeStamp: 'content',
  IndividualDataObjectsTimeStamp: 'content',
  SignatureTimeStamp: 'signature',
  SigAndRefsTimeStamp: 'signature-and-references',
  SigAndRefsTimeStampV2: 'signature-and-references',
  RefsOnlyTimeStamp: 'references',
  RefsOnlyTimeStampV2: 'references',
  ArchiveTimeStamp: 'archive',
};

/** A time stamp token and the octets it must be over. */
export interface XadesTimeStamp {
  kind: TimeStampKind;
  element: XmlElement;
  path: string;
  token: Buffer;
  /** What was stamped. Throws XmlError when it cannot be put together. */
  stamped: () => Buffer;
}

const maxTokens = 64;

/** All time stamps of a signature: those signed along first, then those added, in their order. */
export function timeStampsOf(
  check: SignatureCheck,
  properties: QualifyingProperties,
  around: Surroundings,
): XadesTimeStamp[] {
  const signed = down(properties.signed, 'SignedDataObjectProperties');
  const elements = [...(signed ? signed.children : []), ...properties.unsigned].filter(
    (one): one is XmlElement => one.kind === 'element' && kindOf(one) !== undefined,
  );
  const found = elements.flatMap((element) =>
    childrenOf(element, 'EncapsulatedTimeStamp').map((token): XadesTimeStamp => {
      const kind = kindOf(element)!;
      const path = pathOf(element);
      const stamped = () => stampedBy(element, { check, properties, around });
      return { kind, element, path, token: base64Of(token), stamped };
    }),
  );
  if (found.length > maxTokens) throw new XmlError('limit', `More than ${maxTokens} time stamps`);
  return found;
}

function kindOf(element: XmlElement): TimeStampKind | undefined {
  return isXades(element, element.localName) && Object.hasOwn(kinds, element.localName)
    ? kinds[element.localName]
    : undefined;
}

/** What a time stamp is about, and how it is put together. */
interface Subject {
  check: SignatureCheck;
  properties: QualifyingProperties;
  around: Surroundings;
  /** Unsigned properties that were there before. */
  before: readonly XmlElement[];
  canonicalization: C14nOptions;
}

/**
 * The octets that a time stamp to be added now must be over.
 * Throws XmlError when something that was signed cannot be found.
 */
export function octetsToStamp(
  kind: 'signature' | 'archive',
  { check, properties }: XadesSignature,
  around: Surroundings,
  canonicalization: C14nOptions,
): Buffer {
  const before = properties.unsigned;
  const subject = { check, properties, around, before, canonicalization };
  return kind === 'archive'
    ? archived(subject)
    : ofElements([check.signature!.valueElement], subject);
}

function stampedBy(element: XmlElement, context: Omit<Subject, 'before' | 'canonicalization'>) {
  const { check, properties } = context;
  const before = properties.unsigned.slice(0, properties.unsigned.indexOf(element));
  const subject = { ...context, before, canonicalization: canonicalizationIn(element) };
  switch (kindOf(element)!) {
    case 'content':
      return ofReferences(includedReferences(element, subject), subject);
    case 'signature':
      return ofElements([check.signature!.valueElement], subject);
    case 'signature-and-references':
      return ofElements([check.signature!.valueElement, ...referring(before, true)], subject);
    case 'references':
      return ofElements(referring(before, false), subject);
    case 'archive':
      return archived(subject);
  }
}

/** Clause 5.5.2.2: everything signed, the signature, what was added before, and other objects. */
function archived(subject: Subject): Buffer {
  const { check, properties, before } = subject;
  const { signedInfo, valueElement, keyInfo, objects } = check.signature!;
  const others = objects.filter((object) => object !== properties.object);
  return Buffer.concat([
    ofReferences(check.references, subject),
    ofElements([signedInfo, valueElement, ...(keyInfo ? [keyInfo] : [])], subject),
    ofElements([...before, ...others], subject),
  ]);
}

const referringNames = [
  'CompleteCertificateRefs',
  'CompleteCertificateRefsV2',
  'CompleteRevocationRefs',
  'AttributeCertificateRefs',
  'AttributeCertificateRefsV2',
  'AttributeRevocationRefs',
];

function referring(before: XmlElement[], withTimeStamps: boolean): XmlElement[] {
  const names = withTimeStamps ? ['SignatureTimeStamp', ...referringNames] : referringNames;
  return before.filter((one) => names.some((name) => isXades(one, name)));
}

/** Those a content time stamp is about: all signed objects, or those it includes by name. */
function includedReferences(element: XmlElement, { check, around }: Subject): CheckedReference[] {
  if (isXades(element, 'AllDataObjectsTimeStamp')) {
    return check.references.filter(
      ({ reference: { type } }) => !signedPropertiesTypes.has(type ?? ''),
    );
  }
  return childrenOf(element, 'Include').map((include) => {
    const uri = attributeOf(include, 'URI') ?? '';
    const target = uri.startsWith('#') ? around.ids.find(uri.slice(1)) : undefined;
    const found = check.references.find(({ reference }) => reference.element === target);
    if (!found) throw new XmlError('unresolved', 'A time stamp of what is not referred to');
    return found;
  });
}

function ofReferences(references: CheckedReference[], subject: Subject): Buffer {
  const { canonicalization, around } = subject;
  return Buffer.concat(
    references.map(({ data }) => {
      if (!data) throw new XmlError('unresolved', 'What was stamped is not there');
      if (data.kind === 'octets') return Buffer.from(data.octets);
      return canonicalize(data.set, canonicalization, around.work);
    }),
  );
}

function ofElements(elements: XmlElement[], { canonicalization, around }: Subject): Buffer {
  return Buffer.concat(
    elements.map((one) =>
      canonicalize(NodeSet.subtree(one, { comments: true }), canonicalization, around.work),
    ),
  );
}

/** The canonicalization a time stamp property names; canonical XML 1.0 unless it does. */
function canonicalizationIn(element: XmlElement): C14nOptions {
  const method = dsigChild(element, 'CanonicalizationMethod');
  if (!method) return { method: 'inclusive', comments: false };
  const options = canonicalizationOf(method);
  if (!options) throw new XmlError('unsupported', 'A time stamp with an unknown canonicalization');
  return options;
}
