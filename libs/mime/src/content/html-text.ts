// Names of U+00A0 to U+00FF, in order: Vietnamese HTML of mail programs is full of them.
const latin1 = (
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn ' +
  'sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave ' +
  'Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ' +
  'ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN ' +
  'szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute ' +
  'icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml ' +
  'yacute thorn yuml'
).split(' ');

const entities = new Map<string, string>([
  ...latin1.map((name, index) => [name, String.fromCharCode(0xa0 + index)] as const),
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['ndash', '–'],
  ['mdash', '—'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['ldquo', '“'],
  ['rdquo', '”'],
  ['bull', '•'],
  ['hellip', '…'],
  ['euro', '€'],
  ['trade', '™'],
]);

function decodeEntity(written: string, name: string): string {
  if (!name.startsWith('#')) return entities.get(name) ?? written;
  const hex = name[1] === 'x' || name[1] === 'X';
  const code = parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : '\ufffd';
}

// Their text is nothing a reader sees.
const unseen = new Set(['script', 'style', 'title', 'template', 'noscript', 'textarea', 'select']);
// They stand within a line; every other tag parts words.
const inline = new Set(
  'a abbr b big code del em font i img ins kbd mark s small span strike strong sub sup tt u wbr'.split(
    ' ',
  ),
);

/**
 * The text that a reader of HTML sees, in one line of words parted by single spaces, NFC. It is
 * for previews and searching, not for showing: nothing of it is safe to put into HTML again.
 */
export function htmlText(html: string): string {
  const pieces: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    pieces.push(html.slice(at, open));
    const tag = readTag(html, open);
    if (tag.end === open + 1) pieces.push('<');
    else if (!tag.inline) pieces.push(' ');
    at = tag.end;
  }
  pieces.push(html.slice(at));
  const text = pieces
    .join('')
    .replace(/&(#[xX]?[\da-fA-F]{1,7}|[a-zA-Z]\w{1,10});?/g, decodeEntity);
  return oneLine(text);
}

/** Words parted by single spaces; what has no width is left out. */
export function oneLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\u00ad\u034f\u200b-\u200f\u2060\ufeff]/g, '')
    .replace(/[\s\u00a0]+/g, ' ')
    .trim();
}

/** A tag, comment or declaration, or what goes with it unseen; a "<" that begins none is text. */
function readTag(html: string, open: number): { end: number; inline: boolean } {
  if (html.startsWith('<!--', open)) return { end: after(html, '-->', open + 4), inline: true };
  const match = /^<(\/?)([a-z][a-z\d:-]{0,20})/i.exec(html.slice(open, open + 24));
  if (!match && !/^<[!?]/.test(html.slice(open, open + 2))) return { end: open + 1, inline: true };
  const end = after(html, '>', open);
  const name = match?.[2]!.toLowerCase() ?? '';
  if (match?.[1] === '' && unseen.has(name)) {
    return { end: afterClosing(html, name, end), inline: false };
  }
  return { end, inline: inline.has(name) };
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found < 0 ? html.length : found + mark.length;
}

function afterClosing(html: string, name: string, from: number): number {
  const closing = new RegExp(`</${name}`, 'gi');
  closing.lastIndex = from;
  return closing.test(html) ? after(html, '>', closing.lastIndex) : html.length;
}
