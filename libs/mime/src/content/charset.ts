import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';

/** Text of octets, in NFC. */
export interface Decoded {
  value: string;
  /** The charset is not known, or the octets do not keep to it: the value is a guess. */
  isEncodingProblem: boolean;
}

// Names in mail that neither the Encoding Standard nor iconv-lite has.
const aliases: Record<string, string> = {
  ascii: 'us-ascii',
  'ansi_x3.4-1968': 'us-ascii',
  'tcvn-5712': 'tcvn',
  tcvn5712: 'tcvn',
  'tcvn5712-1': 'tcvn',
  'tcvn5712-1:1993': 'tcvn',
  'x-viet-tcvn5712': 'tcvn',
  'x-viet-tcvn': 'tcvn',
  'unicode-1-1-utf-7': 'utf-7',
  utf7: 'utf-7',
  cp1258: 'windows-1258',
  cp936: 'gbk',
  'iso-10646-ucs-2': 'utf-16be',
};

// The Encoding Standard reads all of these otherwise than mail means them, or not at all.
const throughIconv = /^(utf-?7(-imap)?|viscii.*|tcvn|utf-?32(be|le)?|cp(437|85\d|86\d)|ibm\d+)$/;

const decoders = new Map<string, TextDecoder | undefined>();

function decoderOf(label: string, fatal: boolean): TextDecoder | undefined {
  const key = `${fatal}${label}`;
  if (decoders.has(key)) return decoders.get(key);
  let decoder: TextDecoder | undefined;
  try {
    decoder = new TextDecoder(label, { fatal });
  } catch {
    decoder = undefined;
  }
  // Labels come from outside: what is remembered must not grow with them.
  if (decoder) decoders.set(key, decoder);
  return decoder;
}

/** Without a mark of byte order UTF-16 is big-endian (RFC 2781), unless its zeros say otherwise. */
function utf16Of(octets: Buffer): string {
  if (octets[0] === 0xff && octets[1] === 0xfe) return 'utf-16le';
  if (octets[0] === 0xfe && octets[1] === 0xff) return 'utf-16be';
  let balance = 0;
  for (let at = 0; at + 1 < Math.min(octets.length, 1000); at += 2) {
    if (octets[at] === 0) balance--;
    if (octets[at + 1] === 0) balance++;
  }
  return balance > 0 ? 'utf-16le' : 'utf-16be';
}

/** Decodes octets of a declared charset; never throws, whatever the charset is called. */
export function decodeCharset(octets: Buffer, charset: string): Decoded {
  if (octets.length === 0) return { value: '', isEncodingProblem: false };
  const named = charset.trim().toLowerCase().slice(0, 64);
  const label = Object.hasOwn(aliases, named) ? aliases[named]! : named;
  if (label === 'us-ascii' || label === 'utf-8' || label === 'utf8') {
    const good = label === 'us-ascii' ? isAscii(octets) : isUtf8(octets);
    if (!good) return guess(octets);
    return {
      value: withoutMark(octets.toString('utf8')).normalize('NFC'),
      isEncodingProblem: false,
    };
  }
  if (throughIconv.test(label)) {
    if (!iconv.encodingExists(label)) return guess(octets);
    const value = iconv.decode(octets, label).normalize('NFC');
    return { value, isEncodingProblem: value.includes('\ufffd') };
  }
  const standard = label === 'utf-16' ? utf16Of(octets) : label;
  const strict = decoderOf(standard, true);
  if (!strict) return guess(octets);
  try {
    return { value: strict.decode(octets).normalize('NFC'), isEncodingProblem: false };
  } catch {
    const value = decoderOf(standard, false)!.decode(octets).normalize('NFC');
    return { value, isEncodingProblem: true };
  }
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** UTF-8 as far as it is that: nothing is invented where the octets say nothing. */
function guess(octets: Buffer): Decoded {
  return { value: withoutMark(octets.toString('utf8')).normalize('NFC'), isEncodingProblem: true };
}
