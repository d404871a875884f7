import { type Caller, everywhere } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import { placeOf } from '../directory/known-organisations.js';

/** Throws Forbidden. A policy for everybody needs a post that reaches everything. */
export async function mayKeep(
  manager: EntityManager,
  caller: Caller,
  organisationId?: string | null,
) {
  const place = organisationId ? await placeOf(manager, organisationId) : everywhere;
  caller.acting('documents.keep-policies', place);
}
