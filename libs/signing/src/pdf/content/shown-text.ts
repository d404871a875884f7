import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfStream, PdfString, nameOf, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import { fontText, type TextOf } from './font-text.js';
import { operationsOf } from './operations.js';

const maxBytes = 2 * 1024 * 1024;
const maxText = 200_000;
const maxLines = 40;
const painting = /^(?:Do|BI|sh|c|v|y)$/;

/**
 * The text that the appearance of a field shows, or undefined when it shows anything else than text
 * in readable fonts with straight lines around it.
 * @param readFont gives the text of a font, or undefined for one that must not be believed.
 */
export function shownText(
  view: PdfView,
  appearance: PdfStream,
  formFonts: PdfDict | undefined,
  readFont: (font: PdfValue) => TextOf | undefined,
): string | undefined {
  const own = view.dict(view.dict(appearance.dict.get('Resources'))?.get('Font'));
  let textOf: TextOf | undefined;
  let text = '';
  let lines = 0;
  for (const { operator, operands } of operationsOf(
    view.decode(appearance, maxBytes),
    view.store.effort,
  )) {
    if (painting.test(operator)) return undefined;
    if (operator === 'l' || operator === 're') lines += 1;
    if (operator === 'Tr' && operands[0] !== 0) return undefined;
    if (operator === 'Tf') {
      const name = nameOf(operands[0]) ?? '';
      const font = own?.get(name) ?? formFonts?.get(name);
      textOf = font === undefined ? undefined : readFont(font);
    }
    if (operator === 'Tj' || operator === 'TJ' || operator === "'" || operator === '"') {
      const shown = joinText(operands.at(-1), textOf);
      if (shown === undefined) return undefined;
      text += shown;
    }
    if (lines > maxLines || text.length > maxText) return undefined;
  }
  return text;
}

function joinText(value: PdfValue | undefined, textOf: TextOf | undefined): string | undefined {
  const items = Array.isArray(value) ? value : [value ?? null];
  let text = '';
  for (const item of items) {
    if (!(item instanceof PdfString) || item.bytes.length === 0) continue;
    const part = textOf?.(item.bytes);
    if (part === undefined) return undefined;
    text += part;
  }
  return text;
}

/**
 * How to read a font when the document may have been changed by somebody: a font that was there
 * before is believed, a new one only when it is not embedded, so that it cannot draw one thing and
 * claim another.
 */
export function careful(
  view: PdfView,
  wasThere: (font: PdfValue) => boolean,
): (font: PdfValue) => TextOf | undefined {
  return (value) => {
    const font = view.dict(value);
    if (!font) return undefined;
    try {
      if (wasThere(value)) return fontText(view, font, true);
      return isPlain(view, font) ? fontText(view, font, false) : undefined;
    } catch (error) {
      if (error instanceof PdfError) return undefined;
      throw error;
    }
  };
}

/** A font of the reader's own with letters: not embedded, and no font of symbols. */
function isPlain(view: PdfView, font: PdfDict): boolean {
  const type = nameOf(view.resolve(font.get('Subtype')));
  const name = nameOf(view.resolve(font.get('BaseFont'))) ?? '';
  if (type !== 'Type1' && type !== 'TrueType') return false;
  const descriptor = view.dict(font.get('FontDescriptor'));
  const embedded = ['FontFile', 'FontFile2', 'FontFile3'].some((key) => descriptor?.has(key));
  return !embedded && /^(?:Helvetica|Times|Courier|Arial)/.test(name);
}
