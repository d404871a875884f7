import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { NotSignable } from '@eoffice/contracts';
import type { Appearance } from '@eoffice/signing/pdf/appearance/appearance';
import { textAppearance } from '@eoffice/signing/pdf/appearance/drawings';
import {
  appendixAppearance,
  copyAppearance,
  cornerBox,
  findAnchor,
  personalBox,
  type Place,
  sealBox,
  type TextItem,
} from '@eoffice/signing/pdf/appearance/layouts';
import { textLinesOf } from '@eoffice/signing/pdf/content/text-items';
import { PdfError } from '@eoffice/signing/pdf/pdf-error';
import { fieldsOf } from '@eoffice/signing/pdf/reader/fields';
import { pageAt, pageAttribute, rectangleOf } from '@eoffice/signing/pdf/reader/pages';
import { PdfFile } from '@eoffice/signing/pdf/reader/pdf-file';
import { addFields, fillFields } from '@eoffice/signing/pdf/sign/form-fields';
import { joined } from '@eoffice/signing/pdf/sign/prepare';
import type { SignatureOptions } from '@eoffice/signing/pdf/sign/signature-options';
import { standingLimits } from '@eoffice/signing/pdf/sign/standing-limits';
import { blanksOf, type Numbering, valuesOf } from './numbering.js';
import type { Plan } from './plan.js';

const find = createRequire(import.meta.url).resolve;
/** Metrically Times New Roman, which the decree asks for. */
const font = readFileSync(find('@expo-google-fonts/tinos/400Regular/Tinos_400Regular.ttf'));

const millimetre = 72 / 25.4;
const cornerWidth = 70 * millimetre;
const cornerLine = 12;
/** A position stands no further above the name than this. */
const mostBetween = 70 * millimetre;
const fields = { signer: 'signer', agency: 'agency' } as const;

/** A document ready to be signed: what is appended before the signature, and where that shows. */
export interface LaidOut {
  base: Buffer;
  preparation: Buffer;
  options: SignatureOptions;
}

/**
 * Puts a signature where the form of administrative documents wants it (Nghị định 30/2020/NĐ-CP,
 * Phụ lục I). Fields for the number, the date and the agency's signature are added before anybody
 * signs, so that what fills them later changes nothing that was signed. Throws NotSignable.
 */
export function laidOut(
  source: Buffer,
  plan: Plan,
  picture: Appearance | undefined,
  sealMm: number,
): LaidOut {
  try {
    const file = PdfFile.open(source);
    const corner = plan.kind !== 'personal' && plan.kind !== 'agency';
    const { base, options } = corner ? inCorner(file, plan) : onPage(file, plan, picture, sealMm);
    return { base, options, preparation: base.subarray(source.length) };
  } catch (error) {
    if (error instanceof PdfError) throw notSignable(error);
    throw error;
  }
}

function onPage(file: PdfFile, plan: Plan, picture: Appearance | undefined, sealMm: number) {
  const name = plan.kind === 'personal' ? fields.signer : fields.agency;
  const lines = textLinesOf(file);
  const places = placesOf(lines, plan.signerName ?? '', sealMm);
  let base = file.bytes;
  if (standingLimits(file.view).signed.length === 0) {
    const signatures = [
      { name: fields.signer, placement: places?.signer },
      { name: fields.agency, placement: places?.agency },
    ];
    base = joined(addFields(base, { font, signatures, texts: blanksOf(lines, font) }));
  }
  base = numbered(base, plan);
  const prepared = fieldsOf(PdfFile.open(base).view).some((field) => field.name === name);
  const placement = plan.kind === 'personal' ? places?.signer : places?.agency;
  if (picture && !placement) throw noPlace(plan.signerName);
  const shows = picture ? { placement, appearance: picture } : {};
  return { base, options: { ...(prepared ? { field: name } : {}), ...shows } };
}

/** Number and date, as soon as there are any, in the fields that wait for them. */
function numbered(pdf: Buffer, { symbol, issuedOn }: Numbering): Buffer {
  if (!symbol || !issuedOn) return pdf;
  const values = valuesOf({ symbol, issuedOn });
  const empty = fieldsOf(PdfFile.open(pdf).view).filter(
    ({ name, type, dict }) => type === 'Tx' && name in values && !dict.has('V'),
  );
  if (empty.length === 0) return pdf;
  const filled = Object.fromEntries(empty.map(({ name }) => [name, values[name]!]));
  return joined(fillFields(pdf, filled));
}

function inCorner({ bytes, view }: PdfFile, { copy, incoming, symbol }: Plan) {
  const lines = copy ? 3 : 2;
  const media = rectangleOf(view, pageAttribute(view, pageAt(view, 0), 'MediaBox'));
  if (!media) throw new PdfError('damaged', 'The first page has no size');
  const right = cornerBox(0, media, cornerWidth, lines * cornerLine);
  const placement = incoming ? mirrored(right, media) : right;
  const time = new Date();
  const appearance = incoming
    ? incomingAppearance(incoming)
    : copy
      ? copyAppearance(copy.form, copy.agency, time, font)
      : appendixAppearance(symbol ?? '', time, font);
  if (standingLimits(view).signed.length > 0) {
    return { base: bytes, options: { placement, appearance } };
  }
  const signatures = [{ name: fields.agency, placement }];
  return {
    base: joined(addFields(bytes, { signatures })),
    options: { field: fields.agency, placement, appearance },
  };
}

/** The stamp “đến” stands on the other side: the right corner may have a mark of the sender. */
function mirrored({ page, rectangle }: Place, [left, , right]: readonly number[]): Place {
  const [from, bottom, to, top] = rectangle;
  return { page, rectangle: [left! + right! - to, bottom, left! + right! - from, top] };
}

function incomingAppearance({ agency, number, receivedOn }: NonNullable<Plan['incoming']>) {
  const [year, month, day] = receivedOn.split('-');
  const lines = [agency, `ĐẾN   Số: ${number}   Ngày: ${day}/${month}/${year}`];
  return textAppearance(lines, { font, size: 10 });
}

interface Places {
  signer: Place;
  agency: Place;
}

/** Between position and name, found by the name; undefined where the page does not say. */
function placesOf(lines: TextItem[], name: string, sealMm: number): Places | undefined {
  const anchor = findAnchor(lines, name);
  const position = anchor && lineAbove(lines, anchor);
  if (!position) return undefined;
  const signer = personalBox(position, anchor);
  return { signer, agency: sealBox(signer, sealMm) };
}

function lineAbove(lines: TextItem[], name: TextItem): TextItem | undefined {
  const middle = name.x + name.width / 2;
  const above = lines.filter(({ page, x, y, width, height }) => {
    const over = y - name.y - name.height;
    const near = middle >= x - height && middle <= x + width + height;
    return page === name.page && over > 0 && over < mostBetween && near;
  });
  return above.sort((one, other) => one.y - other.y)[0];
}

export const notSignable = ({ message }: PdfError) =>
  new NotSignable({
    vi: 'Tệp không phải PDF đọc được, hoặc chữ ký đã có không cho ký thêm',
    en: message.slice(0, 300),
  });
const noPlace = (name = '') =>
  new NotSignable({
    vi: `Không tìm thấy chức vụ và tên “${name}” trong tệp để đặt hình chữ ký`,
    en: `The file has no position and name “${name}” to put the picture between`,
  });
