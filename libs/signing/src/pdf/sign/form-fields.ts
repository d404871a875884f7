import { formXObject } from '../appearance/drawings.js';
import { EmbeddedFont, vietnamese } from '../appearance/embedded-font.js';
import { fontCodes } from '../content/font-text.js';
import { widthsOf } from '../content/font-widths.js';
import { PdfError } from '../pdf-error.js';
import { fieldsOf, formOf, type FormField } from '../reader/fields.js';
import { PdfDict, PdfName, PdfRef, textOf, textString } from '../reader/objects.js';
import { rectangleOf } from '../reader/pages.js';
import { PdfFile } from '../reader/pdf-file.js';
import { Increment } from '../writer/increment.js';
import { numberText } from '../writer/serialize.js';
import type { FieldLock } from './permissions.js';
import type { PdfUpdate } from './prepare.js';
import { addField, addSignatureField } from './signature-field.js';
import type { Placement } from './signature-options.js';
import { checkIntention, standingLimits } from './standing-limits.js';

/** A line of text that is filled in later, such as the number of a document or its date. */
export interface TextFieldWish {
  name: string;
  placement: Placement;
  size: number;
  align?: 'left' | 'centre' | 'right';
}

/** A place kept for a signature. */
export interface SignatureFieldWish {
  name: string;
  placement?: Placement;
  lock?: FieldLock;
}

export interface FieldWishes {
  texts?: readonly TextFieldWish[];
  signatures?: readonly SignatureFieldWish[];
  /** Bytes of the font of the text fields; all of Vietnamese is embedded. */
  font?: Uint8Array;
  password?: string;
}

const fontName = 'eOffice';
const printed = 4;
const alignments = { left: 0, centre: 1, right: 2 };

/**
 * Adds empty fields before anyone signs: what is there when the first signature is made may be filled
 * in and signed afterwards without touching what that signature says. Throws `not-permitted` when the
 * document is signed already.
 */
export function addFields(pdf: Uint8Array, wishes: FieldWishes): PdfUpdate {
  const { texts = [], signatures = [], font, password } = wishes;
  const file = PdfFile.open(pdf, password === undefined ? {} : { password });
  if (standingLimits(file.view).signed.length > 0) {
    throw new PdfError('not-permitted', 'Fields are added before the first signature');
  }
  const increment = new Increment(file);
  if (texts.length > 0) {
    if (!font) throw new PdfError('not-found', 'Text fields need a font');
    addFont(increment, font);
  }
  for (const text of texts) addTextField(increment, text);
  for (const { name, placement, lock } of signatures) {
    addSignatureField(increment, name, placement, lock);
  }
  return { original: pdf, increment: increment.build(), warnings: [] };
}

function addFont(increment: Increment, bytes: Uint8Array): void {
  const font = new EmbeddedFont(bytes);
  font.encode(vietnamese);
  const form = increment.editUnder(increment.catalog, 'AcroForm');
  const fonts = increment.editUnder(increment.editUnder(form, 'DR'), 'Font');
  fonts.set(fontName, font.embed(increment));
}

function addTextField(increment: Increment, wish: TextFieldWish): void {
  const dict = PdfDict.of({
    Type: new PdfName('Annot'),
    Subtype: new PdfName('Widget'),
    FT: new PdfName('Tx'),
    T: textString(wish.name),
    F: printed,
    Rect: [...wish.placement.rectangle],
    Q: alignments[wish.align ?? 'left'],
    DA: textString(`/${fontName} ${numberText(wish.size)} Tf 0 g`),
  });
  addField(increment, dict, wish.placement.page, true);
}

/**
 * Fills text fields that were prepared with `addFields`, so that each shows exactly its value. Throws
 * `not-permitted` when a signature forbids it, `not-found` for a field that is not there, and
 * `unsupported` for a text its font cannot show.
 */
export function fillFields(
  pdf: Uint8Array,
  values: Readonly<Record<string, string>>,
  password?: string,
): PdfUpdate {
  const file = PdfFile.open(pdf, password === undefined ? {} : { password });
  const limits = standingLimits(file.view);
  const warnings = checkIntention(limits, { what: 'values', fields: Object.keys(values) });
  const increment = new Increment(file);
  const fields = fieldsOf(file.view);
  for (const [name, value] of Object.entries(values)) {
    const field = fields.find((one) => one.name === name);
    if (!field?.ref || field.type !== 'Tx') {
      throw new PdfError('not-found', `The document has no text field ${name}`);
    }
    fill(increment, field, value.normalize('NFC'));
  }
  return { original: pdf, increment: increment.build(), warnings };
}

function fill(increment: Increment, field: FormField, value: string): void {
  const { view } = increment.file;
  const box = rectangleOf(view, field.dict.get('Rect'));
  const fonts = view.dict(view.dict(formOf(view)?.get('DR'))?.get('Font'));
  const ref = fonts?.get(fontName);
  const font = view.dict(ref);
  if (!box || !font || !(ref instanceof PdfRef)) {
    throw new PdfError('not-found', `The field ${field.name} was not prepared for a text`);
  }
  const codes = fontCodes(view, font);
  const bytes = Buffer.alloc([...value].length * 2);
  [...value].forEach((char, index) => {
    const code = codes.get(char);
    if (code === undefined) throw new PdfError('unsupported', `The font has no “${char}”`);
    bytes.writeUInt16BE(code, index * 2);
  });
  const [width, height] = [box[2] - box[0], box[3] - box[1]];
  const ems = widthsOf(view, font)(bytes);
  const wanted = sizeOf(field);
  const size = Math.min(wanted, height / 1.2, ems > 0 ? width / ems : wanted);
  const free = width - ems * size;
  const shift = free * ([0, 0.5, 1][Number(field.attribute('Q'))] ?? 0);
  const [x, y] = [shift, (height - size) / 2 + size * 0.22].map((at) => numberText(round(at)));
  const text = `<${bytes.toString('hex')}> Tj`;
  const operations = `/Tx BMC q BT 0 g /${fontName} ${numberText(round(size))} Tf ${x} ${y} Td ${text} ET Q EMC`;
  const resources = PdfDict.of({ Font: PdfDict.of({ [fontName]: ref }) });
  const appearance = increment.add(formXObject(operations, width, height, resources));
  const dict = increment.edit(field.ref!);
  dict.set('V', textString(value)).set('AP', PdfDict.of({ N: appearance }));
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

function sizeOf(field: FormField): number {
  const [, size] = /([\d.]+) Tf/.exec(textOf(field.attribute('DA')) ?? '') ?? [];
  return Number(size) || 12;
}
