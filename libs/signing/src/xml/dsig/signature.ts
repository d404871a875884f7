import { attributeOf, elementsOf, isElement, type XmlElement } from '../tree.js';
import { XmlError } from '../xml-error.js';
import type { XmlLimits } from '../limits.js';
import { digestLengths, type DigestName, type SignatureScheme } from '../../x509/algorithms.js';
import {
  canonicalizationOfUri,
  digestOfUri,
  macOfUri,
  namespaces,
  pssWithParameters,
  schemeOfUri,
} from './algorithms.js';
import { algorithmOf, base64Of, Children, numberOf, structure } from './content.js';
import type { C14nOptions } from '../c14n.js';

/** A ds:Reference as it is written. */
export interface Reference {
  element: XmlElement;
  id?: string;
  /** Absent: the application is to know what is meant. Empty: the document. */
  uri?: string;
  type?: string;
  transforms: XmlElement[];
  digestMethod: string;
  digestValue: Buffer;
}

/** A ds:Signature as it is written: one SignedInfo, one SignatureValue, nothing unexpected. */
export interface Signature {
  element: XmlElement;
  id?: string;
  signedInfo: XmlElement;
  canonicalization: XmlElement;
  method: XmlElement;
  references: Reference[];
  valueElement: XmlElement;
  value: Buffer;
  keyInfo?: XmlElement;
  objects: XmlElement[];
}

const maxObjects = 64;

/** Takes a signature apart (XML-Signature section 4). Throws a `structure` error. */
export function readSignature(element: XmlElement, limits: XmlLimits): Signature {
  const children = new Children(element);
  const signedInfo = children.must('SignedInfo');
  const valueElement = children.must('SignatureValue');
  const keyInfo = children.optional('KeyInfo');
  const objects = children.all('Object', maxObjects);
  children.finish();
  const inside = new Children(signedInfo);
  const canonicalization = inside.must('CanonicalizationMethod');
  const method = inside.must('SignatureMethod');
  const references = readReferences(inside, limits);
  inside.finish();
  const id = attributeOf(element, 'Id');
  const value = base64Of(valueElement);
  return {
    element,
    id,
    signedInfo,
    canonicalization,
    method,
    references,
    valueElement,
    value,
    keyInfo,
    objects,
  };
}

/** The references of a ds:Manifest (section 5.1). */
export function readManifest(element: XmlElement, limits: XmlLimits): Reference[] {
  const children = new Children(element);
  const references = readReferences(children, limits);
  children.finish();
  return references;
}

function readReferences(parent: Children, limits: XmlLimits): Reference[] {
  const elements = parent.all('Reference', limits.references);
  if (elements.length === 0) throw structure('no Reference');
  return elements.map((element) => readReference(element, limits));
}

function readReference(element: XmlElement, limits: XmlLimits): Reference {
  const children = new Children(element);
  const list = children.optional('Transforms');
  const digestMethod = algorithmOf(children.must('DigestMethod'));
  const digestValue = base64Of(children.must('DigestValue'));
  children.finish();
  const [id, uri, type] = ['Id', 'URI', 'Type'].map((name) => attributeOf(element, name));
  return {
    element,
    id,
    uri,
    type,
    digestMethod,
    digestValue,
    transforms: readTransforms(list, limits),
  };
}

/** The ds:Transform elements of a ds:Transforms. */
export function readTransforms(list: XmlElement | undefined, limits: XmlLimits): XmlElement[] {
  if (!list) return [];
  const children = new Children(list);
  const transforms = children.all('Transform', limits.transforms);
  children.finish();
  return transforms;
}

/** How a CanonicalizationMethod or a Transform canonicalizes; undefined when it is none. */
export function canonicalizationOf(element: XmlElement): C14nOptions | undefined {
  const known = canonicalizationOfUri(algorithmOf(element));
  if (!known) return undefined;
  const [parameter, ...more] = elementsOf(element);
  if (!parameter) return known;
  const inclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
  if (
    known.method !== 'exclusive' ||
    more.length > 0 ||
    !isElement(parameter, inclusive, 'InclusiveNamespaces')
  ) {
    throw structure('a canonicalization with parameters it does not have');
  }
  const list = attributeOf(parameter, 'PrefixList') ?? '';
  const inclusivePrefixes = list
    .split(/[ \t\r\n]+/)
    .filter((prefix) => prefix !== '')
    .map((prefix) => (prefix === '#default' ? '' : prefix));
  if (inclusivePrefixes.length > 256) throw new XmlError('limit', 'Too many prefixes');
  return { ...known, inclusivePrefixes };
}

/** What a SignatureMethod asks for: a scheme with a public key, or a code with a shared one. */
export type SignatureMethod =
  | { kind: 'signature'; scheme: SignatureScheme }
  | { kind: 'mac'; digest: DigestName; octets: number };

export function signatureMethodOf(element: XmlElement): SignatureMethod {
  const uri = algorithmOf(element);
  const children = new Children(element);
  const digest = macOfUri(uri);
  if (digest) {
    const bits = numberOf(children.optional('HMACOutputLength'));
    children.finish();
    return { kind: 'mac', digest, octets: macOctets(digest, bits) };
  }
  if (uri === pssWithParameters) return { kind: 'signature', scheme: pssScheme(children) };
  children.finish();
  const scheme = schemeOfUri(uri);
  if (!scheme) throw new XmlError('unsupported', `Signature algorithm ${uri}`);
  return { kind: 'signature', scheme };
}

/** XML-Signature 1.1 section 6.3.1: not under half the digest, nor under 80 bits. */
function macOctets(digest: DigestName, bits: number | undefined): number {
  const whole = digestLengths[digest];
  if (bits === undefined) return whole;
  if (bits % 8 !== 0 || bits < Math.max(80, whole * 4) || bits > whole * 8) {
    throw new XmlError('forbidden', `An HMAC cut to ${bits} bits`);
  }
  return bits / 8;
}

function pssScheme(method: Children): SignatureScheme {
  const { more2007 } = namespaces;
  const parameters = method.optional('RSAPSSParams', more2007);
  method.finish();
  const inside = parameters && new Children(parameters);
  const digest = digestIn(inside, 'sha256');
  const mask = inside?.optional('MaskGenerationFunction', more2007);
  if (mask && algorithmOf(mask) !== `${more2007}MGF1`) {
    throw new XmlError('unsupported', 'A mask generation function other than MGF1');
  }
  const maskDigest = digestIn(mask && new Children(mask), digest);
  const saltLength = numberOf(inside?.optional('SaltLength', more2007)) ?? digestLengths[digest];
  const trailer = numberOf(inside?.optional('TrailerField', more2007)) ?? 1;
  inside?.finish();
  if (trailer !== 1 || saltLength > 512) throw new XmlError('unsupported', 'PSS parameters');
  return { kind: 'rsa-pss', digest, maskDigest, saltLength };
}

function digestIn(parent: Children | undefined, otherwise: DigestName): DigestName {
  const method = parent?.optional('DigestMethod');
  if (!method) return otherwise;
  const digest = digestOfUri(algorithmOf(method));
  if (!digest) throw new XmlError('unsupported', `Digest algorithm ${algorithmOf(method)}`);
  return digest;
}
