/** Where an object is: free, at an offset from the header, or the n-th of an object stream. */
export type XrefEntry =
  | { kind: 'free' }
  | { kind: 'offset'; offset: number; generation: number }
  | { kind: 'packed'; container: number; index: number };

/** The highest object number that common readers accept. */
export const maxObjectNumber = 8_388_607;
const bits = 5;
const mask = (1 << bits) - 1;

/**
 * The entries of a cross-reference section by object number. Numbers come in runs, so that small
 * arrays of neighbours are several times as fast as a map of a million numbers.
 */
export class XrefEntries {
  private readonly rows = new Map<number, (XrefEntry | undefined)[]>();
  size = 0;

  get(number: number): XrefEntry | undefined {
    // References may name any number: none is cut down to one that is there.
    return number <= maxObjectNumber ? this.rows.get(number >>> bits)?.[number & mask] : undefined;
  }

  has(number: number): boolean {
    return this.get(number) !== undefined;
  }

  set(number: number, entry: XrefEntry): void {
    let row = this.rows.get(number >>> bits);
    if (!row)
      this.rows.set(number >>> bits, (row = new Array<undefined>(mask + 1).fill(undefined)));
    if (row[number & mask] === undefined) this.size += 1;
    row[number & mask] = entry;
  }

  *keys(): Generator<number> {
    for (const [number] of this) yield number;
  }

  *[Symbol.iterator](): Generator<[number, XrefEntry]> {
    for (const [row, entries] of this.rows) {
      for (let index = 0; index <= mask; index += 1) {
        const entry = entries[index];
        if (entry) yield [row * (mask + 1) + index, entry];
      }
    }
  }
}
