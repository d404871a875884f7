import type { Box } from '../content/matrix.js';
import type { Appearance } from './appearance.js';
import { textAppearance } from './drawings.js';

/**
 * Where signatures stand on the page and what they show, as the form of administrative documents
 * wants it (Nghị định 30/2020/NĐ-CP, Phụ lục I: ô số 7c, 8 and 14). The decree gives no millimetres:
 * boxes are computed from the lines of text around them.
 */

/** A piece of text on a page: left and bottom of its box, in points from the lower left corner. */
export interface TextItem {
  text: string;
  page: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A place on a page; `placement` of a signature. */
export interface Place {
  page: number;
  rectangle: [number, number, number, number];
}

const pointsPerMm = 72 / 25.4;
const margin = 20 * pointsPerMm;
const gap = 2;

/** Finds a text by its words, whatever the spaces; the last one on the last page that has it. */
export function findAnchor(items: readonly TextItem[], text: string): TextItem | undefined {
  const wanted = squeezed(text);
  return items.findLast((item) => squeezed(item.text) === wanted);
}

const squeezed = (text: string): string =>
  text.normalize('NFC').replace(/\s+/g, ' ').trim().toLocaleLowerCase('vi');

/** The box of the signature of a person (7c): between position and name, centred on the name. */
export function personalBox(position: TextItem, name: TextItem, width = 45 * pointsPerMm): Place {
  const centre = name.x + name.width / 2;
  const bottom = name.y + name.height + gap;
  const top = Math.max(position.y - gap, bottom + 1);
  return { page: name.page, rectangle: [centre - width / 2, bottom, centre + width / 2, top] };
}

/**
 * The box of the agency's signature (8): the seal in its real size, to the left of the personal
 * signature and over one third of it.
 */
export function sealBox(personal: Place, diameterMm: number): Place {
  const [left, bottom, right, top] = personal.rectangle;
  const size = diameterMm * pointsPerMm;
  const seal = left + (right - left) / 3;
  const middle = (bottom + top) / 2;
  const rectangle: Place['rectangle'] = [seal - size, middle - size / 2, seal, middle + size / 2];
  return { page: personal.page, rectangle };
}

/** The upper right corner of a page (14), for appendices in files of their own and for copies. */
export function cornerBox(page: number, media: Box, width: number, height: number): Place {
  const [right, top] = [media[2] - margin, media[3] - margin / 2];
  return { page, rectangle: [right - width, top - height, right, top] };
}

const cornerSize = 10;

/** On an appendix in a file of its own: number and symbol of the document, time of signing. */
export const appendixAppearance = (
  numberAndSymbol: string,
  time: Date,
  font: Uint8Array,
): Appearance =>
  textAppearance([numberAndSymbol, vietnamTime(time)], { font, size: cornerSize, align: 'right' });

/** On a copy (sao y, sao lục, trích sao): its form, the agency that copies, the time of signing. */
export const copyAppearance = (
  form: string,
  agency: string,
  time: Date,
  font: Uint8Array,
): Appearance =>
  textAppearance([form, agency, vietnamTime(time)], { font, size: cornerSize, align: 'right' });

/** Day, hours, minutes, seconds and the zone of Vietnam (ISO 8601). */
export function vietnamTime(time: Date): string {
  return `${new Date(time.getTime() + 7 * 3_600_000).toISOString().slice(0, 19)}+07:00`;
}
