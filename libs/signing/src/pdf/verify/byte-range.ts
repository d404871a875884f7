import { berLength } from '../../asn1/ber.js';
import { DerError } from '../../asn1/der.js';
import { asBuffer, hexValue } from '../reader/characters.js';
import type { Effort } from '../reader/effort.js';
import { PdfDict, PdfRef, PdfString, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import type { Finding, FindingCode } from './findings.js';

/** What a signature covers, as its dictionary says. */
export interface Coverage {
  /** Offset, length, offset, length; undefined when the dictionary has no usable one. */
  byteRange: [number, number, number, number] | undefined;
  /** The value of `Contents` without its padding. */
  cms: Buffer;
  /** The value of `Contents` as it stands, padding included: what VRI keys are made of. */
  contents: Buffer;
  findings: Finding[];
}

/**
 * Checks the geometry of a signature (ISO 32000-1, 12.8.1): two ranges from the start of the file, and
 * between them exactly the hexadecimal string of this dictionary.
 */
export function coverageOf(view: PdfView, value: PdfValue, signature: PdfDict): Coverage {
  const { bytes } = view.store;
  const findings: Finding[] = [];
  const note = (code: FindingCode, detail: string) => findings.push({ code, detail });
  const contents = signature.get('Contents');
  const raw = contents instanceof PdfString ? asBuffer(contents.bytes) : Buffer.alloc(0);
  view.store.effort.spend(3 * raw.length);
  const cms = trimmed(raw, view.store.effort);
  if (signature.repeated)
    note('signature-incomplete', `repeated: ${signature.repeated.join(', ')}`);
  checkContents(bytes, contents, raw, cms, note);
  const byteRange = rangeOf(signature.get('ByteRange'));
  if (!byteRange) note('byte-range-malformed', 'ByteRange');
  else {
    const [start, first, second, last] = byteRange;
    if (start !== 0) note('byte-range-malformed', 'it does not begin with the file');
    if (second < first || first <= 0 || last < 0) note('byte-range-malformed', 'ranges overlap');
    if (second + last > bytes.length) note('byte-range-outside-file', `${second + last}`);
    const placed = contents instanceof PdfString && isInFile(view, value);
    if (!placed || contents.start !== first || contents.end !== second) {
      note('byte-range-gap', 'what is not signed is not exactly Contents');
    }
  }
  return { byteRange, cms, contents: raw, findings };
}

/** Offsets in an object stream are no offsets in the file. */
function isInFile(view: PdfView, value: PdfValue): boolean {
  return !(value instanceof PdfRef) || view.entry(value.number)?.kind === 'offset';
}

function rangeOf(value: PdfValue | undefined): [number, number, number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  if (!value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0)) return undefined;
  return value as [number, number, number, number];
}

function checkContents(
  bytes: Buffer,
  contents: PdfValue | undefined,
  raw: Buffer,
  cms: Buffer,
  note: (code: FindingCode, detail: string) => void,
): void {
  if (!(contents instanceof PdfString) || !contents.hex) {
    return note('contents-malformed', 'Contents is no hexadecimal string');
  }
  const last = contents.end - 1;
  let at = contents.start + 1;
  while (at < last && hexValue(bytes[at]) >= 0) at += 1;
  if (bytes[last] !== 0x3e || at < last) {
    note('contents-malformed', 'Contents holds other characters than hexadecimal digits');
  }
  if (cms.length < 16 || raw[0] !== 0x30) note('contents-malformed', 'Contents holds no CMS');
  if (!raw.subarray(cms.length).equals(Buffer.alloc(raw.length - cms.length))) {
    note('contents-padding', 'the padding of Contents is not zero');
  }
}

/** Cuts the zeros after the outermost element, in DER or in BER of indefinite length. */
function trimmed(raw: Buffer, effort: Effort): Buffer {
  const first = raw[1] ?? 0;
  if (first < 0x80) return raw.subarray(0, 2 + first);
  if (first === 0x80) return untilEnd(raw, effort);
  const count = first & 0x7f;
  if (count > 4 || raw.length < 2 + count) return raw;
  const length = raw.readUIntBE(2, count);
  return raw.subarray(0, Math.min(raw.length, 2 + count + length));
}

/** Where the contents of indefinite length end, only a walk through them tells (X.690, 8.1.3.6). */
function untilEnd(raw: Buffer, effort: Effort): Buffer {
  effort.spend(16 * raw.length);
  try {
    return raw.subarray(0, berLength(raw));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return raw;
  }
}
