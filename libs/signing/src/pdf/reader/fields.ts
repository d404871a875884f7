import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfRef, nameOf, textOf, type PdfValue } from './objects.js';
import type { PdfView } from './view.js';

/** A terminal field of the interactive form (ISO 32000-1, 12.7) with its widgets. */
export interface FormField {
  /** Partial names from the root, joined with points. */
  name: string;
  ref: PdfRef | undefined;
  dict: PdfDict;
  /** `Sig`, `Tx`, `Btn`, `Ch`, or undefined when no ancestor says. */
  type: string | undefined;
  /** Its widget annotations: itself when merged, else its kids. */
  widgets: { ref: PdfRef | undefined; dict: PdfDict }[];
  /** The nodes above it, the root first. */
  ancestors: PdfRef[];
  /** The nearest value of an inheritable key (FT, V, Ff, DA …). */
  attribute: (key: string) => PdfValue;
}

const maxFields = 20_000;
const maxDepth = 50;

const tooMany = () => new PdfError('too-complex', `More than ${maxFields} form fields`);

/** The interactive form of the catalogue, if there is one. */
export const formOf = (view: PdfView): PdfDict | undefined =>
  view.dict(view.catalog.get('AcroForm'));

/** Every terminal field once, in order. Throws `too-complex` beyond 20 000 nodes. */
export function fieldsOf(view: PdfView): FormField[] {
  const fields: FormField[] = [];
  const seen = new Set<number>();
  const form = formOf(view);
  if (!form) return fields;
  const walk = (value: PdfValue | undefined, above: Node[], depth: number): void => {
    const ref = value instanceof PdfRef ? value : undefined;
    if (ref && seen.has(ref.number)) return;
    if (ref) seen.add(ref.number);
    const dict = view.dict(value);
    if (!dict || depth > maxDepth) return;
    if (seen.size > maxFields || fields.length > maxFields) throw tooMany();
    const path = [...above, { ref, dict }];
    const below = view.array(dict.get('Kids')) ?? [];
    if (below.length > maxFields) throw tooMany();
    const kids = below.map((kid) => ({
      ref: kid instanceof PdfRef ? kid : undefined,
      dict: view.dict(kid),
    }));
    if (kids.some((kid) => kid.dict?.has('T'))) {
      for (const kid of below) walk(kid, path, depth + 1);
      return;
    }
    const widgets = kids.filter((kid): kid is FormField['widgets'][number] => !!kid.dict);
    for (const widget of widgets) if (widget.ref) seen.add(widget.ref.number);
    const merged = nameOf(view.resolve(dict.get('Subtype'))) === 'Widget' || dict.has('Rect');
    if (merged && widgets.length === 0) widgets.push({ ref, dict });
    fields.push(fieldOf(view, path, widgets));
  };
  for (const root of view.array(form.get('Fields')) ?? []) walk(root, [], 0);
  return fields;
}

interface Node {
  ref: PdfRef | undefined;
  dict: PdfDict;
}

function fieldOf(view: PdfView, path: Node[], widgets: FormField['widgets']): FormField {
  const { ref, dict } = path.at(-1)!;
  const attribute = (key: string): PdfValue => {
    for (let index = path.length - 1; index >= 0; index -= 1) {
      const value = view.resolve(path[index]!.dict.get(key));
      if (value !== null) return value;
    }
    return null;
  };
  const names = path.map((node) => textOf(view.resolve(node.dict.get('T')))).filter(Boolean);
  const ancestors = path.slice(0, -1).flatMap((node) => node.ref ?? []);
  const type = nameOf(attribute('FT'));
  return { name: names.join('.'), ref, dict, type, widgets, ancestors, attribute };
}
