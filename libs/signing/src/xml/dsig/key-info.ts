import { Der, tags } from '../../asn1/der.js';
import * as encode from '../../asn1/encode.js';
import { rsaEncryption } from '../../x509/algorithms.js';
import { Certificate } from '../../x509/certificate.js';
import { CertificateList } from '../../x509/crl.js';
import { PublicKey } from '../../x509/keys.js';
import { attributeOf, elementsOf, isElement, type XmlElement } from '../tree.js';
import { XmlError } from '../xml-error.js';
import { namespaces } from './algorithms.js';
import { base64Of, Children, simpleText, structure } from './content.js';
import { dereference, type Surroundings } from './dereference.js';
import { readTransforms } from './signature.js';
import { octetsOf, transform } from './transforms.js';

const { dsig, dsig11 } = namespaces;

/**
 * What a ds:KeyInfo says of the key (XML-Signature section 4.5). All of it is a hint by whoever
 * wrote the file: a key found here proves that the document was not changed since, and nothing
 * about who signed it.
 */
export interface KeyInfo {
  names: string[];
  certificates: Certificate[];
  crls: CertificateList[];
  /** Keys given bare, without a certificate. */
  keys: PublicKey[];
  /** Certificates named but not given. */
  mentioned: MentionedCertificate[];
  /** What was there and could not be used, in words. */
  unused: string[];
}

export type MentionedCertificate =
  | { by: 'issuer-serial'; issuer: string; serial: string }
  | { by: 'subject'; subject: string }
  | { by: 'key-identifier'; octets: Buffer }
  | { by: 'digest'; algorithm: string; octets: Buffer };

const maxItems = 64;

/** Reads a KeyInfo; whatever it holds that cannot be read is noted and left. */
export function readKeyInfo(element: XmlElement | undefined, around: Surroundings): KeyInfo {
  const lists = { names: [], certificates: [], crls: [], keys: [], mentioned: [], unused: [] };
  const info: KeyInfo = lists;
  if (element) readInto(info, element, around, 0);
  return info;
}

function readInto(info: KeyInfo, element: XmlElement, around: Surroundings, depth: number): void {
  for (const child of elementsOf(element).slice(0, maxItems)) {
    attempt(info, child, () => readItem(info, child, around, depth));
  }
}

function attempt(info: KeyInfo, { localName }: XmlElement, read: () => void): void {
  try {
    read();
  } catch (error) {
    info.unused.push(`${localName}: ${error instanceof Error ? error.message : ''}`);
  }
}

function readItem(info: KeyInfo, item: XmlElement, around: Surroundings, depth: number): void {
  const name = item.namespace === dsig || item.namespace === dsig11 ? item.localName : '';
  switch (name) {
    case 'KeyName':
      return void info.names.push(simpleText(item));
    case 'KeyValue':
      return void info.keys.push(keyValueOf(item));
    case 'DEREncodedKeyValue':
      return void info.keys.push(publicKeyOf(base64Of(item)));
    case 'X509Data':
      return readX509Data(info, item);
    case 'RetrievalMethod':
      return retrieve(info, item, around);
    case 'KeyInfoReference':
      return followReference(info, item, around, depth);
    default:
      info.unused.push(item.localName);
  }
}

const publicKeyOf = (spki: Buffer) => new PublicKey(Der.read(spki, tags.sequence));

function readX509Data(info: KeyInfo, data: XmlElement): void {
  for (const item of elementsOf(data).slice(0, maxItems)) {
    attempt(info, item, () => readX509Item(info, item));
  }
}

function readX509Item(info: KeyInfo, item: XmlElement): void {
  switch (item.localName) {
    case 'X509Certificate':
      return void info.certificates.push(Certificate.read(base64Of(item)));
    case 'X509CRL':
      return void info.crls.push(CertificateList.read(base64Of(item)));
    case 'X509IssuerSerial': {
      const children = new Children(item);
      const issuer = simpleText(children.must('X509IssuerName'));
      const serial = simpleText(children.must('X509SerialNumber')).trim();
      return void info.mentioned.push({ by: 'issuer-serial', issuer, serial });
    }
    case 'X509SubjectName':
      return void info.mentioned.push({ by: 'subject', subject: simpleText(item) });
    case 'X509SKI':
      return void info.mentioned.push({ by: 'key-identifier', octets: base64Of(item) });
    case 'X509Digest': {
      const algorithm = attributeOf(item, 'Algorithm') ?? '';
      return void info.mentioned.push({ by: 'digest', algorithm, octets: base64Of(item) });
    }
    default:
      info.unused.push(item.localName);
  }
}

const rawCertificate = `${dsig}rawX509Certificate`;

/** RetrievalMethod: a certificate or X509Data elsewhere in this document, or given by the caller. */
function retrieve(info: KeyInfo, method: XmlElement, around: Surroundings): void {
  const target = dereference(attributeOf(method, 'URI'), around);
  const list = new Children(method).optional('Transforms');
  let data = target.data;
  for (const one of readTransforms(list, around.limits)) data = transform(one, data, around);
  if (attributeOf(method, 'Type') === rawCertificate) {
    const { octets } = octetsOf(data, around);
    return void info.certificates.push(Certificate.read(octets));
  }
  const start = data.kind === 'nodes' ? data.set.start : undefined;
  const element = start?.kind === 'document' ? start.root : start;
  if (!element) throw structure('a RetrievalMethod of no known type');
  const within = isElement(element, dsig, 'X509Data') ? element : firstX509Data(element);
  if (within) readX509Data(info, within);
  else if (isElement(element, dsig, 'KeyValue')) info.keys.push(keyValueOf(element));
  else throw structure(`a RetrievalMethod that leads to ${element.localName}`);
}

const firstX509Data = (element: XmlElement) =>
  elementsOf(element).find((child) => isElement(child, dsig, 'X509Data'));

function followReference(
  info: KeyInfo,
  item: XmlElement,
  around: Surroundings,
  depth: number,
): void {
  if (depth > 0) throw new XmlError('limit', 'A KeyInfo that refers on and on');
  const { node } = dereference(attributeOf(item, 'URI'), around);
  if (!node || !isElement(node, dsig, 'KeyInfo')) throw structure('no KeyInfo there');
  readInto(info, node, around, depth + 1);
}

/** RSAKeyValue, DSAKeyValue or ECKeyValue with a named curve, as the key they describe. */
function keyValueOf(element: XmlElement): PublicKey {
  const [value] = elementsOf(element);
  if (value && isElement(value, dsig, 'RSAKeyValue')) return rsaKey(new Children(value));
  if (value && isElement(value, dsig, 'DSAKeyValue')) return dsaKey(new Children(value));
  if (value && isElement(value, dsig11, 'ECKeyValue')) return ecKey(value);
  throw new XmlError('unsupported', `Key of kind ${value?.localName ?? 'none'}`);
}

function rsaKey(children: Children): PublicKey {
  const modulus = encode.unsigned(base64Of(children.must('Modulus')));
  const exponent = encode.unsigned(base64Of(children.must('Exponent')));
  const algorithm = encode.sequence(encode.oid(rsaEncryption), encode.nullValue());
  return fromParts(algorithm, encode.sequence(modulus, exponent));
}

function dsaKey(children: Children): PublicKey {
  const [p, q, g, y] = ['P', 'Q', 'G', 'Y'].map((name) =>
    encode.unsigned(base64Of(children.must(name))),
  ) as [Buffer, Buffer, Buffer, Buffer];
  const algorithm = encode.sequence(encode.oid('1.2.840.10040.4.1'), encode.sequence(p, q, g));
  return fromParts(algorithm, y);
}

function ecKey(value: XmlElement): PublicKey {
  const children = new Children(value);
  const uri = attributeOf(children.must('NamedCurve', dsig11), 'URI') ?? '';
  const curve = /^urn:oid:([0-9.]{1,60})$/.exec(uri)?.[1];
  if (!curve) throw new XmlError('unsupported', 'A curve that is not named');
  const point = base64Of(children.must('PublicKey', dsig11));
  const algorithm = encode.sequence(encode.oid('1.2.840.10045.2.1'), encode.oid(curve));
  return fromParts(algorithm, point);
}

function fromParts(algorithm: Buffer, key: Buffer): PublicKey {
  return publicKeyOf(encode.sequence(algorithm, encode.bitString(key)));
}
