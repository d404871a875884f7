import { Origin } from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';
import { columnsOf, present } from '@eoffice/platform/keep';
import type { EntityManager } from 'typeorm';

/** Writes down where a document came from. */
export async function keepOrigin(
  manager: EntityManager,
  documentId: string,
  { channel, sender, messageId, receivedAt }: Origin,
) {
  await manager.query(
    `insert into document_origin (document_id, channel, sender, message_id, received_at)
     values ($1, $2, $3, $4, $5)`,
    [documentId, channel, sender ?? null, messageId ?? null, receivedAt],
  );
}

/** Where a document came from; undefined for what a clerk entered. */
export async function originOf(database: Database, documentId: string) {
  const [origin] = await database.query<Origin>(
    `select ${columnsOf(Origin)} from document_origin where document_id = $1`,
    [documentId],
  );
  return origin && present(origin);
}
