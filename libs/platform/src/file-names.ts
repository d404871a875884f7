import { basename } from 'node:path';
import { nfc } from './text.js';

const longest = 200;

/**
 * What somebody calls a file, as it is kept: the last part of a name, in NFC, without control
 * characters and without more marks on a letter than any language writes. It is shown, never opened.
 */
export function fileNameOf(given: string): string {
  const name = nfc(basename(given.replaceAll('\\', '/')))
    .replace(/\p{Cc}/gu, '')
    .replace(/(\p{M}{10})\p{M}+/gu, '$1')
    .trim();
  const long = [...(name || 'tep')];
  return long.slice(Math.max(0, long.length - longest)).join('');
}
