import { PdfError } from '../pdf-error.js';
import {
  PdfDict,
  PdfName,
  PdfRef,
  PdfStream,
  PdfString,
  type PdfValue,
} from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import { asBuffer } from '../reader/characters.js';
import type { Frozen } from './frozen.js';

interface Step {
  before: PdfValue | undefined;
  after: PdfValue | undefined;
  key: string;
  parent: Step | undefined;
  /** Whether it lies below one of the keys in `whole`. */
  wholly: boolean;
}

/** Units of effort. */
const pairCost = 15;
/** Above the highest object number, so that a pair of numbers is one number. */
const pairFactor = 2 ** 24;
const maxDecoded = 32 * 1024 * 1024;
/**
 * Keys under which lies what readers draw, and what confines later changes. An object found there is
 * compared whole, even if it is an annotation or a field as well, whose rules allow changes to it.
 */
export const whole: ReadonlySet<string> = new Set([
  ...['Contents', 'Resources', 'AP', 'MK', 'Group', 'OC', 'OCProperties'],
  ...['Lock', 'TransformParams'],
]);
export const encodingKeys = ['Length', 'Filter', 'DecodeParms'];

/**
 * Asks whether two revisions say the same: values are followed through references, wherever their
 * objects are kept, so that a moved object is no change and a changed one is found from every place
 * that uses it. Objects that have rules of their own (pages, annotations, fields) are compared there:
 * a reference to one of these is the same when it names the same object, except below the keys in `whole`.
 */
export class Comparison {
  /** Numbers of objects of the later revision that were accounted for. */
  readonly explained = new Set<number>();
  /** Objects of the earlier revision that have rules of their own. */
  readonly anchors = new Set<number>();
  private readonly equal = new Set<number>();
  private pagesStay?: boolean;

  constructor(
    readonly before: PdfView,
    readonly after: PdfView,
    private readonly frozen?: Frozen,
  ) {}

  /** True when nothing under the keys of a dictionary can have changed in any revision. */
  untouched(before: PdfDict, after: PdfDict, except: ReadonlySet<string>): boolean {
    return before === after && this.frozen?.entries(before, except) === true;
  }

  private isFrozen(number: number, wholly: boolean): boolean {
    if (!this.frozen) return false;
    return !wholly && this.staysBesidePages()
      ? this.frozen.besidePages(number)
      : this.frozen.object(number);
  }

  /** Pages are compared by their own rules, as long as they all are pages still. */
  private staysBesidePages(): boolean {
    const { frozen, anchors } = this;
    if (!frozen) return false;
    return (this.pagesStay ??= [...frozen.pages].every((page) => anchors.has(page)));
  }

  /** True when both values, which stand under the key, mean the same. */
  same(before: PdfValue | undefined, after: PdfValue | undefined, key = ''): boolean {
    return this.difference(before, after, key) === undefined;
  }

  /** The keys below to the first difference, joined with slashes; undefined when there is none. */
  difference(
    before: PdfValue | undefined,
    after: PdfValue | undefined,
    key = '',
  ): string | undefined {
    const assumed = new Set<number>();
    const seen = new Set<number>();
    const open: Step[] = [{ before, after, key: '', parent: undefined, wholly: whole.has(key) }];
    while (open.length > 0) {
      const step = open.pop()!;
      this.after.store.effort.spend(pairCost);
      if (!this.compare(step, open, assumed, seen)) return pathOf(step);
    }
    for (const pair of assumed) this.equal.add(pair);
    for (const number of seen) this.explained.add(number);
    return undefined;
  }

  /** The keys in which two dictionaries differ, leaving some out. */
  differingKeys(
    before: PdfDict,
    after: PdfDict,
    except: ReadonlySet<string> = new Set(),
  ): string[] {
    if (before === after && this.staysBesidePages() && this.frozen!.keysBesidePages(before))
      return [];
    const keys = new Set([...before.keys(), ...after.keys()]);
    return [...keys].filter(
      (key) => !except.has(key) && !this.same(before.get(key), after.get(key), key),
    );
  }

  /** Accounts for everything a new value brings along. */
  explain(value: PdfValue | undefined): void {
    const open: (PdfValue | undefined)[] = [value];
    while (open.length > 0) {
      const item = open.pop();
      this.after.store.effort.spend(pairCost);
      if (item instanceof PdfRef) {
        if (this.explained.has(item.number) || this.anchors.has(item.number)) continue;
        this.explained.add(item.number);
        open.push(this.after.object(item.number));
      } else if (item instanceof PdfStream) open.push(item.dict);
      else if (Array.isArray(item)) for (const inner of item) open.push(inner);
      else if (item instanceof PdfDict) for (const inner of item.values()) open.push(inner);
    }
  }

  private compare(step: Step, open: Step[], assumed: Set<number>, seen: Set<number>): boolean {
    const { before, after } = step;
    if (before instanceof PdfRef || after instanceof PdfRef) {
      const from = before instanceof PdfRef ? before.number : undefined;
      const to = after instanceof PdfRef ? after.number : undefined;
      if (!step.wholly) {
        if (from !== undefined && this.anchors.has(from)) return from === to;
        if (to !== undefined && this.anchors.has(to)) return false;
      }
      if (from !== undefined && from === to && this.isFrozen(from, step.wholly)) return true;
      if (to !== undefined) seen.add(to);
      if (from !== undefined && to !== undefined) {
        const pair = 2 * (from * pairFactor + to) + Number(step.wholly);
        if (this.equal.has(pair) || assumed.has(pair)) return true;
        assumed.add(pair);
      }
      const one = from === undefined ? before : this.before.object(from);
      const other = to === undefined ? after : this.after.object(to);
      open.push({ ...step, before: one, after: other });
      return true;
    }
    return this.compareDirect(before ?? null, after ?? null, step, open);
  }

  private compareDirect(before: PdfValue, after: PdfValue, step: Step, open: Step[]): boolean {
    if (Array.isArray(before)) {
      if (!Array.isArray(after) || before.length !== after.length) return false;
      before.forEach((item, index) => {
        const key = String(index);
        open.push({ before: item, after: after[index], key, parent: step, wholly: step.wholly });
      });
      return true;
    }
    if (before instanceof PdfDict) {
      if (!(after instanceof PdfDict)) return false;
      this.openEntries(before, after, [], step, open);
      return true;
    }
    if (before instanceof PdfStream) {
      return after instanceof PdfStream && this.compareStreams(before, after, step, open);
    }
    if (before instanceof PdfName) return after instanceof PdfName && before.text === after.text;
    if (before instanceof PdfString) {
      return after instanceof PdfString && asBuffer(before.bytes).equals(after.bytes);
    }
    return before === after;
  }

  private openEntries(
    before: PdfDict,
    after: PdfDict,
    except: string[],
    step: Step,
    open: Step[],
  ): void {
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      if (except.includes(key)) continue;
      const below = step.wholly || whole.has(key);
      open.push({
        before: before.get(key),
        after: after.get(key),
        key,
        parent: step,
        wholly: below,
      });
    }
  }

  private compareStreams(before: PdfStream, after: PdfStream, step: Step, open: Step[]): boolean {
    this.after.store.effort.spend((before.raw.length + after.raw.length) >> 4);
    const sameBytes = before.raw === after.raw || asBuffer(before.bytes).equals(after.bytes);
    const sameEncoding = ['Filter', 'DecodeParms'].every((key) =>
      this.same(before.dict.get(key), after.dict.get(key), 'Contents'),
    );
    this.openEntries(before.dict, after.dict, encodingKeys, step, open);
    if (sameBytes && sameEncoding) {
      this.explain(after.dict.get('Length'));
      return true;
    }
    try {
      const one = this.before.decode(before, maxDecoded);
      const other = this.after.decode(after, maxDecoded);
      if (!asBuffer(one).equals(other)) return false;
      for (const key of encodingKeys) this.explain(after.dict.get(key));
      return true;
    } catch (error) {
      if (error instanceof PdfError) return false;
      throw error;
    }
  }
}

function pathOf(step: Step): string {
  const keys: string[] = [];
  for (let at: Step | undefined = step; at; at = at.parent) if (at.key) keys.unshift(at.key);
  return keys.slice(0, 12).join('/');
}
