import type { Caller } from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';

const action = 'documents.file-read';

/**
 * Writes down that somebody read a file of a document. A viewer asks for one file in many ranges:
 * what the same person asks for again within ten minutes is the same reading.
 */
export async function recordRead(database: Database, id: string, sha256: string, caller: Caller) {
  const [before] = await database.query(
    `select 1 from audit where stream = $1 and action = $2 and actor = $3 and data->>'sha256' = $4
       and at > (now() at time zone 'UTC') - interval '10 minutes' limit 1`,
    [id, action, caller.personId, sha256],
  );
  if (before) return;
  await database.record(caller, action, id, { sha256 });
}
