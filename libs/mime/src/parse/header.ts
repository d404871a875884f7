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

const mboxFrom = /^>?From /;

/**
 * Reads the header that begins at `start`. It ends with an empty line; or, for want of one, where
 * `isDelimiter` says that the part ends. A line that is no field is passed over, unless no empty
 * line follows at all: then the body begins with it. A header whose first line is no field is
 * missing.
 */
export function readHeader(
  octets: Buffer,
  start: number,
  budget: Budget,
  isDelimiter: (lineStart: number, lineEnd: number) => boolean,
): Header {
  const ranges: Range[] = [];
  let open: Range | undefined;
  let strange: { at: number; fields: number } | undefined;
  let seen = false;
  for (let at = start; at < octets.length;) {
    const { end, next } = lineAt(octets, at);
    if (end === at) return { fields: fieldsOf(octets, ranges, budget), bodyStart: next };
    if (isDelimiter(at, end)) return unended(octets, ranges, budget, at, strange);
    const first = octets[at]!;
    if (seen && (first === SPACE || first === TAB)) {
      if (open) open.end = end;
    } else {
      const colon = colonOf(octets, at, end);
      if (colon >= 0) {
        open = { start: at, nameEnd: endOfName(octets, colon), valueStart: colon + 1, end };
        // No more than can be kept: the rest of the line is still walked over.
        if (ranges.length < budget.limits.headerFields + 1) ranges.push(open);
        seen = true;
      } else if (
        start === at &&
        mboxFrom.test(octets.toString('latin1', at, Math.min(end, at + 6)))
      ) {
        budget.found('mbox-from-line');
      } else {
        budget.found('line-without-colon');
        if (!seen) return { fields: [], bodyStart: at };
        strange ??= { at, fields: ranges.length };
        open = undefined;
      }
    }
    at = next;
  }
  return unended(octets, ranges, budget, octets.length, strange);
}

function unended(
  octets: Buffer,
  ranges: Range[],
  budget: Budget,
  end: number,
  strange: { at: number; fields: number } | undefined,
): Header {
  if (!strange) return { fields: fieldsOf(octets, ranges, budget), bodyStart: end };
  budget.found('header-never-ends');
  const fields = fieldsOf(octets, ranges.slice(0, strange.fields), budget);
  return { fields, bodyStart: strange.at };
}

const nul = /\0/g;
const beyondAscii = /[\x80-\xff]/;

/** Fields with their values as text; most values are ASCII and cost no copy. */
function fieldsOf(octets: Buffer, ranges: Range[], budget: Budget): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const { start, nameEnd, valueStart, end } of ranges) {
    if (!budget.takeField(end - start)) continue;
    const name = octets.toString('latin1', start, nameEnd);
    let raw = octets.toString('latin1', valueStart, end);
    if (beyondAscii.test(raw)) {
      if (!isUtf8(octets.subarray(valueStart, end))) budget.found('octets-not-utf8');
      raw = octets.toString('utf8', valueStart, end);
    }
    if (raw.includes('\0')) raw = raw.replace(nul, '');
    fields.push({ name, start, valueStart, end, raw });
  }
  return fields;
}

/** The last field of a name, which is the one that counts where RFC 8621 asks for one. */
export function lastField(fields: HeaderField[], name: string): HeaderField | undefined {
  return fields.findLast((field) => field.name.toLowerCase() === name);
}
