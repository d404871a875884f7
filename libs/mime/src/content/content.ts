import { createHash } from 'node:crypto';
import type { Part } from '../message.js';
import { decodeCharset, type Decoded } from './charset.js';
import { decodeTransfer } from './transfer-encoding.js';

/** The octets of a part as they were before they were encoded; identity encodings copy nothing. */
export function contentOf(octets: Buffer, part: Part): Buffer {
  return decodeTransfer(octets.subarray(part.start, part.end), part.encoding);
}

/** SHA-256 of the decoded content, in hex: what names it among blobs. */
export function contentHashOf(octets: Buffer, part: Part): string {
  return createHash('sha256').update(contentOf(octets, part)).digest('hex');
}

/** The text of a part: NFC, lines ended by LF (RFC 8621, 4.1.4, EmailBodyValue). */
export function textOf(octets: Buffer, part: Part): Decoded {
  const { value, isEncodingProblem } = decodeCharset(
    contentOf(octets, part),
    part.charset ?? 'utf-8',
  );
  return {
    value: value.includes('\r') ? value.replaceAll('\r\n', '\n') : value,
    isEncodingProblem: isEncodingProblem || part.encoding === 'unknown',
  };
}
