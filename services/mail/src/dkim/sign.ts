import { createHash, type KeyObject, sign } from 'node:crypto';
import { setImmediate as breath } from 'node:timers/promises';
import { promisify } from 'node:util';
import { nameOf, type WireForm } from '../outbound/wire-form.js';

// DKIM (RFC 6376), relaxed/relaxed. Every field of the list is named once more than it is there
// (8.15): nobody adds a second From or Subject to what we signed. Hashing goes piece by piece and the
// key works in the thread pool: a long mail holds nobody up.

export type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

/** A key of a domain that signs, under the name at which DNS publishes it. */
export interface Signer {
  domain: string;
  selector: string;
  algorithm: DkimAlgorithm;
  key: KeyObject;
}

const signed = [
  ...['from', 'sender', 'reply-to', 'to', 'cc', 'subject', 'date', 'message-id'],
  ...['in-reply-to', 'references', 'mime-version', 'content-type', 'content-transfer-encoding'],
];
const sliceBytes = 64 * 1024;
const signing = promisify(sign) as (
  algorithm: string | null,
  data: Buffer,
  key: KeyObject,
) => Promise<Buffer>;

/** One `DKIM-Signature` field for each signer, each with its line end. */
export async function dkimSignatures(
  { fields, body }: WireForm,
  signers: readonly Signer[],
  now = new Date(),
): Promise<string> {
  if (signers.length === 0) return '';
  const bodyHash = await hashOfBody(body);
  const [names, lines] = toSign(fields);
  const made: string[] = [];
  for (const { domain, selector, algorithm, key } of signers) {
    const unsigned = [
      `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/relaxed; d=${domain};`,
      `s=${selector}; t=${Math.floor(now.getTime() / 1000)};`,
      ...folded('h=', names.join(':'), ':'),
      `bh=${bodyHash};`,
      'b=',
    ].join('\r\n\t');
    const data = Buffer.from(lines.join('') + relaxed(unsigned), 'latin1');
    // RFC 8463: Ed25519 signs the hash.
    const signature = await (algorithm === 'rsa-sha256'
      ? signing('sha256', data, key)
      : signing(null, createHash('sha256').update(data).digest(), key));
    const value = signature.toString('base64').match(/.{1,70}/g)!;
    made.push(`${unsigned}${value.join('\r\n\t')}\r\n`);
  }
  return made.join('');
}

/** The names of `h=`, and the lines they stand for in the same order, from the bottom up (5.4.2). */
function toSign(fields: readonly string[]): [names: string[], lines: string[]] {
  const names: string[] = [];
  const lines: string[] = [];
  for (const name of signed) {
    const there = fields.filter((field) => nameOf(field) === name).reverse();
    names.push(...there.map(() => name), name);
    lines.push(...there.map((field) => `${relaxed(field)}\r\n`));
  }
  return [names, lines];
}

/** RFC 6376, 3.4.2. */
export function relaxed(field: string): string {
  const colon = field.indexOf(':');
  const value = field
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ');
  // Not trim(): the last octet of an encoded letter may look like a space of Latin-1.
  return `${nameOf(field)}:${value.replace(/^ | $/g, '')}`;
}

/** A long value in lines of at most 70 characters, broken behind a separator. */
function folded(tag: string, value: string, separator: string): string[] {
  const lines = [tag];
  for (const part of value.split(separator)) {
    const last = lines.at(-1)!;
    if (last.length + part.length > 68) lines.push(`${part}${separator}`);
    else lines[lines.length - 1] = `${last}${part}${separator}`;
  }
  lines[lines.length - 1] = `${lines.at(-1)!.slice(0, -1)};`;
  return lines;
}

/** RFC 6376, 3.4.4: white space is one space, none at the end of a line, no empty lines at the end. */
export async function hashOfBody(body: readonly Buffer[]): Promise<string> {
  const hash = createHash('sha256');
  let held = '';
  let empty = 0;
  let any = false;
  for (const piece of body) {
    for (let at = 0; at < piece.length; at += sliceBytes) {
      await breath();
      const given = held + piece.toString('latin1', at, at + sliceBytes);
      const text = given.replace(/[ \t]+/g, ' ');
      // What the next slice decides on: is this the end of a line?
      held = /(?: ?\r| )$/.exec(text)?.[0] ?? '';
      const lines = text.slice(0, text.length - held.length).replace(/ \r\n/g, '\r\n');
      let end = lines.length;
      while (lines.endsWith('\r\n', end)) end -= 2;
      const after = (lines.length - end) / 2;
      if (end > 0) {
        hash.update('\r\n'.repeat(empty) + lines.slice(0, end), 'latin1');
        any = true;
        empty = after;
      } else empty += after;
    }
  }
  if (any) hash.update('\r\n');
  return hash.digest('base64');
}
