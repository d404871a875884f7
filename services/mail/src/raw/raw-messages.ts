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

/** The octets of a message that was kept. Throws NotFound. */
export async function rawOf(manager: EntityManager, sha256: string): Promise<Buffer> {
  const [found] = await manager.query<{ octets: Buffer }[]>(
    `select octets from raw_message where sha256 = decode($1, 'hex')`,
    [sha256],
  );
  if (!found) throw new NotFound();
  return found.octets;
}
