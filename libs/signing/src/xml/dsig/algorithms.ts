import type { DigestName, SignatureScheme } from '../../x509/algorithms.js';
import { digestLengths } from '../../x509/algorithms.js';
import type { C14nMethod } from '../c14n.js';

// Identifiers of algorithms: XML-Signature 1.1 section 6 and RFC 9231.

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const more2001 = 'http://www.w3.org/2001/04/xmldsig-more#';
const more2007 = 'http://www.w3.org/2007/05/xmldsig-more#';
const more2021 = 'http://www.w3.org/2021/04/xmldsig-more#';
const dsig11 = 'http://www.w3.org/2009/xmldsig11#';
const xmlenc = 'http://www.w3.org/2001/04/xmlenc#';

export const namespaces = { dsig, dsig11, more2007 } as const;

const digestUris: [DigestName, string][] = [
  ['md5', `${more2001}md5`],
  ['sha1', `${dsig}sha1`],
  ['sha224', `${more2001}sha224`],
  ['sha256', `${xmlenc}sha256`],
  ['sha384', `${more2001}sha384`],
  ['sha512', `${xmlenc}sha512`],
  ['sha3-224', `${more2007}sha3-224`],
  ['sha3-256', `${more2007}sha3-256`],
  ['sha3-384', `${more2007}sha3-384`],
  ['sha3-512', `${more2007}sha3-512`],
];
const digests = new Map(digestUris.map(([name, uri]) => [uri, name]));

export const digestOfUri = (uri: string): DigestName | undefined => digests.get(uri);

export function uriOfDigest(name: DigestName): string {
  const found = digestUris.find(([known]) => known === name);
  if (!found) throw new Error(`XML signatures have no identifier for ${name}`);
  return found[1];
}

const sha2 = ['sha224', 'sha256', 'sha384', 'sha512'] as const;
const sha3 = ['sha3-224', 'sha3-256', 'sha3-384', 'sha3-512'] as const;

function pss(digest: DigestName): SignatureScheme {
  return { kind: 'rsa-pss', digest, maskDigest: digest, saltLength: digestLengths[digest] };
}

const schemes = new Map<string, SignatureScheme>([
  [`${dsig}rsa-sha1`, { kind: 'rsa', digest: 'sha1' }],
  [`${more2001}rsa-md5`, { kind: 'rsa', digest: 'md5' }],
  [`${dsig}dsa-sha1`, { kind: 'dsa', digest: 'sha1' }],
  [`${dsig11}dsa-sha256`, { kind: 'dsa', digest: 'sha256' }],
  [`${more2001}ecdsa-sha1`, { kind: 'ecdsa', digest: 'sha1' }],
  [`${more2007}sha1-rsa-MGF1`, pss('sha1')],
  [`${more2021}eddsa-ed25519`, { kind: 'ed25519', digest: 'none' }],
  [`${more2021}eddsa-ed448`, { kind: 'ed448', digest: 'none' }],
]);
for (const digest of sha2) {
  schemes.set(`${more2001}rsa-${digest}`, { kind: 'rsa', digest });
  schemes.set(`${more2001}ecdsa-${digest}`, { kind: 'ecdsa', digest });
}
for (const digest of [...sha2, ...sha3]) schemes.set(`${more2007}${digest}-rsa-MGF1`, pss(digest));
for (const digest of sha3) schemes.set(`${more2021}ecdsa-${digest}`, { kind: 'ecdsa', digest });

/** The scheme with parameters in an element of its own (RFC 9231 section 2.3.9). */
export const pssWithParameters = `${more2007}rsa-pss`;

export const schemeOfUri = (uri: string): SignatureScheme | undefined => schemes.get(uri);

/** The identifier of a scheme. Throws for one that XML signatures cannot name. */
export function uriOfScheme(scheme: SignatureScheme): string {
  for (const [uri, { kind, digest, maskDigest, saltLength }] of schemes) {
    if (kind !== scheme.kind || digest !== scheme.digest) continue;
    if (kind !== 'rsa-pss') return uri;
    if (maskDigest === scheme.maskDigest && saltLength === scheme.saltLength) return uri;
  }
  throw new Error(`XML signatures have no identifier for ${scheme.kind} with ${scheme.digest}`);
}

const macs = new Map<string, DigestName>([
  [`${dsig}hmac-sha1`, 'sha1'],
  [`${more2001}hmac-md5`, 'md5'],
  ...sha2.map((digest) => [`${more2001}hmac-${digest}`, digest] as const),
]);

/** The digest of an HMAC identifier. */
export const macOfUri = (uri: string): DigestName | undefined => macs.get(uri);

export interface Canonicalization {
  method: C14nMethod;
  comments: boolean;
}

const canonicalizations: [string, Canonicalization][] = (
  [
    ['http://www.w3.org/TR/2001/REC-xml-c14n-20010315', '#WithComments', 'inclusive'],
    ['http://www.w3.org/2006/12/xml-c14n11', '#WithComments', 'inclusive-1.1'],
    ['http://www.w3.org/2001/10/xml-exc-c14n#', 'WithComments', 'exclusive'],
  ] as const
).flatMap(([uri, suffix, method]): [string, Canonicalization][] => [
  [uri, { method, comments: false }],
  [uri + suffix, { method, comments: true }],
]);
const canonicalizationByUri = new Map(canonicalizations);

export const canonicalizationOfUri = (uri: string): Canonicalization | undefined =>
  canonicalizationByUri.get(uri);

export function uriOfCanonicalization({ method, comments }: Canonicalization): string {
  return canonicalizations.find(
    ([, known]) => known.method === method && known.comments === comments,
  )![0];
}

/** Transforms that are no canonicalization. XSLT is missing on purpose: it is a program. */
export const transforms = {
  enveloped: `${dsig}enveloped-signature`,
  base64: `${dsig}base64`,
  xpath: 'http://www.w3.org/TR/1999/REC-xpath-19991116',
  xpathFilter2: 'http://www.w3.org/2002/06/xmldsig-filter2',
} as const;

/** Types of references (XML-Signature section 2.3 and 5.1). */
export const referenceTypes = {
  manifest: `${dsig}Manifest`,
  object: `${dsig}Object`,
} as const;
