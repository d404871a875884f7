import { Injectable } from '@nestjs/common';
import {
  type CloudEvent,
  type FileVerdict,
  validationConcluded,
  type ValidationFact,
} from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';

/** Keeps beside each document what the signatures of its files came to; the newest word counts. */
@Injectable()
export class VerdictReactions {
  @On(validationConcluded)
  async keepVerdict({ data, time }: CloudEvent<ValidationFact>, manager: EntityManager) {
    const { documentId, sha256, verdict, reason, lists, validationId } = data;
    if (!documentId) return;
    await manager.query(
      `insert into signature_verdict as known
         (document_id, sha256, verdict, reason, lists, validation_id, concluded_at)
       select $1, $2, $3, $4, $5, $6, $7
       where exists (select from document_file where document_id = $1 and sha256 = $2)
       on conflict (document_id, sha256) do update set verdict = excluded.verdict,
         reason = excluded.reason, lists = excluded.lists, validation_id = excluded.validation_id,
         concluded_at = excluded.concluded_at
       where known.concluded_at < excluded.concluded_at`,
      [
        ...[documentId, sha256, verdict, reason ? JSON.stringify(reason) : null],
        ...[lists, validationId, time],
      ],
    );
  }
}

/** The verdicts on the files of a document, in the order of the files. */
export function verdictsOf(database: Database, documentId: string): Promise<FileVerdict[]> {
  return database.query<FileVerdict>(
    `select v.sha256, v.verdict, v.reason, v.lists, v.validation_id as "validationId",
       v.concluded_at as "concludedAt"
     from signature_verdict v where v.document_id = $1
     order by (select min(position) from document_file f
       where f.document_id = v.document_id and f.sha256 = v.sha256) limit 20`,
    [documentId],
  );
}
