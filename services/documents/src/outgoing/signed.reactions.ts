import { Injectable } from '@nestjs/common';
import {
  type CloudEvent,
  documentSigned,
  type SignatureFact,
  SignedFile,
} from '@eoffice/contracts';
import type { Database, Emit } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';
import { issueSigned } from './signatures.js';

/** The files that came of a document's signatures, in the order of signing. */
export function signedFilesOf(
  database: Database,
  of: { draftOf: string } | { incomingId: string },
): Promise<SignedFile[]> {
  const outgoing = 'draftOf' in of;
  const condition = outgoing
    ? 's.draft_id = (select draft_id from outgoing_document where id = $1)'
    : `s.document_id = $1 and s.kind = 'incoming'`;
  return database.query<SignedFile>(
    `select ${columnsOf(SignedFile, 's')} from signed_file s where ${condition}
     order by s.signed_at, s.signature_id limit 100`,
    [outgoing ? of.draftOf : of.incomingId],
  );
}

/** Keeps signed files beside their documents, and issues those that only waited for signatures. */
@Injectable()
export class SignedReactions {
  @On(documentSigned)
  async keepSigned({ data, time }: CloudEvent<SignatureFact>, manager: EntityManager, emit: Emit) {
    const { signatureId, draftId, documentId, kind } = data;
    const { personId, rootSha256, sha256, size, level } = data;
    if (!draftId && kind !== 'incoming') return;
    await manager.query(
      `insert into signed_file
         (signature_id, draft_id, document_id, kind, person_id, root_sha256, sha256, size, level,
          signed_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
      [
        ...[signatureId, draftId ?? null, documentId ?? null, kind, personId],
        ...[rootSha256, sha256, size, level, time],
      ],
    );
    if (draftId) await issueSigned(manager, emit, draftId);
  }
}
