import { PdfDict, PdfRef, PdfStream, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import { encodingKeys, whole } from './comparison.js';
import type { Revision } from './revisions.js';
import type { Side } from './step.js';

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

/** What an object leads to: as such, and as something that is compared whole. */
interface References {
  plain: number[];
  whole: number[];
}

/**
 * Tells which objects are the same in every revision: no update wrote them again, nor anything that
 * they lead to. Of a long document that is nearly all, and asked once instead of for each revision.
 */
export class Frozen {
  /** The pages of the first revision, and its catalogue. */
  readonly pages: ReadonlySet<number>;
  private readonly rewritten = new Set<number>();
  private readonly dicts = new WeakMap<PdfDict, boolean>();
  private readonly looseDicts = new WeakMap<PdfDict, boolean>();
  private readonly view: PdfView;
  private readonly wholly: Circles;
  private readonly loosely: Circles;

  constructor(revisions: readonly Revision[], { view, pages }: Side) {
    this.view = view;
    const original = view.sections.length;
    for (const { entries } of revisions.at(-1)!.view.sections.slice(0, -original)) {
      for (const number of entries.keys()) this.rewritten.add(number);
    }
    const refs = [view.rootRef, ...pages.map(({ ref }) => ref)];
    this.pages = new Set(refs.flatMap((ref) => ref?.number ?? []));
    this.wholly = new Circles((number) => {
      if (this.rewritten.has(number)) return undefined;
      const { plain, whole } = this.referencesOf(number);
      return [...plain, ...whole];
    });
    this.loosely = new Circles((number) => {
      if (this.pages.has(number)) return [];
      if (this.rewritten.has(number)) return undefined;
      const { plain, whole } = this.referencesOf(number);
      return whole.every((one) => this.object(one)) ? plain : undefined;
    });
  }

  /** Whether the object, and whatever it leads to, is the same in every revision. */
  object(number: number): boolean {
    return this.wholly.isSound(number);
  }

  /** The same, leaving out pages and the catalogue where a comparison stops at them. */
  besidePages(number: number): boolean {
    return this.loosely.isSound(number);
  }

  /** The same of all that a dictionary leads to. */
  keysBesidePages(dict: PdfDict): boolean {
    let answer = this.looseDicts.get(dict);
    if (answer === undefined) {
      const { plain, whole } = this.collect([dict], false);
      answer =
        plain.every((number) => this.besidePages(number)) &&
        whole.every((number) => this.object(number));
      this.looseDicts.set(dict, answer);
    }
    return answer;
  }

  /** Whether all that a dictionary leads to is the same, leaving some keys out; the same keys each time. */
  entries(dict: PdfDict, except: ReadonlySet<string>): boolean {
    let answer = this.dicts.get(dict);
    if (answer === undefined) {
      const values = [...dict].flatMap(([key, value]) => (except.has(key) ? [] : [value]));
      const { whole: found } = this.collect(values, true);
      this.dicts.set(dict, (answer = found.every((number) => this.object(number))));
    }
    return answer;
  }

  /** What an object leads to, and the object stream it is kept in, which must be the same as well. */
  private referencesOf(number: number): References {
    this.view.store.effort.spend(costs.object);
    const found = this.collect([this.view.object(number)], false);
    const entry = this.view.entry(number);
    if (entry?.kind === 'packed') found.whole.push(entry.container);
    return found;
  }

  private collect(values: PdfValue[], wholly: boolean): References {
    const found: References = { plain: [], whole: [] };
    const open = values.map((value) => ({ value, wholly }));
    for (let item = open.pop(); item; item = open.pop()) {
      this.view.store.effort.spend(costs.value);
      const { value } = item;
      const dict = value instanceof PdfStream ? value.dict : value;
      if (value instanceof PdfRef) (item.wholly ? found.whole : found.plain).push(value.number);
      else if (Array.isArray(value)) {
        for (const inner of value) open.push({ value: inner, wholly: item.wholly });
      } else if (dict instanceof PdfDict) {
        for (const [key, inner] of dict) {
          const below = item.wholly || whole.has(key) || encodingKeys.includes(key);
          open.push({ value: inner, wholly: below });
        }
      }
    }
    return found;
  }
}

/**
 * Says of things that lead to others whether all that they lead to is sound. It goes through each once
 * (Tarjan's strongly connected components): what leads into a circle is known only when the whole
 * circle is.
 */
class Circles {
  private readonly known = new Map<number, boolean>();

  /** `next` says what a thing leads to, or undefined when it is not sound. */
  constructor(private readonly next: (number: number) => number[] | undefined) {}

  isSound(asked: number): boolean {
    return this.known.get(asked) ?? this.follow(asked);
  }

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
      const place = places.get(next);
      if (place !== undefined) {
        visit!.lowest = Math.min(visit!.lowest, place);
        continue;
      }
      const open = answer === false ? undefined : this.next(next);
      if (!open) {
        // Everything on the stack leads here.
        for (const number of [next, ...stack]) this.known.set(number, false);
        return false;
      }
      path.push({ number: next, open, lowest: stack.length });
      places.set(next, stack.length);
      stack.push(next);
    }
  }
}
