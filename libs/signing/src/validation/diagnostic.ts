import type { DigestName } from '../x509/algorithms.js';
import type { KeyKind } from '../x509/keys.js';

// What was found in a document, without any opinion on it: everything a policy will need is here
// by value, so that a verdict can be given again, under another policy or at another time, long
// after the document is gone. All of it is plain JSON.

/** SHA-256 in hexadecimal: the name of a piece of evidence. */
export type Hash = string;

export interface Diagnostic {
  version: 1;
  document: { sha256: Hash; octets: number };
  signatures: SignatureRecord[];
  /** Time stamp tokens by their hash. */
  timeStamps: Record<Hash, TimeStampRecord>;
  /** DER in base64, by its hash; responses by the hash of the BasicOCSPResponse. */
  certificates: Record<Hash, string>;
  crls: Record<Hash, string>;
  ocspResponses: Record<Hash, string>;
}

export type SignatureForm = 'XMLDSig' | 'XAdES' | 'CMS' | 'CAdES' | 'PDF' | 'PAdES';

/** An algorithm on which a signature rests. */
export interface AlgorithmUse {
  name: DigestName | KeyKind;
  /** Size of a key; absent for digests. */
  bits?: number;
}

/** What holds for a signature and for a time stamp token alike. */
export interface SignedRecord {
  /** What is wrong with its form, so that it cannot be relied on whatever else holds. */
  problems: string[];
  /** Whether the value belongs to what was signed and to the signer's key. */
  value: 'intact' | 'broken' | 'unknown';
  /** The certificate whose key made it, if it was found. */
  signer?: Hash;
  /** Whether that certificate is the one that was signed along. */
  binding: 'matches' | 'differs' | 'absent';
  algorithms: AlgorithmUse[];
}

export interface SignatureRecord extends SignedRecord {
  /** Unique in the document: a path, a field or a number. */
  id: string;
  form: SignatureForm;
  /** The level its properties make, such as B, T, LT, LTA; absent when its form knows none. */
  level?: string;
  /** SHA-256 of the signature value. */
  identifier: Hash;
  /** What was signed, each with its digest. */
  objects: SignedObject[];
  /** The time the signer claims (ISO 8601). */
  claimedTime?: string;
  claimedRoles?: string[];
  /** Identifier of the signature policy the signer names. */
  policy?: string;
  timeStamps: StampRecord[];
  /** Identifier of the signature that this one countersigns. */
  countersigns?: string;
}

export interface SignedObject {
  name: string;
  outcome: 'matches' | 'differs' | 'absent';
}

/** A time stamp as it stands in a signature. */
export interface StampRecord {
  token: Hash;
  /**
   * `content`: what was signed existed then, so the signature was made later. `signature`: the
   * signature existed then. `archive`: so did all that `protects` names.
   */
  kind: 'content' | 'signature' | 'archive';
  /** Whether it is over what it stands by. */
  imprint: 'matches' | 'differs' | 'unknown';
  /** Certificates, CRLs, responses and tokens that it covers. */
  protects: Hash[];
}

export interface TimeStampRecord extends SignedRecord {
  /** The token in base64. */
  token: string;
  /** The time it says (ISO 8601). */
  time?: string;
  policy?: string;
}
