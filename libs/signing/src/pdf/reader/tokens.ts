import { PdfName } from './objects.js';

const names = new Map<string, PdfName>();

/** Digits with a sign and a point; doubled signs and trailing rubbish are dropped as readers do. */
export function numberOf(text: string): number {
  const [, sign = '', digits = ''] = /^([+-]*)(\d*\.?\d*)/.exec(text)!;
  const value = digits === '' || digits === '.' ? 0 : Number(digits);
  return sign.startsWith('-') ? -value || 0 : value;
}

/** One object for each common name. */
export function internedName(text: string): PdfName {
  let name = names.get(text);
  if (!name) {
    name = new PdfName(text);
    if (names.size < 5000 && text.length < 64) names.set(text, name);
  }
  return name;
}
