import { setImmediate as breath } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';

/** A message as it goes on the wire: CRLF everywhere, and nothing that only its sender may see. */
export interface WireForm {
  /** Header fields in their order, folded as they were, each with its line end, one octet a character. */
  fields: string[];
  body: Buffer[];
}

/** Read and looked at in pieces of this size, so that others get their turn in between. */
const pieceBytes = 128 * 1024;
/** RFC 5322, 2.2: what ends a header; looked for no further than this. */
const maxHeader = 8 * 1024 * 1024;

/** A message that is kept, or so many octets of it, without Bcc (RFC 5322, 3.6.3). */
export async function wireFormOf(
  manager: EntityManager,
  sha256: Buffer,
  most = Infinity,
): Promise<WireForm> {
  const pieces: Buffer[] = [];
  for (let from = 1; from <= most; from += pieceBytes) {
    const [row] = await manager.query<{ piece: Buffer }[]>(
      'select substring(octets from $2 for $3) as piece from raw_message where sha256 = $1',
      [sha256, from, pieceBytes],
    );
    if (!row?.piece.length) break;
    pieces.push(row.piece);
  }
  return splitUp(await withLineEnds(pieces));
}

/** Header and body of a message that is whole in memory. */
export async function wireFormFrom(octets: Buffer): Promise<WireForm> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < octets.length; at += pieceBytes) {
    pieces.push(octets.subarray(at, at + pieceBytes));
  }
  return splitUp(await withLineEnds(pieces));
}

/** Bare CR and bare LF become CRLF: what is signed must be what another server receives. */
async function withLineEnds(pieces: readonly Buffer[]): Promise<Buffer[]> {
  const clean: Buffer[] = [];
  let held = '';
  for (const piece of pieces) {
    await breath();
    const text = held + piece.toString('latin1');
    held = text.endsWith('\r') ? '\r' : '';
    const whole = held ? text.slice(0, -1) : text;
    clean.push(Buffer.from(/\r(?!\n)|(?<!\r)\n/.test(whole) ? mended(whole) : whole, 'latin1'));
  }
  return held ? [...clean, Buffer.from('\r\n')] : clean;
}

const mended = (text: string) => text.replace(/\r\n|\r|\n/g, '\r\n');

function splitUp(pieces: Buffer[]): WireForm {
  let head: Buffer = Buffer.alloc(0);
  let taken = 0;
  let end = -1;
  while (end < 0 && taken < pieces.length && head.length < maxHeader) {
    head = Buffer.concat([head, pieces[taken++]!]);
    end = head.subarray(0, 2).equals(crlf) ? 0 : head.indexOf('\r\n\r\n');
  }
  const header = end < 0 ? head : head.subarray(0, end === 0 ? 0 : end + 2);
  const rest = end < 0 ? Buffer.alloc(0) : head.subarray(end === 0 ? 2 : end + 4);
  const fields = header
    .toString('latin1')
    .split(/(?<=\r\n)(?![ \t])/)
    .filter((field) => field !== '' && nameOf(field) !== 'bcc');
  return { fields: fields.map(ended), body: [rest, ...pieces.slice(taken)] };
}

const crlf = Buffer.from('\r\n');
const ended = (field: string) => (field.endsWith('\r\n') ? field : `${field}\r\n`);

/** The name of a header field in lower case. */
export const nameOf = (field: string): string =>
  field
    .slice(0, Math.max(0, field.indexOf(':')))
    .trimEnd()
    .toLowerCase();

/** How many servers a message has passed, by its trace lines. */
export const hopsOf = ({ fields }: WireForm): number =>
  fields.filter((field) => nameOf(field) === 'received').length;

/** All of it as it is sent: what is put before it, the header, an empty line, the body. */
export function octetsOf({ fields, body }: WireForm, before: string): Buffer[] {
  const head = Buffer.from(`${before}${fields.join('')}\r\n`, 'latin1');
  const last = body.findLast((piece) => piece.length > 0);
  const open = last && !last.subarray(-2).equals(crlf);
  return [head, ...body, ...(open ? [crlf] : [])];
}
