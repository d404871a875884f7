import { Injectable } from '@nestjs/common';
import { type CloudEvent, type IncomingFact, incomingRegistered } from '@eoffice/contracts';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';

/** Writes beside the evidence of a mail that its document exists, and who registered it. */
@Injectable()
export class RegisteredReactions {
  @On(incomingRegistered)
  async keepRegistered(
    { data, time, actor, onbehalfof }: CloudEvent<IncomingFact>,
    manager: EntityManager,
  ) {
    await manager.query(
      `insert into registered_evidence
         (document_id, organisation_id, registered_at, registered_by, registered_for)
       select $1, $2, $3, $4, $5 where exists (select from evidence where document_id = $1)
       on conflict do nothing`,
      [data.documentId, data.organisationId, time, actor, onbehalfof ?? null],
    );
  }
}
