import { operationsOf } from '../content/operations.js';
import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfStream, nameOf, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';

/**
 * What an appearance does to what lies beneath: `transparent` lets everything be read, `opaque` may
 * hide it, `content` also shows text or images of its own.
 */
export type Look = 'transparent' | 'opaque' | 'content';

const maxBytes = 4 * 1024 * 1024;
const maxDepth = 8;
const thickest = 2;

/** The streams of an appearance dictionary: one, or one for each state. */
export function appearancesOf(view: PdfView, annotation: PdfDict): PdfStream[] {
  const dict = view.dict(annotation.get('AP'));
  if (!dict) return [];
  return ['N', 'D', 'R'].flatMap((key) => {
    const value = view.resolve(dict.get(key));
    const items = value instanceof PdfDict ? [...value.values()] : [value];
    return items.map((item) => view.resolve(item)).filter((item) => item instanceof PdfStream);
  });
}

/** Worst look of all the appearances of an annotation; transparent when it has none. */
export function lookOf(view: PdfView, annotation: PdfDict): Look {
  const looks = appearancesOf(view, annotation).map((stream) =>
    lookOfStream(view, stream, false, 0),
  );
  if (looks.includes('content')) return 'content';
  return looks.includes('opaque') ? 'opaque' : 'transparent';
}

/** Lines of up to two points are transparent, and fills that are blended or at most half opaque. */
function lookOfStream(view: PdfView, stream: PdfStream, blended: boolean, depth: number): Look {
  if (depth > maxDepth) return 'content';
  const resources = view.dict(stream.dict.get('Resources'));
  const states = view.dict(resources?.get('ExtGState'));
  const objects = view.dict(resources?.get('XObject'));
  let look: Look = 'transparent';
  let seeThrough = blended;
  let width = 1;
  try {
    for (const { operator, operands } of operationsOf(
      view.decode(stream, maxBytes),
      view.store.effort,
    )) {
      if (/^(?:BI|sh|Tj|TJ|'|")$/.test(operator)) return 'content';
      if (operator === 'cm') look = 'opaque';
      if (operator === 'w') width = Number(operands[0]);
      if (operator === 'gs') {
        seeThrough = isSeeThrough(view, view.dict(states?.get(nameOf(operands[0]) ?? '')));
      }
      if (operator === 'Do') {
        const inner = lookOfObject(
          view,
          objects?.get(nameOf(operands[0]) ?? ''),
          seeThrough,
          depth,
        );
        if (inner === 'content') return inner;
        if (inner === 'opaque') look = inner;
      }
      const fills = /^(?:[fFBb]|f\*|B\*|b\*)$/.test(operator);
      const strokes = /^(?:[SsBb]|B\*|b\*)$/.test(operator);
      if (!seeThrough && (fills || (strokes && !(width <= thickest)))) look = 'opaque';
    }
    return look;
  } catch (error) {
    if (error instanceof PdfError) return 'content';
    throw error;
  }
}

function lookOfObject(
  view: PdfView,
  value: PdfValue | undefined,
  blended: boolean,
  depth: number,
): Look {
  const object = view.resolve(value);
  const isForm =
    object instanceof PdfStream && nameOf(view.resolve(object.dict.get('Subtype'))) === 'Form';
  return isForm ? lookOfStream(view, object, blended, depth + 1) : 'content';
}

function isSeeThrough(view: PdfView, state: PdfDict | undefined): boolean {
  const blend = [view.resolve(state?.get('BM'))].flat()[0];
  if (nameOf(blend) === 'Multiply') return true;
  const alpha = view.resolve(state?.get('ca'));
  return typeof alpha === 'number' && alpha <= 0.5;
}
