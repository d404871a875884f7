import { Injectable } from '@nestjs/common';
import { type CloudEvent, documentSigned, type SignatureFact } from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';
import { issueSigned } from './signatures.js';

/** Keeps signed files beside their documents, and issues those that only waited for signatures. */
@Injectable()
export class SignedReactions {
  @On(documentSigned)
  async keepSigned({ data, time }: CloudEvent<SignatureFact>, manager: EntityManager, emit: Emit) {
    const { signatureId, draftId, kind, personId, rootSha256, sha256, size, level } = data;
    if (!draftId) return;
    await manager.query(
      `insert into signed_file
         (signature_id, draft_id, kind, person_id, root_sha256, sha256, size, level, signed_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
      [signatureId, draftId, kind, personId, rootSha256, sha256, size, level, time],
    );
    await issueSigned(manager, emit, draftId);
  }
}
