import { SignedData } from '../cms/signed-data.js';
import { Certificate } from '../x509/certificate.js';
import { CertificateList } from '../x509/crl.js';
import { OcspResponse } from '../x509/ocsp.js';
import { readValidationData } from '../pdf/sign/validation-data.js';
import { examinePdf } from '../pdf/verify/examine.js';
import type { ExaminationPolicy, PdfSignature } from '../pdf/verify/facts.js';
import type { Finding } from '../pdf/verify/findings.js';
import { attempt, type Collection, collectCms, stampRecord } from './collect-cms.js';
import type { Hash, SignatureRecord, StampRecord } from './diagnostic.js';
import { sha256 } from './evidence.js';
import { type CarriedData, padesLevel } from './pades-level.js';

/** The facts of the signatures of a PDF. Throws PdfError when it cannot be read. */
export function collectPdf(
  pdf: Uint8Array,
  policy: ExaminationPolicy,
  collection: Collection,
): SignatureRecord[] {
  const { signatures, findings } = examinePdf(pdf, policy);
  const stored = storeOf(pdf, policy.password);
  collection.evidence.addAll(stored.certificates, stored.crls, stored.ocsp);
  const general = findings.map(wordsOf);
  const approvals = signatures.filter(({ kind }) => kind === 'signature');
  const records = approvals.map((one) => recordOf(one, general, collection));
  for (const stamp of signatures.filter(({ kind }) => kind === 'timestamp')) {
    const archive = archiveStamp(stamp, pdf, policy, collection);
    for (const [i, { revision }] of approvals.entries()) {
      if (revision === undefined || revision > (stamp.revision ?? -1)) continue;
      const tokens = records[i]!.timeStamps.map(({ token }) => token);
      const protects = [...archive.protects, ...tokens, ...carriedBy(approvals[i]!.cms)];
      records[i]!.timeStamps.push({ ...archive, protects });
    }
  }
  for (const [i, { cms }] of approvals.entries()) addLevel(records[i]!, cms, stored, collection);
  return records;
}

function addLevel(
  record: SignatureRecord,
  cms: Buffer,
  { certificates, crls, ocsp }: CarriedData,
  { evidence }: Collection,
): void {
  if (record.form !== 'PAdES') return;
  const own = attempt(
    () => SignedData.read(cms).certificates,
    () => [],
  );
  const signer = evidence.certificates.get(record.signer ?? '');
  const carried = { certificates: [...own, ...certificates], crls, ocsp };
  const level = padesLevel(record, signer, carried);
  if (level) record.level = level;
}

const wordsOf = ({ code, detail }: Finding) => `${code}: ${detail}`;

function storeOf(pdf: Uint8Array, password: string | undefined): CarriedData {
  const data = readValidationData(pdf, password);
  return {
    certificates: readable(data.certificates, (one) => Certificate.read(one)),
    crls: readable(data.crls, (one) => CertificateList.read(one)),
    ocsp: readable(data.ocspResponses, (one) => OcspResponse.read(one)),
  };
}

function readable<T>(items: readonly Uint8Array[], read: (octets: Uint8Array) => T): T[] {
  return items.flatMap((item) =>
    attempt(
      () => [read(item)],
      () => [],
    ),
  );
}

function recordOf(facts: PdfSignature, general: string[], collection: Collection): SignatureRecord {
  const { field, cms, claims, subFilter, findings, changes } = facts;
  const problems = [
    ...general,
    ...findings.map(wordsOf),
    ...changes.filter(({ permitted }) => !permitted).map(wordsOf),
  ];
  if (problems.length === 0 && !facts.sound) problems.push('the document is not sound');
  const [own, ...others] = attempt(
    () => collectCms(cms, (digest) => facts.digest(digest), collection),
    (problem) => {
      problems.push(problem);
      return [];
    },
  ).filter(({ countersigns }) => countersigns === undefined);
  if (!own || others.length > 0) problems.push('not one signer');
  return {
    ...(own ?? nobody(cms)),
    id: field,
    form: subFilter.startsWith('ETSI') ? 'PAdES' : 'PDF',
    problems: [...problems, ...(own?.problems ?? [])],
    ...(claims.time && { claimedTime: claims.time }),
  };
}

const nobody = (cms: Buffer): SignatureRecord => ({
  id: '',
  form: 'PDF',
  problems: [],
  value: 'unknown',
  binding: 'absent',
  algorithms: [],
  identifier: sha256(cms),
  objects: [],
  timeStamps: [],
});

/** A document time stamp, which proves all that stood in the file before it. */
function archiveStamp(
  stamp: PdfSignature,
  pdf: Uint8Array,
  { password }: ExaminationPolicy,
  collection: Collection,
): StampRecord {
  const [, , from, length] = stamp.byteRange ?? [0, 0, 0, 0];
  const { certificates, crls, ocsp } = storeOf(pdf.subarray(0, from + length), password);
  const protects: Hash[] = [...certificates, ...crls, ...ocsp].map(
    ({ fingerprint }) => fingerprint,
  );
  const stamped = () => (digest: string) => stamp.digest(digest);
  const record = stampRecord(stamp.cms, 'archive', stamped, protects, collection);
  const sound = stamp.findings.length === 0 && stamp.byteRange !== undefined;
  return sound ? record : { ...record, imprint: 'unknown' };
}

/** Certificates and revocation data inside a CMS. */
function carriedBy(cms: Buffer): Hash[] {
  return attempt(
    () => {
      const { certificates, crls, ocspResponses } = SignedData.read(cms);
      return [...certificates, ...crls, ...ocspResponses].map(({ fingerprint }) => fingerprint);
    },
    () => [],
  );
}
