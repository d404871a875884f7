import { hash } from 'node:crypto';
import { NotFound } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

/**
 * Keeps a message bit for bit as it came, once however often it comes, and answers its name: the
 * SHA-256 of the octets in hexadecimal. It is on the disk when the transaction is.
 */
export async function keepRaw(manager: EntityManager, octets: Buffer): Promise<string> {
  const sha256 = hash('sha256', octets, 'hex');
  await manager.query(
    `insert into raw_message (sha256, octets) values (decode($1, 'hex'), $2) on conflict do nothing`,
    [sha256, octets],
  );
  return sha256;
}

/** A row is decoded in one go: of a large message it is taken by pieces, with others in between. */
const pieceOctets = 1 << 20;

/** The octets of a message that was kept. Throws NotFound. */
export async function rawOf(manager: EntityManager, sha256: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 1, size = 1; at <= size; at += pieceOctets) {
    const [found] = await manager.query<{ size: number; piece: Buffer }[]>(
      `select octet_length(octets) as size, substring(octets from $2 for ${pieceOctets}) as piece
       from raw_message where sha256 = decode($1, 'hex')`,
      [sha256, at],
    );
    if (!found) throw new NotFound();
    size = found.size;
    pieces.push(found.piece);
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
