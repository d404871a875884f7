import { decodeCharset } from '../content/charset.js';

// More words than a value ever has: the rest stays as it is written.
const mostWords = 2_000;
const anywhere = /=\?[^?\s]{1,80}\?[bq]\?[^?]{0,998}\?=/gi;
const encodedWord = /^=\?([^?*\s]{1,64})(?:\*[^?\s]{0,64})?\?([bq])\?([^?\s]*)\?=$/i;
// What is left of control characters after decoding is never wanted in a line (RFC 8621, 4.1.2.2).
const controls = /[\0-\x1f\x7f]/g;

interface Word {
  charset: string;
  octets: Buffer;
}

function qOctets(text: string): Buffer {
  const octets = Buffer.from(text, 'utf8');
  let length = 0;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at]!;
    const hex = octet === 61 ? octets.toString('latin1', at + 1, at + 3) : '';
    if (/^[\da-f]{2}$/i.test(hex)) {
      octets[length++] = parseInt(hex, 16);
      at += 2;
    } else {
      octets[length++] = octet === 95 ? 32 : octet;
    }
  }
  return octets.subarray(0, length);
}

function readWord(token: string): Word | undefined {
  if (!token.startsWith('=?') || !token.endsWith('?=')) return undefined;
  const match = encodedWord.exec(token);
  if (!match) return undefined;
  const [, charset, encoding, text] = match;
  const octets = encoding!.toLowerCase() === 'b' ? Buffer.from(text!, 'base64') : qOctets(text!);
  return { charset: charset!.toLowerCase(), octets };
}

/** Whether a token is an encoded word as RFC 2047 writes it. */
export function isEncodedWord(token: string): boolean {
  return encodedWord.test(token);
}

/**
 * Decodes the encoded words of a text (RFC 2047): only those that stand between white space, and
 * none whose charset is not known. White space between two of them is taken out. Words of one charset that
 * follow each other are joined before they are decoded, because many writers cut characters apart.
 */
export function decodeEncodedWords(text: string): string {
  if (!text.includes('=?')) return text;
  const parts: string[] = [];
  /** Words that wait for their neighbours, and the white space before and between them. */
  let run: { words: Word[]; written: string } | undefined;
  let gap = '';
  let count = 0;
  const flush = () => {
    if (run) parts.push(decodeRun(run.words, run.written));
    run = undefined;
  };
  for (const token of text.split(/([ \t\r\n]+)/)) {
    if (token === '') continue;
    if (/^[ \t\r\n]/.test(token)) {
      gap = token;
      continue;
    }
    const word = count < mostWords ? readWord(token) : undefined;
    if (word) count++;
    if (!word) {
      flush();
      parts.push(gap, token);
    } else if (run && run.words[0]!.charset === word.charset) {
      run.words.push(word);
      run.written += gap + token;
    } else {
      const afterWord = run !== undefined;
      const failed = parts.length;
      flush();
      if (!afterWord || parts[failed]?.endsWith('?=')) parts.push(gap);
      run = { words: [word], written: token };
    }
    gap = '';
  }
  flush();
  parts.push(gap);
  return parts.join('');
}

/** Decodes whatever looks like an encoded word, wherever it stands: for suspicion, never for show. */
export function decodeWordsAnywhere(text: string): string {
  return text.replace(anywhere, (written) => {
    const word = readWord(written.replace(/\s/g, '_'));
    return word ? decodeCharset(word.octets, word.charset).value : written;
  });
}

function decodeRun(words: Word[], written: string): string {
  const octets = words.length === 1 ? words[0]!.octets : Buffer.concat(words.map((w) => w.octets));
  const { value, isEncodingProblem } = decodeCharset(octets, words[0]!.charset);
  // Malformed octets show as U+FFFD; a charset that nobody knows leaves the word as it is written.
  if (isEncodingProblem && !knownCharset(words[0]!.charset)) return written;
  return value.replace(controls, '');
}

function knownCharset(charset: string): boolean {
  return !decodeCharset(Buffer.from('a\0'), charset).isEncodingProblem;
}
