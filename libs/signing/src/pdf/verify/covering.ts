import { PdfError } from '../pdf-error.js';
import { Marks } from '../content/marks.js';
import type { Box } from '../content/matrix.js';
import { PdfDict, integerOf } from '../reader/objects.js';
import { pageAttribute, rectangleOf, type PdfPage } from '../reader/pages.js';
import type { PdfView } from '../reader/view.js';

const hidden = 2;
const noView = 32;

/** The rectangle an annotation is seen in; undefined when it is not seen at all. */
export function shownBox(view: PdfView, annotation: PdfDict): Box | undefined {
  const flags = integerOf(view.resolve(annotation.get('F'))) ?? 0;
  if ((flags & (hidden | noView)) !== 0) return undefined;
  const rectangle = rectangleOf(view, annotation.get('Rect'));
  if (!rectangle || rectangle[0] === rectangle[2] || rectangle[1] === rectangle[3])
    return undefined;
  return rectangle;
}

/**
 * True when the box lies on something that the page shows: its content, or an annotation with an
 * appearance. What cannot be read counts as content everywhere.
 */
export function coversContent(view: PdfView, page: PdfPage, box: Box): boolean {
  try {
    const marks = new Marks(view);
    const resources = pageAttribute(view, page, 'Resources');
    marks.addContents(
      page.dict.get('Contents'),
      resources instanceof PdfDict ? resources : undefined,
    );
    if (marks.touch(box)) return true;
  } catch (error) {
    if (error instanceof PdfError) return true;
    throw error;
  }
  const annotations = view.array(page.dict.get('Annots')) ?? [];
  return annotations.some((item) => {
    const annotation = view.dict(item);
    const other = annotation?.has('AP') ? shownBox(view, annotation) : undefined;
    return (
      other !== undefined &&
      other[0] < box[2] &&
      box[0] < other[2] &&
      other[1] < box[3] &&
      box[1] < other[3]
    );
  });
}
