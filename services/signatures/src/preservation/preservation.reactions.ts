import { Injectable } from '@nestjs/common';
import {
  type CloudEvent,
  documentSigned,
  type SignatureFact,
  validationConcluded,
  type ValidationFact,
} from '@eoffice/contracts';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';

/** The agency's signature mostly follows within the hour: both are kept by one time stamp then. */
const quietMinutes = 60;

interface Kept {
  subjectId: string;
  rootSha256: string;
  documentId?: string;
  organisationId: string;
  sourceSha256: string;
  afterMinutes: number;
}

/** Has signed files kept for the long term: those signed here, and those that came in and hold. */
@Injectable()
export class PreservationReactions {
  @On(documentSigned)
  async keepSigned({ data }: CloudEvent<SignatureFact>, manager: EntityManager) {
    const { signatureId, draftId, documentId, agencyId, rootSha256, sha256 } = data;
    await keepFor(manager, {
      ...{ subjectId: draftId ?? documentId ?? signatureId, rootSha256, documentId },
      ...{ organisationId: agencyId, sourceSha256: sha256, afterMinutes: quietMinutes },
    });
  }

  @On(validationConcluded)
  async keepReceived({ data }: CloudEvent<ValidationFact>, manager: EntityManager) {
    const { documentId, organisationId, sha256, verdict } = data;
    if (!documentId || !organisationId || verdict !== 'TOTAL_PASSED') return;
    await keepFor(manager, {
      ...{ subjectId: documentId, rootSha256: sha256, documentId, organisationId },
      ...{ sourceSha256: sha256, afterMinutes: 0 },
    });
  }
}

/** A further signature makes a new file of it, which is kept from its beginning. */
async function keepFor(manager: EntityManager, kept: Kept) {
  const { subjectId, rootSha256, documentId, organisationId, sourceSha256, afterMinutes } = kept;
  await manager.query(
    `insert into preservation as known
       (subject_id, root_sha256, document_id, organisation_id, source_sha256, renew_at)
     values ($1, $2, $3, $4, $5, now() + make_interval(mins => $6))
     on conflict (subject_id, root_sha256) do update set source_sha256 = excluded.source_sha256,
       document_id = coalesce(excluded.document_id, known.document_id), state = 'waiting',
       sha256 = null, size = null, renew_at = excluded.renew_at, attempts = 0, note = null
     where known.source_sha256 <> excluded.source_sha256`,
    [subjectId, rootSha256, documentId ?? null, organisationId, sourceSha256, afterMinutes],
  );
}
