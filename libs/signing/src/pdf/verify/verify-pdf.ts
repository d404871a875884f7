import { DerError } from '../../asn1/der.js';
import { SignedData } from '../../cms/signed-data.js';
import { verifySignedData, type CmsQuestion, type SignerVerdict } from '../../cms/verify-cms.js';
import { verifyTimeStamp } from '../../cms/verify-time-stamp.js';
import { failure, type Failure } from '../../failures.js';
import { AlgorithmError } from '../../x509/algorithms.js';
import { Certificate } from '../../x509/certificate.js';
import { CertificateList } from '../../x509/crl.js';
import { OcspResponse } from '../../x509/ocsp.js';
import { readValidationData } from '../sign/validation-data.js';
import { examinePdf } from './examine.js';
import type { ExaminationPolicy, PdfExamination, PdfSignature } from './facts.js';

/** What is asked of the signers, and what is known besides what the document carries. */
export interface PdfQuestion extends Omit<CmsQuestion, 'content' | 'bound'> {
  examination?: ExaminationPolicy;
}

/** Facts of the document and the verdict on the signer together. */
export interface PdfSignatureVerdict {
  facts: PdfSignature;
  /** Undefined when there is no CMS that can be read. */
  signer: SignerVerdict | undefined;
  failures: Failure[];
  /** The moment the signer's certificate was judged for. */
  moment: Date;
  /** True when a time stamp proves that the signature existed at that moment. */
  proved: boolean;
  /** Nothing is wrong: neither with the document nor with the signer. */
  valid: boolean;
}

export interface PdfVerdict {
  examination: PdfExamination;
  signatures: PdfSignatureVerdict[];
}

const maxStamps = 5;

/**
 * Verifies every signature of a PDF. Time stamps are taken from the newest to the oldest, so that each
 * proves the moment at which everything before it is judged (EN 319 102-1, 5.6.2 and 5.6.3). Throws
 * PdfError like `examinePdf`.
 */
export function verifyPdf(pdf: Uint8Array, question: PdfQuestion): PdfVerdict {
  const examination = examinePdf(pdf, question.examination);
  const own = withStore(pdf, question);
  let proved: Date | undefined;
  const signatures: PdfSignatureVerdict[] = [];
  for (const facts of examination.signatures.toReversed()) {
    const moment = proved ?? question.requirements.time;
    const at = question.revocationOptions?.at ?? moment;
    const asked = { ...own, revocationOptions: { ...own.revocationOptions, at } };
    const timed = { ...asked, requirements: { ...question.requirements, time: moment } };
    const verdict = facts.kind === 'timestamp' ? stampOf(facts, timed) : signatureOf(facts, timed);
    const known = verdict.proved || proved !== undefined;
    signatures.unshift({ ...verdict, proved: known });
    if (facts.kind === 'timestamp' && verdict.valid) proved = verdict.moment;
  }
  return { examination, signatures };
}

/** Adds what the document carries: certificates, CRLs and OCSP responses of its security store. */
function withStore(pdf: Uint8Array, question: PdfQuestion): PdfQuestion {
  const data = readValidationData(pdf, question.examination?.password);
  const certificates = [
    ...(question.certificates ?? []),
    ...readable(data.certificates, (bytes) => Certificate.read(bytes)),
  ];
  const { revocation } = question;
  if (!revocation) return { ...question, certificates };
  const crls = readable(data.crls, (bytes) => CertificateList.read(bytes));
  const ocsp = readable(data.ocspResponses, (bytes) => OcspResponse.read(bytes));
  return {
    ...question,
    certificates,
    revocation: {
      crls: [...(revocation.crls ?? []), ...crls],
      ocsp: [...(revocation.ocsp ?? []), ...ocsp],
      certificates: [...(revocation.certificates ?? []), ...certificates],
    },
  };
}

function readable<T>(items: readonly Uint8Array[], read: (bytes: Buffer) => T): T[] {
  return items.flatMap((item) => {
    try {
      return [read(Buffer.from(item))];
    } catch {
      return [];
    }
  });
}

function stampOf(facts: PdfSignature, question: PdfQuestion): PdfSignatureVerdict {
  const moment = question.requirements.time;
  if (!facts.byteRange || facts.revision === undefined) return unread(facts, moment, []);
  const { failures, info, signer } = verifyTimeStamp(facts.cms, {
    ...question,
    stamped: facts.digest,
  });
  const valid = facts.sound && failures.length === 0;
  return { facts, signer, failures, moment: info?.time ?? moment, proved: valid, valid };
}

function signatureOf(facts: PdfSignature, question: PdfQuestion): PdfSignatureVerdict {
  const latest = question.requirements.time;
  if (!facts.byteRange || facts.revision === undefined) return unread(facts, latest, []);
  try {
    const signed = SignedData.read(facts.cms);
    const [only] = signed.signers;
    if (!only || signed.signers.length !== 1) return unread(facts, latest, [failure('no-signer')]);
    const stamped = stampTime(only.timeStamps, only.signature, question);
    const moment = stamped ?? latest;
    const [signer] = verifySignedData(signed, {
      ...question,
      content: facts.digest,
      requirements: { ...question.requirements, time: moment },
      bound: facts.subFilter === 'ETSI.CAdES.detached',
    });
    const { failures } = signer!;
    const valid = facts.sound && failures.length === 0;
    return { facts, signer, failures, moment, proved: stamped !== undefined, valid };
  } catch (error) {
    if (!(error instanceof DerError) && !(error instanceof AlgorithmError)) throw error;
    return unread(facts, latest, [failure('malformed-cms', undefined, error.message)]);
  }
}

const unread = (facts: PdfSignature, moment: Date, failures: Failure[]): PdfSignatureVerdict => {
  return { facts, signer: undefined, failures, moment, proved: false, valid: false };
};

/** The moment of the first sound time stamp over the signature value. */
function stampTime(
  tokens: readonly Buffer[],
  signature: Buffer,
  question: PdfQuestion,
): Date | undefined {
  for (const token of tokens.slice(0, maxStamps)) {
    const { failures, info } = verifyTimeStamp(token, { ...question, stamped: signature });
    if (failures.length === 0 && info) return info.time;
  }
  return undefined;
}
