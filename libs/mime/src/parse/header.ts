import { isUtf8 } from 'node:buffer';
import type { HeaderField } from '../message.js';
import type { Budget } from './limits.js';
import { lineAt } from './lines.js';

const TAB = 9;
const SPACE = 32;
const COLON = 58;
const DELETE = 127;

/** A header and where the body after it begins. */
export interface Header {
  fields: HeaderField[];
  bodyStart: number;
}

type Range = Pick<HeaderField, 'start' | 'valueStart' | 'end'> & { nameEnd: number };

/** Where the colon is that ends the name of a field, or -1 where the line is none. */
function colonOf(octets: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && octets[at]! > SPACE && octets[at]! < DELETE && octets[at] !== COLON) at++;
  if (at === start) return -1;
  while (at < end && (octets[at] === SPACE || octets[at] === TAB)) at++;
  return at < end && octets[at] === COLON ? at : -1;
}

function endOfName(octets: Buffer, colon: number): number {
  let end = colon;
  while (octets[end - 1] === SPACE || octets[end - 1] === TAB) end--;
  return end;
}

/**
 * Reads the header that begins at `start`. It ends with an empty line; or, for want of one, where
 * `isDelimiter` says that the part ends. Lines that are no fields are passed over where fields
 * follow them; at the end they are the body, whose empty line somebody forgot.
 */
export function readHeader(
  octets: Buffer,
  start: number,
  budget: Budget,
  isDelimiter: (lineStart: number, lineEnd: number) => boolean,
): Header {
  const ranges: Range[] = [];
  let open: Range | undefined;
  let strange = -1;
  let bodyStart = octets.length;
  for (let at = start; at < octets.length;) {
    const { end, next } = lineAt(octets, at);
    if (end === at || isDelimiter(at, end)) {
      bodyStart = end === at ? next : at;
      break;
    }
    const isFold = octets[at] === SPACE || octets[at] === TAB;
    const colon = isFold ? -1 : colonOf(octets, at, end);
    if (isFold && open && strange < 0) {
      open.end = end;
    } else if (colon >= 0) {
      if (strange >= 0) budget.found('line-without-colon');
      strange = -1;
      open = { start: at, nameEnd: endOfName(octets, colon), valueStart: colon + 1, end };
      // No more than can be kept: the rest of the header is still walked over.
      if (ranges.length <= budget.limits.headerFields) ranges.push(open);
    } else if (at === start && isMboxFrom(octets, at, end)) {
      budget.found('mbox-from-line');
    } else if (strange < 0) {
      strange = at;
      // A header that does not begin with a field is none: all is body.
      if (!open) break;
    }
    at = next;
  }
  if (strange >= 0) budget.found('empty-line-missing');
  return {
    fields: fieldsOf(octets, ranges, budget),
    bodyStart: strange >= 0 ? strange : bodyStart,
  };
}

function isMboxFrom(octets: Buffer, start: number, end: number): boolean {
  return /^>?From /.test(octets.toString('latin1', start, Math.min(end, start + 6)));
}

const nul = /\0/g;
const beyondAscii = /[\x80-\xff]/;

/** Fields with their values as text; most values are ASCII and cost no copy. */
function fieldsOf(octets: Buffer, ranges: Range[], budget: Budget): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const { start, nameEnd, valueStart, end } of ranges) {
    const kept = start + budget.takeField(end - start);
    if (kept < valueStart) continue;
    const name = octets.toString('latin1', start, nameEnd);
    let raw = octets.toString('latin1', valueStart, kept);
    if (beyondAscii.test(raw)) {
      if (!isUtf8(octets.subarray(valueStart, kept))) budget.found('octets-not-utf8');
      raw = octets.toString('utf8', valueStart, kept);
    }
    if (raw.includes('\0')) raw = raw.replace(nul, '');
    fields.push({ name, start, valueStart, end, raw });
  }
  return fields;
}
