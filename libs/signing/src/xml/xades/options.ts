import type { DigestName } from '../../x509/algorithms.js';

/** What a XAdES signature (EN 319 132-1) says under the signature. */
export interface XadesOptions {
  /** The time the signer claims, to the second. */
  signingTime: Date;
  /** Where it was signed: SignatureProductionPlaceV2. */
  place?: { city?: string; province?: string; postalCode?: string; country?: string };
  /** Roles the signer claims, such as a signing capacity (thẩm quyền ký). */
  claimedRoles?: string[];
  /** Identifier of a commitment, such as proof of approval, over everything signed. */
  commitment?: string;
  /** A signature policy by its identifier and the digest of its text. */
  policy?: { identifier: string; digest: DigestName; value: Uint8Array; uri?: string };
}
