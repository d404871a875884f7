import {
  type Caller,
  Changed,
  cursorOf,
  type EndOutgoing,
  type EventType,
  type FindDocument,
  type FindFile,
  keyOf,
  type ListOutgoing,
  NotInThisState,
  outgoing,
  outgoingCancelled,
  type OutgoingDetails,
  OutgoingDocument,
  type OutgoingFact,
  type OutgoingPage,
  outgoingRecalled,
  type StoredFile,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { placeOf } from '../directory/known-organisations.js';
import { noDocument } from '../incoming/no-document.js';
import { recordRead } from '../incoming/file-reads.js';
import { linksOf } from '../incoming/links.js';
import { newestOn } from '../incoming/newest.js';
import { readersOf } from '../incoming/readers.js';
import { dateLine } from '../rules/number-and-symbol.js';
import { signedFilesOf } from './signed.reactions.js';
import { tellSigning } from './signatures.js';

const place = `(select o.place from known_organisation o where o.organisation_id = d.organisation_id
  and o.valid_from <= d.issued_on order by o.valid_from desc limit 1) as "dateLine"`;
const columns = columnsOf(OutgoingDocument, 'd').replace('d.date_line as "dateLine"', place);

/** Shows what was issued, and keeps visible what was cancelled or recalled. */
@Serves(outgoing)
export class Outgoing {
  constructor(private readonly database: Database) {}

  async list(input: ListOutgoing, caller: Caller): Promise<OutgoingPage> {
    const { limit = 50, after, organisationId, state } = input;
    const [at, id] = keyOf(after) ?? [];
    const lists = readersOf(caller);
    const newest = newestOn({
      ...{ directions: ['outgoing'], lists, first: 6, limit: '$3' },
      condition: `($1::timestamptz is null or (r.sort_at, r.document_id) < ($1, $2::uuid))
        and ($4::uuid is null or r.organisation_id = $4)
        and ($5::text is null or r.state = $5)`,
    });
    const items = await this.database.query<OutgoingDocument & { sortKey: string }>(
      `select ${columns}, page.sort_at::text as "sortKey"
       from (${newest}) page join outgoing_document d on d.id = page.document_id
       order by page.sort_at desc, page.document_id desc`,
      [at, id, limit, organisationId, state, ...lists],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items: items.map(dated), next: last && cursorOf(last.sortKey, last.id) };
  }

  async find({ id }: FindDocument, caller: Caller): Promise<OutgoingDetails> {
    const [document] = await this.database.query<OutgoingDetails>(
      `select ${columns}, d.files from outgoing_document d where d.id = $1
         and exists (select from document_reader r
           where r.document_id = d.id and r.reader_id = any ($2::uuid[]))`,
      [id, readersOf(caller)],
    );
    if (!document) throw noDocument();
    const signed = await signedFilesOf(this.database, { draftOf: id });
    return dated({ ...document, signed, links: await linksOf(this.database, id) });
  }

  async file({ id, sha256 }: FindFile, caller: Caller): Promise<StoredFile> {
    const { files, signed, symbol } = await this.find({ id }, caller);
    const made = signed.find((each) => each.sha256 === sha256);
    const name = `${symbol.replace(/[^\p{L}\p{N}-]+/gu, '-')}.pdf`;
    const file = made
      ? { sha256, name, mediaType: 'application/pdf', size: Number(made.size) }
      : files.find((each) => each.sha256 === sha256);
    if (!file) throw noDocument();
    await recordRead(this.database, id, sha256, caller);
    return file;
  }

  cancel(input: EndOutgoing, caller: Caller) {
    return this.end(input, 'cancelled', outgoingCancelled, caller);
  }

  recall(input: EndOutgoing, caller: Caller) {
    return this.end(input, 'recalled', outgoingRecalled, caller);
  }

  private end(
    { id, version, reason }: EndOutgoing,
    state: 'cancelled' | 'recalled',
    fact: EventType<OutgoingFact>,
    caller: Caller,
  ): Promise<OutgoingDocument> {
    return this.database.transaction(caller, async (manager, emit) => {
      const [document] = await manager.query<OutgoingDocument[]>(
        `select ${columns} from outgoing_document d where d.id = $1 for update of d`,
        [id],
      );
      if (!document) throw noDocument();
      const { organisationId, symbol } = document;
      const where = await placeOf(manager, organisationId);
      if (!caller.may('documents.read', where)) throw noDocument();
      caller.acting('documents.issue', where);
      if (document.version !== version) throw new Changed();
      const endable = state === 'cancelled' ? ['issued', 'numbered'] : ['issued'];
      if (!endable.includes(document.state)) throw new NotInThisState();
      await manager.query(
        `update outgoing_document set state = $2, state_reason = $3, version = version + 1
         where id = $1`,
        [id, state, reason],
      );
      emit(fact, id, { documentId: id, organisationId, symbol });
      await withdrawSigning(manager, emit, id);
      return dated({ ...document, state, stateReason: reason, version: version + 1 });
    });
  }
}

/** Nobody signs any more what was cancelled or recalled. */
async function withdrawSigning(manager: EntityManager, emit: Emit, id: string) {
  const [row] = await manager.query<{ draftId: string }[]>(
    'select draft_id as "draftId" from outgoing_document where id = $1',
    [id],
  );
  await tellSigning(manager, emit, row!.draftId, false);
}

/** Puts the place that came from the database into the date line as it is printed. */
function dated<D extends OutgoingDocument>(document: D): D {
  return { ...document, dateLine: dateLine(document.issuedOn, document.dateLine || undefined) };
}
