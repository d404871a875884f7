import { isDigit, isWhite, standsAt } from '../reader/characters.js';
import type { PdfFile } from '../reader/pdf-file.js';
import { PdfView } from '../reader/view.js';

/** One state of the document: the first one saved, or what an incremental update made of it. */
export interface Revision {
  index: number;
  /** One past its `%%EOF`. */
  end: number;
  /** The offset its `startxref` names. */
  startXref: number;
  view: PdfView;
}

/**
 * The revisions of a file, oldest first. A revision ends at a `startxref … %%EOF` that names a
 * section of the chain; both sections of a linearised file belong to one revision.
 */
export function revisionsOf(file: PdfFile): Revision[] {
  const { bytes, base, view } = file;
  const places = new Map(view.sections.map((section, index) => [section.position, index]));
  const revisions: Revision[] = [];
  let oldest = view.sections.length;
  for (const { startXref, end } of endMarks(bytes)) {
    let position = base + startXref;
    while (isWhite(bytes[position])) position += 1;
    const index = places.get(position);
    // Marks that name no section, or one already passed, end nothing.
    if (index === undefined || index >= oldest || end < view.sections[index]!.end) continue;
    oldest = index;
    revisions.push({
      index: revisions.length,
      end,
      startXref,
      view: new PdfView(view.store, view.sections.slice(index)),
    });
  }
  return revisions;
}

/** Every `startxref <offset> %%EOF` in the bytes, in order. */
function* endMarks(bytes: Buffer): Generator<{ startXref: number; end: number }> {
  for (let at = bytes.indexOf('startxref'); at >= 0; at = bytes.indexOf('startxref', at + 9)) {
    let position = at + 9;
    while (isWhite(bytes[position])) position += 1;
    let startXref = 0;
    const digits = position;
    while (isDigit(bytes[position]) && position - digits < 15) {
      startXref = startXref * 10 + bytes[position]! - 0x30;
      position += 1;
    }
    if (position === digits) continue;
    while (isWhite(bytes[position])) position += 1;
    if (standsAt(bytes, position, '%%EOF')) yield { startXref, end: position + 5 };
  }
}

/** True when the bytes between the places are white space. */
export function onlyWhite(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!isWhite(bytes[at])) return false;
  return true;
}
