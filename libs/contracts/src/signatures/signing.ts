import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Hash, Id, Moment, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Conflict, NotFound, problem } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';
import { OutOfOrder } from './certificates.js';
import { KeyLocked, KeysNotSetUp, remoteProblems, tokenProblems, WrongPassphrase } from './keys.js';

/** The file cannot be signed: no PDF, damaged, or closed by an earlier signature. */
export class NotSignable extends problem(422, 'signatures/not-signable', {
  vi: 'Không ký được tệp này',
  en: 'This file cannot be signed',
}) {}
/** Who asks is not who signs here: another person, no post that signs, the same person twice. */
export class NotTheSigner extends problem(403, 'signatures/not-the-signer', {
  vi: 'Bạn không phải là người ký ở bước này',
  en: 'It is not you who signs here',
}) {}
/** The certificate cannot be used: expired, blocked, revoked, untrusted, or about somebody else. */
export class CertificateRefused extends problem(409, 'signatures/certificate-refused', {
  vi: 'Chứng thư không dùng để ký được',
  en: 'The certificate cannot be used to sign',
}) {}
/** The authority that knows whether the certificate holds does not answer: nothing is signed then. */
export class StatusUnknown extends problem(503, 'signatures/status-unknown', {
  vi: 'Chưa hỏi được trạng thái chứng thư',
  en: 'The status of the certificate cannot be learned now',
}) {}
/** What came back does not complete what was prepared; the reason says why. */
export class SignatureRefused extends problem(422, 'signatures/signature-refused', {
  vi: 'Chữ ký không được nhận',
  en: 'The signature is refused',
}) {}
/** The token was used, has expired, or is of another signature. */
export class TokenRefused extends problem(409, 'signatures/token-refused', {
  vi: 'Mã một lần không còn dùng được',
  en: 'The one-time token is no longer good',
}) {}

export const signatureKinds = ['personal', 'agency', 'appendix', 'copy', 'incoming'] as const;
export type SignatureKind = (typeof signatureKinds)[number];
export const signatureStates = ['prepared', 'stamping', 'signed'] as const;
export const copyForms = ['SAO Y', 'SAO LỤC', 'TRÍCH SAO'] as const;

/** What is to be signed, as whom. */
export class Wanted {
  @Choice(signatureKinds, {
    description:
      'personal: who signs the document; agency: its seal; appendix: a further file; ' +
      'copy: a scan; incoming: the stamp “đến” on what was received',
  })
  kind: SignatureKind;
  @Id({ optional: true, description: 'The document, or its approved draft; not for copies' })
  documentId?: string;
  @Hash({ optional: true, description: 'Which file of it, as it was approved; else the first' })
  sha256?: string;
  @Text({ max: 2_000, optional: true, description: 'For a copy: ticket of the uploaded scan' })
  ticket?: string;
  @Id({ optional: true, description: 'For a copy: the agency that makes it' }) agencyId?: string;
  @Choice(copyForms, { optional: true, description: 'For a copy' })
  form?: (typeof copyForms)[number];
  @Text({
    max: 2_000,
    optional: true,
    description: 'Ticket of a PNG on nothing: a signature in blue, or a seal in red',
  })
  image?: string;
}

export class PrepareSigning extends Wanted {
  @Id({ description: 'The registered certificate to sign with' }) certificateId: string;
}

export class SignWithKey extends Wanted {
  @Id({ description: 'A key that you keep here' }) keyId: string;
  @Text({ min: 1, max: 200, secret: true }) passphrase: string;
  @Text({
    ...{ min: 4, max: 64, optional: true, secret: true },
    description: 'One-time code, where the remote service that keeps the key wants one; never kept',
  })
  code?: string;
}

/** A document that waits for its signature. */
export class PreparedSigning {
  @Id() id: string;
  @Text({ max: 100, secret: true, description: 'Completes this signature, once; shown only now' })
  token: string;
  @Text({ max: 200, description: 'What the key signs: the digest, in base64' }) digest: string;
  @Text({ max: 20 }) digestAlgorithm: string;
  @Text({ max: 4_000, description: 'The octets of that digest, in base64' }) toBeSigned: string;
  @Text({ max: 200, description: 'Digest of the document itself, for programs that make CMS' })
  documentDigest: string;
  @Hash({ description: 'The file that a desktop signer downloads and signs' }) sha256: string;
  @Moment() expiresAt: Date;
}

export class CompleteSigning {
  @Id() id: string;
  @Text({ max: 100, secret: true }) token: string;
  @Text({ max: 4_000, optional: true, description: 'The signature over the octets, in base64' })
  signature?: string;
  @Text({ max: 200_000, optional: true, description: 'Or a detached CMS, in base64' }) cms?: string;
  @Text({ max: 2_000, optional: true, description: 'Or the ticket of the whole signed file' })
  ticket?: string;
}

/** One signature on a document. */
export class Signature {
  @Id() id: string;
  @Choice(signatureKinds) kind: SignatureKind;
  @Choice(signatureStates) state: (typeof signatureStates)[number];
  @Id({ optional: true, description: 'The approved draft' }) draftId?: string;
  @Id({ optional: true, description: 'The document, once it has a number' }) documentId?: string;
  @Id() agencyId: string;
  @Id() personId: string;
  @Id() certificateId: string;
  @Hash({ description: 'The file as it was approved' }) rootSha256: string;
  @Hash({ description: 'What was signed: that file, or one with earlier signatures' })
  sourceSha256: string;
  @Text({ max: 200 }) field: string;
  @Text({ max: 10, optional: true, description: 'PAdES level: B-B or B-T' }) level?: string;
  @Text({ max: 500, optional: true, description: 'Why it has no time stamp, or not yet' })
  stampNote?: string;
  @Moment({ optional: true, description: 'What the time stamp says' }) stampedAt?: Date;
  @Moment() preparedAt: Date;
  @Moment({ optional: true }) signedAt?: Date;
  @Hash({ optional: true, description: 'The signed file' }) sha256?: string;
  @Count({ max: 10_000_000_000, optional: true }) size?: number;
  @Moment() expiresAt: Date;
  @Count({ max: 1_000_000_000 }) version: number;
}

export class FindSignature {
  @Id() id: string;
}

export class ListSignatures extends PageInput {
  @Id({ optional: true, description: 'A document or its draft' }) documentId?: string;
}

export class SignaturePage extends pageOf(Signature) {}

const refusals = [NotFound, Conflict, NotSignable, NotTheSigner, OutOfOrder, CertificateRefused];

export const signing = contract('signatures.signing', {
  prepare: {
    summary:
      'Prepare a signature: what a key elsewhere has to sign, and the token that completes it',
    route: 'POST /signatures',
    permission: 'signatures.sign',
    input: PrepareSigning,
    output: PreparedSigning,
    errors: [...refusals, StatusUnknown],
    status: 201,
    timeoutMs: 30_000,
  },
  complete: {
    summary: 'Complete a prepared signature with what the key made, days later if need be',
    route: 'POST /signatures/:id/completion',
    permission: 'signatures.sign',
    input: CompleteSigning,
    output: Signature,
    errors: [...refusals, TokenRefused, SignatureRefused, StatusUnknown],
    status: 200,
    timeoutMs: 30_000,
  },
  sign: {
    summary: 'Sign in one call with a key that you keep here',
    route: 'POST /signatures/software',
    permission: 'signatures.sign',
    input: SignWithKey,
    output: Signature,
    errors: [
      ...[...refusals, StatusUnknown, WrongPassphrase, KeyLocked, KeysNotSetUp],
      ...new Set([...tokenProblems, ...remoteProblems]),
    ],
    status: 201,
    timeoutMs: 30_000,
  },
  list: {
    summary: 'List signatures you may see, newest first',
    route: 'GET /signatures',
    permission: 'signatures.read',
    input: ListSignatures,
    output: SignaturePage,
  },
  find: {
    summary: 'Show a signature and how far it is',
    route: 'GET /signatures/:id',
    permission: 'signatures.read',
    input: FindSignature,
    output: Signature,
    errors: [NotFound],
  },
  file: {
    summary: 'Download the signed file',
    route: 'GET /signatures/:id/file',
    permission: 'signatures.read',
    input: FindSignature,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
  },
  document: {
    summary: 'Download what you prepared, for a desktop signer that makes a whole file of it',
    route: 'GET /signatures/:id/document',
    permission: 'signatures.sign',
    input: FindSignature,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
  },
});

export class SignatureFact {
  @Id() signatureId: string;
  @Id({ optional: true, description: 'The approved draft' }) draftId?: string;
  @Id({ optional: true }) documentId?: string;
  @Id() agencyId: string;
  @Id() personId: string;
  @Choice(signatureKinds) kind: SignatureKind;
  @Hash({ description: 'The file as it was approved' }) rootSha256: string;
  @Hash({ description: 'The signed file' }) sha256: string;
  @Count({ max: 10_000_000_000 }) size: number;
  @Text({ max: 10, description: 'PAdES level: B-B or B-T' }) level: string;
}

export const documentSigned = event(
  'signatures.signing.signed.v1',
  'A file was signed: the signature holds, is stamped or waived to be, and the file is kept',
  SignatureFact,
);
