import { Injectable } from '@nestjs/common';
import {
  type CloudEvent,
  type FilePreservation,
  preservationExtended,
  type PreservationFact,
  preservationFailed,
  type PreservationFailedFact,
  type PreservedFact,
} from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';
import { present } from '@eoffice/platform/keep';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';

/** Keeps beside each document which of its files are kept for the long term. */
@Injectable()
export class PreservationReactions {
  @On(preservationExtended)
  extended({ data, time }: CloudEvent<PreservedFact>, manager: EntityManager) {
    return keep(manager, time, data, data);
  }

  @On(preservationFailed)
  failed({ data, time }: CloudEvent<PreservationFailedFact>, manager: EntityManager) {
    return keep(manager, time, data, { problem: data.reason });
  }
}

/** The form that was kept last stays known when no further one can be made. */
async function keep(
  manager: EntityManager,
  time: string,
  { preservationId, documentId, sourceSha256 }: PreservationFact,
  { sha256, renewAt, problem }: Pick<FilePreservation, 'sha256' | 'renewAt' | 'problem'>,
) {
  if (!documentId) return;
  await manager.query(
    `insert into file_preservation as known
       (preservation_id, document_id, source_sha256, sha256, renew_at, problem, announced_at)
     select $1, $2, $3, $4, $5, $6, $7 where exists (select from incoming_document where id = $2)
     on conflict (preservation_id) do update set source_sha256 = excluded.source_sha256,
       sha256 = case when known.source_sha256 = excluded.source_sha256
         then coalesce(excluded.sha256, known.sha256) else excluded.sha256 end,
       renew_at = excluded.renew_at, problem = excluded.problem, announced_at = excluded.announced_at
     where known.announced_at < excluded.announced_at`,
    [
      ...[preservationId, documentId, sourceSha256, sha256 ?? null, renewAt ?? null],
      ...[problem ?? null, time],
    ],
  );
}

/** The files of a document that are kept for the long term. */
export async function preservedOf(
  database: Database,
  documentId: string,
): Promise<FilePreservation[]> {
  const rows = await database.query<FilePreservation>(
    `select preservation_id as "preservationId", source_sha256 as "sourceSha256", sha256,
       renew_at as "renewAt", problem
     from file_preservation where document_id = $1 order by preservation_id limit 20`,
    [documentId],
  );
  return rows.map(present);
}
