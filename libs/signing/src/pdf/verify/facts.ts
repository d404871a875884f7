import type { FieldLock, Permissions } from '../sign/permissions.js';
import type { Change, Finding } from './findings.js';

/** How much of the file a signature vouches for. */
export type Reach = 'whole-file' | 'whole-revision' | 'from-start' | 'unclear';

/** Everything the PDF says about one signature. Nothing here says whether the signer is trusted. */
export interface PdfSignature {
  field: string;
  kind: 'signature' | 'timestamp';
  subFilter: string;
  reach: Reach;
  /** The revision it signs, from 0; undefined when it signs none. */
  revision: number | undefined;
  byteRange: [number, number, number, number] | undefined;
  /** The CMS (or time-stamp token), without padding. */
  cms: Buffer;
  /** Key of its entry in the VRI dictionary. */
  vriKey: string;
  /** Hash over the signed ranges. */
  digest(algorithm: string): Buffer;
  /** Set on the certification, and on approvals that restrict what follows. */
  permissions: Permissions | undefined;
  certification: boolean;
  locks: FieldLock[];
  /** What the signer claims. */
  claims: { name?: string; reason?: string; location?: string; contact?: string; time?: string };
  /** Where it shows; undefined when it does not. */
  placement: { page: number; rectangle: [number, number, number, number] } | undefined;
  /** What is wrong with the signature itself. */
  findings: Finding[];
  /** What happened to the document afterwards. */
  changes: (Change & { revision: number; permitted: boolean })[];
  /**
   * True when nothing is wrong with it and everything that followed was permitted. With a CMS that
   * matches the digest, the document says what the signer signed.
   */
  sound: boolean;
}

/** All signatures of a document. */
export interface PdfExamination {
  revisions: number;
  signatures: PdfSignature[];
  /** What is wrong with the file as a whole; not empty means that no signature is sound. */
  findings: Finding[];
}

export interface ExaminationPolicy {
  /** What may follow when no signature says it: form filling and signatures (2) unless given. */
  withoutCertification?: Permissions;
  password?: string;
}
