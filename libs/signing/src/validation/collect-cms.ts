import { DerError } from '../asn1/der.js';
import { checkSigner, Content, type SignedContent, signerScheme } from '../cms/check-signer.js';
import { contentTypes } from '../cms/oids.js';
import { SignedData } from '../cms/signed-data.js';
import type { SignerInfo } from '../cms/signer-info.js';
import { matches as isOf, signingCertificates } from '../cms/signing-certificate.js';
import { readTimeStampInfo } from '../cms/time-stamp.js';
import type { Failure } from '../failures.js';
import { AlgorithmError, digestBytes, type DigestName, digestOf } from '../x509/algorithms.js';
import type { Certificate } from '../x509/certificate.js';
import { everyAlgorithm, usesOf } from './algorithm-ends.js';
import type {
  Diagnostic,
  SignatureRecord,
  SignedRecord,
  StampRecord,
  TimeStampRecord,
} from './diagnostic.js';
import { type Evidence, sha256 } from './evidence.js';

/** What every collector gathers into. */
export interface Collection {
  evidence: Evidence;
  timeStamps: Diagnostic['timeStamps'];
}

/** Runs what reads hostile DER; a fault becomes a problem of the record. */
export function attempt<T>(read: () => T, otherwise: (problem: string) => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DerError) && !(error instanceof AlgorithmError)) throw error;
    return otherwise(error.message);
  }
}

/** The facts of the signers of a CMS SignedData. Throws `DerError` when it is none. */
export function collectCms(
  cms: Uint8Array,
  content: SignedContent | undefined,
  collection: Collection,
): SignatureRecord[] {
  const signed = SignedData.read(cms);
  collection.evidence.addAll(signed.certificates, signed.crls, signed.ocspResponses);
  return signed.signers.flatMap((signer, i) => {
    const id = `signer-${i + 1}`;
    const record = signerRecord(id, signer, signed, signed.content ?? content, collection);
    return [record, ...countersignatures(record, signer, signed, collection)];
  });
}

function countersignatures(
  on: SignatureRecord,
  signer: SignerInfo,
  signed: SignedData,
  collection: Collection,
): SignatureRecord[] {
  const inner = attempt(
    () => signer.countersignatures,
    () => [],
  );
  return inner.slice(0, 20).map((one, i) => ({
    ...signerRecord(`${on.id}/${i + 1}`, one, signed, signer.signature, collection, true),
    countersigns: on.id,
  }));
}

function signerRecord(
  id: string,
  signer: SignerInfo,
  signed: SignedData,
  content: SignedContent | undefined,
  collection: Collection,
  counter = false,
): SignatureRecord {
  const { evidence } = collection;
  const found = signedRecord(
    signer,
    signed,
    content,
    evidence,
    counter ? undefined : signed.contentType,
  );
  const { differs, ...record } = found;
  const outcome = content === undefined ? 'absent' : differs ? 'differs' : 'matches';
  const claimed = attempt(
    () => signer.claimedTime,
    () => undefined,
  );
  return {
    ...record,
    id,
    form: record.binding === 'absent' ? 'CMS' : 'CAdES',
    identifier: sha256(signer.signature),
    objects: [{ name: signed.content ? 'content' : 'detached content', outcome }],
    ...(claimed && { claimedTime: claimed.toISOString() }),
    timeStamps: signer.timeStamps
      .slice(0, 20)
      .map((token) => stampRecord(token, 'signature', () => signer.signature, [], collection)),
  };
}

/** A time stamp in a signature, with the facts of its token added to the collection. */
export function stampRecord(
  token: Buffer,
  kind: StampRecord['kind'],
  stamped: () => Uint8Array | ((digest: DigestName) => Buffer),
  protects: string[],
  { evidence, timeStamps }: Collection,
): StampRecord {
  const hash = sha256(token);
  timeStamps[hash] ??= tokenRecord(token, evidence);
  const matches = attempt(
    () => {
      const { digest, hash: imprint } = readTimeStampInfo(SignedData.read(token).content!).imprint;
      const octets = stamped();
      const own = typeof octets === 'function' ? octets(digest) : digestBytes(digest, octets);
      return own.equals(imprint) ? ('matches' as const) : ('differs' as const);
    },
    () => 'unknown' as const,
  );
  return { token: hash, kind, imprint: matches, protects };
}

function tokenRecord(token: Buffer, evidence: Evidence): TimeStampRecord {
  const base = { token: token.toString('base64') };
  return attempt<TimeStampRecord>(
    () => {
      const signed = SignedData.read(token);
      evidence.addAll(signed.certificates, signed.crls, signed.ocspResponses);
      const [signer, ...others] = signed.signers;
      const isToken = signed.contentType === contentTypes.tstInfo && signed.content;
      if (!isToken || !signer || others.length > 0) return unreadable(base, 'no time stamp token');
      const info = readTimeStampInfo(signed.content!);
      const { differs, ...record } = signedRecord(
        signer,
        signed,
        signed.content,
        evidence,
        contentTypes.tstInfo,
      );
      if (record.binding === 'absent') record.problems.push('no signing certificate (RFC 5816)');
      if (differs) record.value = 'broken';
      record.algorithms.push({ name: info.imprint.digest });
      return { ...base, ...record, time: info.time.toISOString(), policy: info.policy };
    },
    (problem) => unreadable(base, problem),
  );
}

const unreadable = (base: { token: string }, problem: string): TimeStampRecord => ({
  ...base,
  problems: [problem],
  value: 'unknown',
  binding: 'absent',
  algorithms: [],
});

/** What holds for one SignerInfo, its algorithms taken as they are. */
function signedRecord(
  signer: SignerInfo,
  signed: SignedData,
  content: SignedContent | undefined,
  evidence: Evidence,
  contentType: string | undefined,
): SignedRecord & { differs: boolean } {
  const record: SignedRecord = {
    problems: [],
    value: 'unknown',
    binding: 'absent',
    algorithms: [],
  };
  const certificate = signed.certificateOf(signer, [...evidence.certificates.values()]);
  if (!certificate) return { ...record, differs: false };
  record.signer = certificate.fingerprint;
  const failures = checkSigner(signer, {
    certificate,
    content: new Content(content ?? Buffer.alloc(0)),
    contentType,
    digestAlgorithms: contentType === undefined ? undefined : signed.digestAlgorithms,
    time: new Date(0),
    algorithms: everyAlgorithm,
  });
  const has = (code: Failure['code']) => failures.some((one) => one.code === code);
  record.value = has('cms-signature-invalid') ? 'broken' : 'intact';
  record.problems = failures.filter(({ code }) => !ownWords.has(code)).map(wordsOf);
  attempt(
    () => readAlgorithms(record, signer, certificate),
    (problem) => void record.problems.push(problem),
  );
  return { ...record, differs: has('digest-mismatch') };
}

/** Failures that the record says in other ways. */
const ownWords = new Set<string>([
  'cms-signature-invalid',
  'digest-mismatch',
  'signing-certificate',
]);

const wordsOf = ({ code, detail }: Failure) => (detail ? `${code}: ${detail}` : code);

function readAlgorithms(record: SignedRecord, signer: SignerInfo, certificate: Certificate): void {
  const digest = digestOf(signer.digestAlgorithm);
  record.algorithms = [
    { name: digest },
    ...usesOf(signerScheme(signer, digest), certificate.publicKey),
  ];
  const bound = signingCertificates(signer);
  if (bound.length === 0) return;
  record.binding = bound.every(([own]) => isOf(own!, certificate)) ? 'matches' : 'differs';
}
