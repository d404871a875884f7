import { PdfDict, PdfRef, PdfStream, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import type { Revision } from './revisions.js';

/** Objects that one question is followed through; what reaches further is compared step by step. */
const maxReached = 200;

/**
 * Tells which objects are the same in every revision: no update wrote them again, nor anything that
 * they lead to. Of a long document that is nearly all, and asked once instead of for each revision.
 */
export class Frozen {
  private readonly rewritten = new Set<number>();
  private readonly known = new Map<number, boolean>();
  private readonly dicts = new WeakMap<PdfDict, boolean>();
  private readonly view: PdfView;

  constructor(revisions: readonly Revision[]) {
    const [first, ...updates] = revisions;
    this.view = first!.view;
    const original = this.view.sections.length;
    for (const { entries } of updates.at(-1)?.view.sections.slice(0, -original) ?? []) {
      for (const number of entries.keys()) this.rewritten.add(number);
    }
  }

  /** Whether the object, and whatever it leads to, is the same in every revision. */
  object(number: number): boolean {
    return this.known.get(number) ?? this.follow([new PdfRef(number)], number);
  }

  /** Whether all that a dictionary leads to is, leaving some keys out; the same keys each time. */
  entries(dict: PdfDict, except: ReadonlySet<string>): boolean {
    let answer = this.dicts.get(dict);
    if (answer === undefined) {
      const values = [...dict].flatMap(([key, value]) => (except.has(key) ? [] : [value]));
      this.dicts.set(dict, (answer = this.follow(values)));
    }
    return answer;
  }

  private follow(open: PdfValue[], asked?: number): boolean {
    const reached = new Set<number>();
    let frozen = true;
    while (frozen && open.length > 0) {
      const item = open.pop()!;
      this.view.store.effort.spend(5);
      if (item instanceof PdfRef) {
        const answer = this.known.get(item.number);
        if (answer === true || reached.has(item.number)) continue;
        reached.add(item.number);
        frozen =
          answer === undefined && reached.size <= maxReached && !this.rewritten.has(item.number);
        if (frozen) open.push(this.view.object(item.number), this.containerOf(item.number));
      } else if (item instanceof PdfStream) open.push(item.dict);
      else if (Array.isArray(item)) for (const inner of item) open.push(inner);
      else if (item instanceof PdfDict) for (const inner of item.values()) open.push(inner);
    }
    if (frozen) for (const number of reached) this.known.set(number, true);
    else if (asked !== undefined) this.known.set(asked, false);
    return frozen;
  }

  /** The object stream that it is kept in: it must be the same as well, with all that it names. */
  private containerOf(number: number): PdfRef | null {
    const entry = this.view.entry(number);
    return entry?.kind === 'packed' ? new PdfRef(entry.container) : null;
  }
}
