const HYPHEN = 45;

/** A line that separates the parts of an open multipart, or ends it. */
export interface Delimiter {
  /** Index of the multipart among the open ones, the outermost first. */
  level: number;
  closing: boolean;
}

// RFC 2046 allows 70 characters; some writers use more.
const longest = 256;

/**
 * The boundaries of the multiparts that are open, one within another. A line is looked up in one
 * step however many are open, so that reading stays linear.
 */
export class Boundaries {
  /** By level; a multipart that was closed has none any more. */
  private readonly open: (string | undefined)[] = [];
  private readonly counts = new Map<string, number>();
  private readonly firstOctets = new Uint32Array(256);

  push(boundary: string | undefined): void {
    this.open.push(boundary);
    if (boundary !== undefined) this.count(boundary, 1);
  }

  /** Forgets the levels from this one on. */
  cut(level: number): void {
    while (this.open.length > level) {
      const boundary = this.open.pop();
      if (boundary !== undefined) this.count(boundary, -1);
    }
  }

  /** Keeps the level, but nothing separates its parts any more. */
  close(level: number): void {
    this.cut(level);
    this.open.push(undefined);
  }

  isOpen(level: number): boolean {
    return this.open[level] !== undefined;
  }

  /** What the line from `start` to `end` (without its line end) is a delimiter of, if of anything. */
  delimiterAt(octets: Buffer, start: number, end: number): Delimiter | undefined {
    if (end - start < 3 || octets[start] !== HYPHEN || octets[start + 1] !== HYPHEN) return;
    if (this.firstOctets[octets[start + 2]!] === 0) return;
    let last = end;
    while (last > start && octets[last - 1]! <= 32) last--;
    if (last - start > longest + 4) return;
    const text = octets.toString('latin1', start + 2, last);
    // A boundary that itself ends with two hyphens is first of all that boundary.
    if (this.counts.has(text)) return { level: this.open.lastIndexOf(text), closing: false };
    if (!text.endsWith('--')) return;
    const inner = text.slice(0, -2);
    if (this.counts.has(inner)) return { level: this.open.lastIndexOf(inner), closing: true };
  }

  private count(boundary: string, difference: 1 | -1): void {
    const count = (this.counts.get(boundary) ?? 0) + difference;
    if (count === 0) this.counts.delete(boundary);
    else this.counts.set(boundary, count);
    this.firstOctets[boundary.charCodeAt(0)]! += difference;
  }
}

/** A boundary as lines can be compared with it; undefined where it cannot separate anything. */
export function usableBoundary(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  // Text came from UTF-8; lines are compared octet for octet.
  const boundary = Buffer.from(written, 'utf8').toString('latin1').trimEnd();
  return boundary === '' || boundary.length > longest ? undefined : boundary;
}
