import type { Appearance } from '../appearance/appearance.js';
import type { FieldLock, Permissions } from './permissions.js';

export type PdfDigest = 'sha256' | 'sha384' | 'sha512';

/** Where a visible signature stands: points from the lower left corner of the page, as in PDF. */
export interface Placement {
  /** The page from 0. */
  page: number;
  rectangle: [number, number, number, number];
}

/** What a signature (ISO 32000-1, 12.8) says and where it shows. */
export interface SignatureOptions {
  /** An empty signature field to be signed, or the name of a new one; a free name when not given. */
  field?: string;
  /** Shows the signature there; without it, a new field is invisible. */
  placement?: Placement;
  /** What a visible signature shows. */
  appearance?: Appearance;
  /** Makes it the certification of the document; only the first signature can be. */
  certify?: Permissions;
  /** Fields that may not change any more. */
  lock?: FieldLock;
  name?: string;
  reason?: string;
  location?: string;
  contact?: string;
  /** The time the signer claims; the trusted time is that of the time stamp. */
  claimedTime?: Date;
  /** The digest over the signed ranges, SHA-256 when not given. */
  digest?: PdfDigest;
  /** Room for the CMS in bytes; see `roomForCms`. */
  contentsBytes?: number;
  password?: string;
}
