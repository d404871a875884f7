import {
  arrivals,
  type Caller,
  Conflict,
  IncomingDocument,
  type RegisterArrival,
  type Registered,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf, present } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { keepOrigin } from '../incoming/origins.js';
import { Registering } from '../incoming/registering.js';

/** Registers what other services received: they name the document, so that it comes once. */
@Serves(arrivals)
export class Arrivals {
  constructor(
    private readonly database: Database,
    private readonly registering: Registering,
  ) {}

  async register(input: RegisterArrival, caller: Caller): Promise<Registered> {
    const { documentId, files, origin, ...registration } = input;
    const { place } = await this.registering.admit(input.bookId, caller);
    const document = await this.registering.prepare(registration, place, caller, documentId);
    return this.database.transaction(caller, async (manager, emit) => {
      const before = await registeredBefore(manager, documentId);
      if (before) {
        if (before.organisationId !== place.id) throw elsewhere();
        return { ...before, duplicates: [] };
      }
      const registered = await this.registering.write(manager, emit, {
        ...{ document, files, place, caller },
      });
      await keepOrigin(manager, documentId, origin);
      return registered;
    });
  }
}

/** Whoever asks for the same document meanwhile waits for what becomes of it. */
async function registeredBefore(manager: EntityManager, id: string) {
  await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [id]);
  const [document] = await manager.query<IncomingDocument[]>(
    `select ${columnsOf(IncomingDocument)} from incoming_document where id = $1`,
    [id],
  );
  return document && present(document);
}

const elsewhere = () =>
  new Conflict({
    vi: 'Cơ quan khác đã đăng ký văn bản này từ cùng thư',
    en: 'Another agency has registered this document from the same mail',
  });
