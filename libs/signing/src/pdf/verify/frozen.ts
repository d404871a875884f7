import { PdfDict, PdfRef, PdfStream, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import type { Revision } from './revisions.js';

/** Units of effort for a value that is looked through, and for an object that is remembered. */
const costs = { value: 5, object: 30 };

/** An object on the way from the one that was asked for. */
interface Visit {
  number: number;
  /** What it leads to and was not followed yet. */
  open: number[];
  /** The lowest place on the stack that it leads back to. */
  lowest: number;
}

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
    return this.known.get(number) ?? this.follow(number);
  }

  /** Whether all that a dictionary leads to is, leaving some keys out; the same keys each time. */
  entries(dict: PdfDict, except: ReadonlySet<string>): boolean {
    let answer = this.dicts.get(dict);
    if (answer === undefined) {
      const values = [...dict].flatMap(([key, value]) => (except.has(key) ? [] : [value]));
      answer = this.referencesIn(values).every((number) => this.object(number));
      this.dicts.set(dict, answer);
    }
    return answer;
  }

  /**
   * Goes through each object once in the life of the document (Tarjan's strongly connected
   * components): what leads into a circle is known only when the whole circle is.
   */
  private follow(asked: number): boolean {
    const places = new Map<number, number>();
    const stack: number[] = [];
    const path: Visit[] = [];
    for (let next: number | undefined = asked; ; next = path.at(-1)!.open.pop()) {
      const visit = path.at(-1);
      if (next === undefined) {
        const { number, lowest } = path.pop()!;
        const place = places.get(number)!;
        if (lowest === place) for (const one of stack.splice(place)) this.known.set(one, true);
        const parent = path.at(-1);
        if (!parent) return true;
        parent.lowest = Math.min(parent.lowest, lowest);
        continue;
      }
      const answer = this.known.get(next);
      if (answer === true) continue;
      if (answer === false || this.rewritten.has(next)) {
        // Everything on the stack leads here.
        for (const number of [next, ...stack]) this.known.set(number, false);
        return false;
      }
      const place = places.get(next);
      if (place !== undefined) visit!.lowest = Math.min(visit!.lowest, place);
      else {
        path.push({ number: next, open: this.referencesOf(next), lowest: stack.length });
        places.set(next, stack.length);
        stack.push(next);
      }
    }
  }

  /** What an object leads to, and the object stream it is kept in, which must be the same as well. */
  private referencesOf(number: number): number[] {
    this.view.store.effort.spend(costs.object);
    const found = this.referencesIn([this.view.object(number)]);
    const entry = this.view.entry(number);
    if (entry?.kind === 'packed') found.push(entry.container);
    return found;
  }

  private referencesIn(values: PdfValue[]): number[] {
    const found: number[] = [];
    for (let item = values.pop(); item !== undefined; item = values.pop()) {
      this.view.store.effort.spend(costs.value);
      if (item instanceof PdfRef) found.push(item.number);
      else if (item instanceof PdfStream) values.push(item.dict);
      else if (Array.isArray(item)) for (const inner of item) values.push(inner);
      else if (item instanceof PdfDict) for (const inner of item.values()) values.push(inner);
    }
    return found;
  }
}
