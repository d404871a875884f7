import type { KeyObject } from 'node:crypto';
import { Der } from '../../asn1/der.js';
import { digestAllowed, refusedAlgorithm } from '../../x509/algorithm-policy.js';
import type { Certificate } from '../../x509/certificate.js';
import { PublicKey } from '../../x509/keys.js';
import { canonicalize } from '../c14n.js';
import { NodeSet } from '../node-set.js';
import { attributeOf, isElement, pathOf, type XmlElement } from '../tree.js';
import { XmlError } from '../xml-error.js';
import { namespaces, referenceTypes } from './algorithms.js';
import { algorithmOf } from './content.js';
import type { Surroundings } from './dereference.js';
import type { SignatureCheck, SignatureRules, XmlFailure, XmlSignatureFacts } from './facts.js';
import { type KeyInfo, readKeyInfo } from './key-info.js';
import { type CheckedReference, checkReference } from './references.js';
import { macHolds, signatureHolds } from './signature-value.js';
import {
  canonicalizationOf,
  readManifest,
  readSignature,
  type Signature,
  type SignatureMethod,
  signatureMethodOf,
} from './signature.js';

/** Checks one ds:Signature (XML-Signature section 3.2). Never throws for what it says. */
export function checkSignature(
  element: XmlElement,
  around: Surroundings,
  rules: SignatureRules,
): SignatureCheck {
  const id = attributeOf(element, 'Id');
  const facts: XmlSignatureFacts = {
    path: pathOf(element),
    ...(id !== undefined && { id }),
    value: 'refused',
    references: [],
    manifests: [],
    certificates: [],
    keyNames: [],
    intact: false,
    failures: [],
  };
  const check: SignatureCheck = { facts, element, references: [] };
  try {
    check.signature = readSignature(element, around.limits);
    facts.canonicalization = algorithmOf(check.signature.canonicalization);
    facts.method = algorithmOf(check.signature.method);
    check.keyInfo = readKeyInfo(check.signature.keyInfo, around);
    facts.certificates = check.keyInfo.certificates.map(({ fingerprint }) => fingerprint);
    facts.keyNames = check.keyInfo.names;
    checkValue(check, check.signature, around, rules);
    checkReferences(check, check.signature, around, rules);
  } catch (error) {
    fail(facts, error);
  }
  facts.intact = facts.value === 'intact' && facts.failures.length === 0;
  return check;
}

function fail(facts: XmlSignatureFacts, error: unknown): void {
  if (!(error instanceof XmlError)) throw error;
  const known = error.fault === 'unsupported' || error.fault === 'forbidden';
  const code = known ? 'unsupported' : 'malformed';
  facts.value = 'refused';
  facts.failures.push({ code, path: facts.path, detail: error.message });
}

/** The octets the signature is over: SignedInfo in its canonical form. */
export function signedOctets(signature: Signature, around: Surroundings): Buffer {
  const options = canonicalizationOf(signature.canonicalization);
  if (!options) {
    const uri = algorithmOf(signature.canonicalization);
    throw new XmlError('unsupported', `Canonicalization ${uri.slice(0, 200)}`);
  }
  const set = NodeSet.subtree(signature.signedInfo, { comments: true });
  return canonicalize(set, options, around.work);
}

function checkValue(
  check: SignatureCheck,
  signature: Signature,
  around: Surroundings,
  rules: SignatureRules,
): void {
  const { facts } = check;
  const method = signatureMethodOf(signature.method);
  const octets = signedOctets(signature, around);
  if (method.kind === 'mac') checkMac(facts, method, octets, signature.value, rules);
  else checkKeys(check, method, octets, signature.value, rules);
  const failed = { 'no-key': 'no-key', broken: 'value-broken' } as const;
  if (facts.value === 'no-key' || facts.value === 'broken') {
    facts.failures.push({ code: failed[facts.value], path: facts.path });
  }
}

function checkMac(
  facts: XmlSignatureFacts,
  method: Extract<SignatureMethod, { kind: 'mac' }>,
  octets: Uint8Array,
  value: Uint8Array,
  { secret, algorithms, at }: SignatureRules,
): void {
  if (!secret || secret.length === 0) {
    facts.value = 'no-key';
    return;
  }
  facts.value = macHolds(method, secret, octets, value) ? 'intact' : 'broken';
  facts.key = { source: 'secret', kind: 'hmac', bits: method.octets * 8 };
  if (!digestAllowed(algorithms, method.digest, at)) refuse(facts, `HMAC with ${method.digest}`);
}

function refuse(facts: XmlSignatureFacts, detail: string): void {
  if (facts.value !== 'intact') return;
  facts.value = 'refused';
  facts.failures.push({ code: 'algorithm-refused', path: facts.path, detail });
}

interface Candidate {
  source: 'given' | 'certificate' | 'bare';
  key: PublicKey;
  certificate?: Certificate;
}

function checkKeys(
  check: SignatureCheck,
  { scheme }: Extract<SignatureMethod, { kind: 'signature' }>,
  octets: Uint8Array,
  value: Uint8Array,
  rules: SignatureRules,
): void {
  const { facts } = check;
  const candidates = candidatesOf(check.keyInfo!, rules).filter(({ key }) => key.fits(scheme));
  facts.value = candidates.length === 0 ? 'no-key' : 'broken';
  const found = candidates.find(({ key }) => signatureHolds(scheme, key, octets, value));
  if (!found) return;
  const { source, key, certificate } = found;
  facts.value = 'intact';
  facts.key = {
    source,
    kind: key.kind,
    bits: key.bits,
    ...(certificate && { certificate: certificate.fingerprint }),
  };
  check.signer =
    certificate ?? check.keyInfo!.certificates.find(({ spki }) => spki.equals(key.der));
  const refused = refusedAlgorithm(rules.algorithms, scheme, key, rules.at);
  if (refused) refuse(facts, refused);
}

function candidatesOf(info: KeyInfo, rules: SignatureRules): Candidate[] {
  const given = rules.keys?.(info) ?? [];
  if (given.length > 0) return given.flatMap((one) => candidate('given', one));
  const bare = info.keys.map((key): Candidate => ({ source: 'bare', key }));
  // What KeyInfo mentions is a hint by whoever wrote it; the key that fits is found by trying.
  const known = (rules.certificates ?? []).slice(0, maxKnown);
  const certificates = info.certificates.length > 0 ? info.certificates : known;
  return [...certificates.flatMap((one) => candidate('certificate', one)), ...bare];
}

const maxKnown = 64;

/** None when the key is of a kind that this library does not know. */
function candidate(source: Candidate['source'], from: KeyObject | Certificate): Candidate[] {
  try {
    if (!('export' in from)) return [{ source, key: from.publicKey, certificate: from }];
    const spki = from.export({ format: 'der', type: 'spki' });
    return [{ source, key: new PublicKey(Der.read(spki)) }];
  } catch {
    return [];
  }
}

function checkReferences(
  check: SignatureCheck,
  signature: Signature,
  around: Surroundings,
  rules: SignatureRules,
): void {
  const { facts } = check;
  for (const reference of signature.references) {
    const checked = checkReference(reference, around, rules);
    check.references.push(checked);
    facts.references.push(checked.facts);
    if (checked.facts.outcome !== 'matches') facts.failures.push(referenceFailure(checked));
    const { node } = checked;
    if (reference.type !== referenceTypes.manifest || node?.kind !== 'element') continue;
    if (!isElement(node, namespaces.dsig, 'Manifest')) continue;
    const listed = readManifest(node, around.limits);
    const references = listed.map((one) => checkReference(one, around, rules).facts);
    facts.manifests.push({ path: pathOf(node), references });
  }
}

function referenceFailure({ facts, reference }: CheckedReference): XmlFailure {
  const path = pathOf(reference.element);
  if (facts.outcome === 'differs') return { code: 'reference-differs', path };
  const code = facts.fault === 'algorithm' ? 'algorithm-refused' : 'reference-refused';
  return { code, path, detail: facts.detail };
}
