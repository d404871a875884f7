import type { Hash } from './diagnostic.js';

/** When things are proven to have existed (EN 319 102-1 clause 5.6.2.3). */
export class Proofs {
  private readonly earliest = new Map<Hash, { time: Date; by: Hash }>();

  /** @param now the moment of validation: everything at hand exists by then. */
  constructor(private readonly now: Date) {}

  /** The earliest moment at which something is proven to have existed. */
  of(what: Hash): Date {
    return this.earliest.get(what)?.time ?? this.now;
  }

  /** The time stamp that proves it, if one does. */
  by(what: Hash): Hash | undefined {
    return this.earliest.get(what)?.by;
  }

  entries(): IterableIterator<[Hash, { time: Date; by: Hash }]> {
    return this.earliest.entries();
  }

  add(what: Hash, time: Date, by: Hash): void {
    if (time < this.of(what)) this.earliest.set(what, { time, by });
  }
}
