import type { SignatureCheck, XmlFailure } from '../xml/dsig/facts.js';
import type { ReferenceFacts } from '../xml/dsig/references.js';
import { signatureMethodOf } from '../xml/dsig/signature.js';
import { verifyXml, type VerifyXmlOptions } from '../xml/verify-xml.js';
import { countersignedType } from '../xml/xades/names.js';
import { validationDataOf } from '../xml/xades/validation-data.js';
import type { XadesTimeStamp } from '../xml/xades/time-stamps.js';
import { XmlError } from '../xml/xml-error.js';
import { everyAlgorithm, usesOf } from './algorithm-ends.js';
import { type Collection, stampRecord } from './collect-cms.js';
import type { AlgorithmUse, SignatureRecord, SignedObject, StampRecord } from './diagnostic.js';
import { sha256 } from './evidence.js';

/** The facts of the signatures of an XML document. Throws XmlError when it is refused. */
export function collectXml(
  xml: Uint8Array,
  options: Pick<VerifyXmlOptions, 'detached' | 'idAttributes' | 'limits' | 'allowInternalSubset'>,
  collection: Collection,
): SignatureRecord[] {
  const { evidence } = collection;
  const { checks } = verifyXml(xml, {
    ...options,
    certificates: [...evidence.certificates.values()],
    algorithms: everyAlgorithm,
  });
  for (const { keyInfo, xades } of checks) {
    evidence.addAll(keyInfo?.certificates ?? [], keyInfo?.crls ?? []);
    if (xades) evidence.addAll(xades.values.certificates, xades.values.crls, xades.values.ocsp);
  }
  return checks.map((check) => ({
    ...recordOf(check, collection),
    ...countersigned(check, checks),
  }));
}

/** Whose value a signature signs, if it says that it countersigns. */
function countersigned({ references }: SignatureCheck, checks: SignatureCheck[]) {
  const values = references
    .filter(({ facts }) => facts.type === countersignedType && facts.outcome === 'matches')
    .map(({ node }) => node);
  const on = checks.find(({ signature }) => values.includes(signature?.valueElement));
  return on && { countersigns: on.facts.path };
}

/** Failures that the record says in other ways. */
const ownWords = new Set<XmlFailure['code']>([
  'no-key',
  'value-broken',
  'reference-differs',
  'reference-refused',
  'certificate-differs',
  'algorithm-refused',
]);

function recordOf(check: SignatureCheck, collection: Collection): SignatureRecord {
  const { facts, signature, signer, xades } = check;
  const { failures, references, value } = facts;
  const said = failures
    .filter(({ code }) => !ownWords.has(code))
    .map(({ code, detail }) => detail ?? code);
  const refused = references.filter((one) => one.outcome === 'refused' && !isAbsent(one));
  const problems = [...said, ...refused.map(({ detail, uri }) => detail ?? `reference ${uri}`)];
  return {
    id: facts.path,
    form: xades ? 'XAdES' : 'XMLDSig',
    ...(facts.xades && { level: facts.xades.level }),
    problems,
    value: value === 'intact' || value === 'broken' ? value : 'unknown',
    ...(signer && { signer: signer.fingerprint }),
    binding: facts.xades?.signingCertificate ?? 'absent',
    algorithms: algorithmsOf(check),
    identifier: sha256(signature?.value ?? Buffer.alloc(0)),
    objects: references.map(objectOf),
    ...claims(facts.xades),
    timeStamps: xades?.timeStamps.flatMap((one) => stampOf(one, check, collection)) ?? [],
  };
}

function claims(facts: SignatureCheck['facts']['xades']) {
  const time = facts?.signingTime === undefined ? NaN : Date.parse(facts.signingTime);
  return {
    ...(!Number.isNaN(time) && { claimedTime: new Date(time).toISOString() }),
    ...(facts?.claimedRoles.length && { claimedRoles: facts.claimedRoles }),
    ...(facts?.policy &&
      facts.policy.identifier !== 'implied' && { policy: facts.policy.identifier }),
  };
}

const isAbsent = ({ outcome, fault }: ReferenceFacts) =>
  outcome === 'refused' && fault === 'unresolved';

function objectOf(reference: ReferenceFacts): SignedObject {
  const { uri = '', target, outcome } = reference;
  const name = target && 'path' in target ? target.path : uri;
  if (isAbsent(reference)) return { name, outcome: 'absent' };
  return { name, outcome: outcome === 'differs' ? 'differs' : 'matches' };
}

function algorithmsOf({ signature, signer, facts }: SignatureCheck): AlgorithmUse[] {
  const digests = facts.references.flatMap(({ digest }) => (digest ? [{ name: digest }] : []));
  if (!signature || !signer) return digests;
  try {
    const method = signatureMethodOf(signature.method);
    if (method.kind === 'mac') return digests;
    return [...usesOf(method.scheme, signer.publicKey), ...digests];
  } catch (error) {
    if (error instanceof XmlError) return digests;
    throw error;
  }
}

const kinds: Partial<Record<XadesTimeStamp['kind'], StampRecord['kind']>> = {
  content: 'content',
  signature: 'signature',
  'signature-and-references': 'signature',
  archive: 'archive',
};

function stampOf(
  stamp: XadesTimeStamp,
  check: SignatureCheck,
  collection: Collection,
): StampRecord[] {
  const kind = kinds[stamp.kind];
  if (!kind) return [];
  const protects = kind === 'archive' ? protectedBy(stamp, check) : [];
  const record = stampRecord(stamp.token, kind, () => octetsOf(stamp), protects, collection);
  return [record];
}

/** What was stamped; a time stamp over what cannot be put together is over nothing. */
function octetsOf(stamp: XadesTimeStamp): Buffer | (() => Buffer) {
  try {
    return stamp.stamped();
  } catch (error) {
    if (error instanceof XmlError) return () => Buffer.alloc(0);
    throw error;
  }
}

/** Everything in the signature before an archive time stamp existed when it was made. */
function protectedBy({ element }: XadesTimeStamp, { xades, keyInfo }: SignatureCheck): string[] {
  const { properties, timeStamps } = xades!;
  const before = properties.unsigned.slice(0, properties.unsigned.indexOf(element));
  const { certificates, crls, ocsp } = validationDataOf({ ...properties, unsigned: before });
  const tokens = timeStamps
    .filter((one) => before.includes(one.element))
    .map(({ token }) => sha256(token));
  const known = [...keyInfo!.certificates, ...keyInfo!.crls];
  const evidence = [...known, ...certificates, ...crls, ...ocsp];
  return [...tokens, ...evidence.map(({ fingerprint }) => fingerprint)];
}
