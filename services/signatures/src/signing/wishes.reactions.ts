import { Injectable } from '@nestjs/common';
import {
  authorityEnded,
  type AuthorityFact,
  type CloudEvent,
  incomingSignable,
  type SignableIncoming,
  signingChanged,
  SigningWish,
} from '@eoffice/contracts';
import { keep } from '@eoffice/platform/keep';
import { localDay } from '@eoffice/platform/local-time';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';

/** Keeps what the documents service wants signed, and by whom. */
@Injectable()
export class WishReactions {
  @On(signingChanged)
  async keepWish({ data }: CloudEvent<SigningWish>, manager: EntityManager) {
    await keep(manager, 'known_signing', ['draftId'], SigningWish, data);
    const { draftId, documentId } = data;
    if (!documentId) return;
    await manager.query('update signature set document_id = $2 where draft_id = $1', [
      draftId,
      documentId,
    ]);
  }

  /** What has a PDF can be stamped. */
  @On(incomingSignable)
  async keepIncoming({ data, time }: CloudEvent<SignableIncoming>, manager: EntityManager) {
    const { documentId, organisationId, number, files } = data;
    await manager.query(
      `insert into known_incoming (document_id, organisation_id, number, received_on, files)
       values ($1, $2, $3, $4, $5) on conflict do nothing`,
      [
        ...[documentId, organisationId, number, localDay(new Date(time))],
        files.map(({ sha256 }) => sha256),
      ],
    );
  }

  /** Nobody signs any more by an authority that was ended. */
  @On(authorityEnded)
  async endAuthority({ data }: CloudEvent<AuthorityFact>, manager: EntityManager) {
    await manager.query(
      'insert into ended_authority (authority_id) values ($1) on conflict do nothing',
      [data.authorityId],
    );
  }
}
