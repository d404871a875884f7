/** One field of a header: where it lies in the octets, and what it says. */
export interface HeaderField {
  /** As written, without the colon and white space before it. */
  name: string;
  /** First octet of the name. */
  start: number;
  /** First octet after the colon. */
  valueStart: number;
  /** After the last octet of the value; the line end that ends the field is not part of it. */
  end: number;
  /**
   * The value as RFC 8621, 4.1.2.1, gives it raw: folded as it came, what is no UTF-8 replaced by
   * U+FFFD, NUL dropped.
   */
  raw: string;
  /** Only where the octets are no UTF-8: the value in the charset that the message declares. */
  legacy?: string;
}

/** How the octets of a body are written; whatever is not known is taken as it is (`unknown`). */
export type TransferEncoding =
  '7bit' | '8bit' | 'binary' | 'base64' | 'quoted-printable' | 'unknown';

/** A part of a message, described as an EmailBodyPart (RFC 8621, 4.1.4). */
export interface Part {
  /** Number of a leaf in the order of reading, from "1"; a multipart has none. */
  partId: string | null;
  /** First octet of its header; the same as `start` where a header is missing. */
  headerStart: number;
  /** First octet of its body. */
  start: number;
  /** After the last octet of its body; the line end before a boundary belongs to the boundary. */
  end: number;
  header: HeaderField[];
  /** Lower case, without parameters; the default of its place where the header gives none. */
  type: string;
  /** As declared, lower case; `us-ascii` for a text without; null for what is no text. */
  charset: string | null;
  /** Lower case. */
  disposition: string | null;
  /** File name, decoded. */
  name: string | null;
  /** Content-Id without angle brackets. */
  cid: string | null;
  language: string[] | null;
  location: string | null;
  encoding: TransferEncoding;
  /** Only of a multipart. */
  subParts: Part[] | null;
}

/** What was wrong with a message, though it was read as well as it can be. */
export type Defect =
  | 'line-without-colon'
  | 'empty-line-missing'
  | 'mbox-from-line'
  | 'repeated-content-type'
  | 'content-type-unreadable'
  | 'boundary-missing'
  | 'boundary-never-appears'
  | 'final-boundary-missing'
  | 'encoding-on-multipart'
  | 'encoding-unknown'
  | 'octets-not-utf8'
  | 'too-deep'
  | 'too-many-parts'
  | 'too-many-header-fields'
  | 'header-too-large';

/** Beyond these the rest of a message is one opaque leaf, the rest of a header is left out. */
export interface MimeLimits {
  /** Multiparts within one another. */
  depth: number;
  /** Of the message: leaves and multiparts together. */
  parts: number;
  /** Fields of all headers of the message. */
  headerFields: number;
  /** Octets of all header values of the message. */
  headerOctets: number;
}

export const defaultLimits: MimeLimits = {
  depth: 100,
  parts: 2_000,
  headerFields: 10_000,
  headerOctets: 2 << 20,
};

/** A message as far as it can be read: nothing of it is copied, all ranges are of its octets. */
export interface ParsedMessage {
  /** The header of the message, which is that of its root part. */
  header: HeaderField[];
  root: Part;
  /** Octets of the whole message. */
  size: number;
  defects: Defect[];
}
