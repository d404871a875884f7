// Vietnamese text: what is written is never changed; for finding and comparing it is folded.

const apostrophes = /['’‘ʼ`´]/g;
const invisible = /[\u200B-\u200D\u2060\uFEFF\u00AD]/g;

/** More marks on one letter than any language writes; normalising takes the square of their number. */
const endlessMarks = /(\p{M}{30})\p{M}+/gu;

/** NFC, without zero-width characters: how text is kept. Tone marks typed in a wrong order stay. */
export function nfc(text: string): string {
  return text.replace(endlessMarks, '$1').normalize('NFC').replace(invisible, '');
}

/** Marks that have no letter after normalisation: typed in a wrong order, or for another script. */
export function hasStrayMarks(text: string): boolean {
  return /\p{M}/u.test(nfc(text));
}

/**
 * The search key of a text: small letters without any mark, đ as d, apostrophes alike, single spaces.
 * `Đường Đà Lạt` → `duong da lat`. SQL says the same with `fold()`.
 */
export function fold(text: string): string {
  return plain(text, /\p{M}/gu).replace(/[đð]/g, 'd');
}

/** Folds case and where the tone stands, not the letters: `Hoà` and `hòa` become one, `hoa` stays another. */
export function foldTones(text: string): string {
  const tones = /[\u0300\u0301\u0303\u0309\u0323]/gu;
  return nfc(text)
    .toLowerCase()
    .split(/(\s+)/)
    .map((word) => {
      const apart = word.normalize('NFD');
      const tone = apart.match(tones)?.join('') ?? '';
      return apart.replace(tones, '').normalize('NFC') + tone;
    })
    .join('');
}

function plain(text: string, marks: RegExp): string {
  return nfc(text)
    .toLowerCase()
    .normalize('NFD')
    .replace(marks, '')
    .normalize('NFC')
    .replace(apostrophes, "'")
    .replace(/\s+/g, ' ')
    .trim();
}

/** The part of an address that names a thing: `Đạ Tẻh 2` → `da-teh-2`. */
export function slug(text: string): string {
  return fold(text)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

const collator = new Intl.Collator('vi');

/** Vietnamese alphabetical order: `a ă â b c d đ …`, then tones. */
export function compareVietnamese(a: string, b: string): number {
  return collator.compare(a, b);
}

/** Order of people in lists: by given name (the last word), then family and middle names. */
export function comparePeople(a: string, b: string): number {
  const parts = (name: string) => {
    const words = name.trim().split(/\s+/);
    return { given: words.at(-1)!, rest: words.slice(0, -1).join(' ') };
  };
  const [one, other] = [parts(a), parts(b)];
  return compareVietnamese(one.given, other.given) || compareVietnamese(one.rest, other.rest);
}

const readAsWindows1252 = /á[»º]|Ä[‘\u0090\u0091]|Æ[°¡]|Ã[¡ ©¨ª²³´µ¹ºý]/;
const legacyFont = /[ÕÖ¸µ­¶·©®¬][a-zA-Z]|[a-z][ÕÖ¸µ¶·©®¬]/g;

/** Whether text looks decoded wrongly: UTF-8 read as Windows-1252, or TCVN3 font codes. */
export function looksMisread(text: string): boolean {
  return readAsWindows1252.test(text) || (text.match(legacyFont)?.length ?? 0) > 2;
}

/** The header that names a download (RFC 6266, RFC 8187): folded for old programs, exact for new ones. */
export function contentDisposition(name: string, kind: 'attachment' | 'inline' = 'attachment') {
  const safe = nfc(name).replace(/[\p{Cc}/\\]/gu, '_');
  const ascii = unmarked(safe).replace(/[^\x20-\x7e]|["%\\]/g, '_');
  const exact = encodeURIComponent(safe).replace(
    /['()*!]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${exact}`;
}

const unmarked = (text: string) =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/g, 'd').replace(/Đ/g, 'D');
