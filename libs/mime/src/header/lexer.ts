/** A piece of a structured value (RFC 5322, 3.2): comments are pieces too, white space is not. */
export interface Token {
  kind: 'atom' | 'quoted' | 'comment' | 'literal' | 'special';
  /** Without quotes and backslashes of quoted-pairs; brackets of a literal stay. */
  text: string;
  /** White space or a comment stands before it. */
  spaced: boolean;
  /** Where it ends in the value. */
  end: number;
  /** A quoted string, comment or literal never ended. */
  torn?: boolean;
}

const WHITE = 1;
const SPECIAL = 2;
/** What the characters of ASCII are; all others stand in atoms (RFC 6532). */
const kinds = new Uint8Array(128);
for (const char of ' \t\r\n') kinds[char.charCodeAt(0)] = WHITE;
for (const char of '<>,;:@.()[]\\"') kinds[char.charCodeAt(0)] = SPECIAL;

function kindAt(value: string, at: number): number {
  const code = value.charCodeAt(at);
  return code < 128 ? kinds[code]! : 0;
}

/** Splits a structured value into its pieces. Any text can be split, in one walk over it. */
export function tokensOf(value: string): Token[] {
  const tokens: Token[] = [];
  let spaced = false;
  for (let at = 0; at < value.length;) {
    const kind = kindAt(value, at);
    if (kind === WHITE) {
      spaced = true;
      at++;
      continue;
    }
    const token: Token =
      kind === SPECIAL ? readSpecial(value, at, spaced) : readAtom(value, at, spaced);
    tokens.push(token);
    spaced = token.kind === 'comment';
    at = token.end;
  }
  return tokens;
}

function readSpecial(value: string, start: number, spaced: boolean): Token {
  const char = value[start]!;
  if (char === '"') return readEnclosed(value, start, 'quoted', '"', spaced);
  if (char === '(') return readComment(value, start, spaced);
  if (char === '[') return readEnclosed(value, start, 'literal', ']', spaced);
  return { kind: 'special', text: char, spaced, end: start + 1 };
}

function readAtom(value: string, start: number, spaced: boolean): Token {
  let end = value[start] === '=' ? endOfEncodedWord(value, start) : 0;
  if (end === 0) {
    end = start + 1;
    while (end < value.length && kindAt(value, end) === 0) end++;
  }
  return { kind: 'atom', text: value.slice(start, end), spaced, end };
}

const encodedWord = /=\?[^?\s]{1,80}\?[bq]\?[^?\s]{0,998}\?=/iy;

/** Encoded words may hold what is special elsewhere: RFC 2047 forbids it in names, writers do it. */
function endOfEncodedWord(value: string, start: number): number {
  encodedWord.lastIndex = start;
  return encodedWord.test(value) ? encodedWord.lastIndex : 0;
}

function readEnclosed(
  value: string,
  start: number,
  kind: 'quoted' | 'literal',
  close: string,
  spaced: boolean,
): Token {
  let text = '';
  let from = start + 1;
  for (let at = from; at < value.length; at++) {
    const char = value[at];
    if (char === close) {
      text += value.slice(from, at);
      return { kind, text: kind === 'literal' ? `[${text}]` : text, spaced, end: at + 1 };
    }
    if (char === '\\' && at + 1 < value.length) {
      text += value.slice(from, at);
      from = ++at;
    }
  }
  text += value.slice(from);
  return { kind, text, spaced, end: value.length, torn: true };
}

function readComment(value: string, start: number, spaced: boolean): Token {
  let text = '';
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < value.length; at++) {
    const char = value[at];
    if (char === '\\' && at + 1 < value.length) {
      text += value.slice(from, at);
      from = ++at;
    } else if (char === '(') {
      depth++;
    } else if (char === ')' && --depth === 0) {
      text += value.slice(from, at);
      return { kind: 'comment', text, spaced, end: at + 1 };
    }
  }
  text += value.slice(from);
  return { kind: 'comment', text, spaced, end: value.length, torn: true };
}
