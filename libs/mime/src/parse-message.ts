import { decodeCharset } from './content/charset.js';
import {
  defaultLimits,
  type HeaderField,
  type MimeLimits,
  type ParsedMessage,
  type Part,
} from './message.js';
import { Boundaries, type Delimiter, usableBoundary } from './parse/boundaries.js';
import { describe } from './parse/describe.js';
import { readHeader } from './parse/header.js';
import { Budget } from './parse/limits.js';
import { endBefore, lineAt } from './parse/lines.js';

/**
 * Reads a message of any octets: it never throws, and its time grows with their number only. They
 * are walked over once, whatever their nesting, with the boundaries of all open multiparts at hand.
 * Beyond the limits the rest is one opaque leaf. What is wrong with a message is in its `defects`.
 */
export function parseMessage(octets: Buffer, limits: Partial<MimeLimits> = {}): ParsedMessage {
  return new Reading(octets, { ...defaultLimits, ...limits }).message();
}

class Reading {
  private readonly budget: Budget;
  private readonly boundaries = new Boundaries();
  /** Parts whose end is not known yet, each within the one before. */
  private readonly waiting: Part[] = [];
  private leaves = 0;

  constructor(
    private readonly octets: Buffer,
    limits: MimeLimits,
  ) {
    this.budget = new Budget(limits);
  }

  message(): ParsedMessage {
    const { octets, budget } = this;
    budget.takePart();
    let at = this.readPart(0, 'text/plain');
    for (;;) {
      const found = this.nextDelimiter(at);
      if (!found) break;
      this.endParts(
        found.level + 1,
        endBefore(octets, found.start, this.waiting[found.level]!.start),
      );
      at = found.next;
      if (found.closing) {
        this.boundaries.close(found.level);
      } else if (budget.takePart()) {
        const parent = this.waiting[found.level]!;
        const implied = parent.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
        at = this.readPart(at, implied);
      } else {
        this.addOpaque(at);
        break;
      }
    }
    if (this.waiting.some((_, level) => this.boundaries.isOpen(level))) {
      budget.found('final-boundary-missing');
    }
    const root = this.waiting[0]!;
    this.endParts(0, octets.length);
    showWhatHasNoParts(root, octets, budget);
    this.number(root);
    readLegacy(octets, root);
    return { header: root.header, root, size: octets.length, defects: [...budget.defects] };
  }

  /** Reads the header of a part; says where to look on. */
  private readPart(start: number, implied: string): number {
    const { octets, budget, boundaries, waiting } = this;
    const header = readHeader(octets, start, budget, (lineStart, lineEnd) =>
      Boolean(boundaries.delimiterAt(octets, lineStart, lineEnd)),
    );
    const { boundary: written, ...described } = describe(header.fields, implied, budget);
    const part: Part = {
      partId: null,
      headerStart: start,
      start: header.bodyStart,
      end: octets.length,
      header: header.fields,
      ...described,
      subParts: null,
    };
    waiting.at(-1)?.subParts?.push(part);
    boundaries.push(part.type.startsWith('multipart/') ? this.open(part, written) : undefined);
    waiting.push(part);
    return header.bodyStart;
  }

  /** Makes a part a multipart, if it can be one, and gives what separates its parts. */
  private open(part: Part, written: string | undefined): string | undefined {
    const boundary = usableBoundary(written) ?? this.guessBoundary(part.start);
    if (this.waiting.length >= this.budget.limits.depth) {
      this.budget.found('too-deep');
      part.type = 'application/octet-stream';
      return undefined;
    }
    part.subParts = [];
    return boundary;
  }

  /** A multipart that does not say its boundary begins, most likely, with it. */
  private guessBoundary(start: number): string | undefined {
    this.budget.found('boundary-missing');
    const { end } = lineAt(this.octets, start);
    const line = this.octets.toString('latin1', start, Math.min(end, start + 300));
    return line.startsWith('--') ? usableBoundary(line.slice(2)) : undefined;
  }

  private nextDelimiter(from: number): (Delimiter & { start: number; next: number }) | undefined {
    const { octets, boundaries } = this;
    // The line at hand is looked at too: a body may begin with a boundary.
    for (let at = from; at < octets.length;) {
      if (octets[at] === 45 && octets[at + 1] === 45) {
        const { end, next } = lineAt(octets, at);
        const delimiter = boundaries.delimiterAt(octets, at, end);
        if (delimiter) return { ...delimiter, start: at, next };
        at = next - 1;
      }
      const found = octets.indexOf('\n--', at, 'latin1');
      if (found < 0) return undefined;
      at = found + 1;
    }
    return undefined;
  }

  /** Ends the parts from this level on. A part without a body begins, and ends, at a boundary. */
  private endParts(level: number, end: number): void {
    let reached = end;
    for (const part of this.waiting.splice(level).reverse()) {
      reached = Math.max(reached, part.start);
      part.end = reached;
    }
    this.boundaries.cut(level);
  }

  private addOpaque(start: number): void {
    this.waiting.at(-1)!.subParts!.push({
      partId: null,
      headerStart: start,
      start,
      end: this.octets.length,
      header: [],
      type: 'application/octet-stream',
      charset: null,
      disposition: null,
      name: null,
      cid: null,
      language: null,
      location: null,
      encoding: 'binary',
      subParts: null,
    });
  }

  private number(part: Part): void {
    if (part.subParts) for (const each of part.subParts) this.number(each);
    else part.partId = String(++this.leaves);
  }
}

/** A multipart that holds text but no part would hide it: it is shown as the text it is. */
function showWhatHasNoParts(part: Part, octets: Buffer, budget: Budget): void {
  for (const each of part.subParts ?? []) showWhatHasNoParts(each, octets, budget);
  if (part.subParts?.length !== 0) return;
  const blank = !/\S/.test(
    octets.toString('latin1', part.start, Math.min(part.end, part.start + 1000)),
  );
  if (blank) return;
  budget.found('boundary-never-appears');
  Object.assign(part, { type: 'text/plain', charset: 'us-ascii', subParts: null });
}

/** Fields that are no UTF-8 are, most likely, in the charset of the text they announce. */
function readLegacy(octets: Buffer, root: Part): void {
  const charset = firstText(root)?.charset ?? 'us-ascii';
  if (charset === 'us-ascii' || charset.startsWith('utf-')) return;
  const read = (fields: HeaderField[]) => {
    for (const field of fields) {
      if (!field.raw.includes('\ufffd')) continue;
      const { value, isEncodingProblem } = decodeCharset(
        octets.subarray(field.valueStart, field.end),
        charset,
      );
      if (!isEncodingProblem) field.legacy = value.replaceAll('\0', '');
    }
  };
  read(root.header);
}

function firstText(part: Part): Part | undefined {
  if (!part.subParts) return part.charset ? part : undefined;
  for (const each of part.subParts) {
    const found = firstText(each);
    if (found) return found;
  }
  return undefined;
}
