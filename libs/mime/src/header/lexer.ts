/** A piece of a structured value (RFC 5322, 3.2): comments are pieces too, white space is not. */
export interface Token {
  kind: 'atom' | 'quoted' | 'comment' | 'literal' | 'special';
  /** Without quotes and backslashes of quoted-pairs; brackets of a literal stay. */
  text: string;
  /** White space or a comment stands before it. */
  spaced: boolean;
  /** Where it begins and ends in the value. */
  start: number;
  end: number;
  /** A quoted string, comment or literal never ended. */
  torn?: boolean;
}

const specials = '<>,;:@.()[]\\"';
const white = ' \t\r\n';

/** Splits a structured value into its pieces. Any text can be split, in one walk over it. */
export function tokensOf(value: string): Token[] {
  const tokens: Token[] = [];
  let spaced = false;
  for (let at = 0; at < value.length;) {
    const char = value[at]!;
    if (white.includes(char)) {
      spaced = true;
      at++;
      continue;
    }
    const token = readToken(value, at, char, spaced);
    tokens.push(token);
    spaced = token.kind === 'comment';
    at = token.end;
  }
  return tokens;
}

function readToken(value: string, start: number, char: string, spaced: boolean): Token {
  if (char === '"') return readEnclosed(value, start, 'quoted', '"', spaced);
  if (char === '(') return readComment(value, start, spaced);
  if (char === '[') return readEnclosed(value, start, 'literal', ']', spaced);
  if (specials.includes(char)) {
    return { kind: 'special', text: char, spaced, start, end: start + 1 };
  }
  let end = start + 1;
  const word = char === '=' ? endOfEncodedWord(value, start) : 0;
  if (word > 0) end = word;
  else while (end < value.length && !isBreak(value[end]!)) end++;
  return { kind: 'atom', text: value.slice(start, end), spaced, start, end };
}

function isBreak(char: string): boolean {
  return white.includes(char) || specials.includes(char);
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
      return { kind, text: kind === 'literal' ? `[${text}]` : text, spaced, start, end: at + 1 };
    }
    if (char === '\\' && at + 1 < value.length) {
      text += value.slice(from, at);
      from = ++at;
    }
  }
  text += value.slice(from);
  return { kind, text, spaced, start, end: value.length, torn: true };
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
      return { kind: 'comment', text, spaced, start, end: at + 1 };
    }
  }
  text += value.slice(from);
  return { kind: 'comment', text, spaced, start, end: value.length, torn: true };
}
