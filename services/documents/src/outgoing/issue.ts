import { randomUUID } from 'node:crypto';
import {
  BookClosed,
  type Caller,
  Conflict,
  NotFound,
  type OutgoingDocument,
  outgoingIssued,
  type Place,
  SymbolTaken,
  WrongBook,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { localDay, localYear } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { Book } from '../books/book.js';
import { firstReaders } from '../incoming/readers.js';
import { dateLine, renderSymbol } from '../rules/number-and-symbol.js';
import type { Draft } from './draft.js';
import { addDraftStep, findVersion } from './draft-versions.js';
import { mustWait, recallReplaced, tellSigning } from './signatures.js';
import { signingOf } from './signing.js';

/** Gives an approved draft its number and date and registers it; all of it or nothing. */
export async function issueDraft(
  manager: EntityManager,
  emit: Emit,
  draft: Draft,
  bookId: string,
  place: Place,
  caller: Caller,
): Promise<OutgoingDocument> {
  const { organisationId, unitId } = draft;
  const { content, files, contentHash } = (await findVersion(
    manager,
    draft.id,
    draft.lastVersion,
  ))!;
  if (contentHash !== draft.approvedHash) throw notWhatWasApproved();
  const waits = await mustWait(manager, organisationId, files);
  const now = new Date();
  const book = await lockOutgoingBook(manager, bookId, organisationId, localYear(now));
  const names = await namesOn(manager, draft, content.type, localDay(now));
  const { name: signerName } = await signingOf(manager, organisationId, content);
  const number = book.nextNumber();
  const symbol = renderSymbol({ number, ...names.symbol });
  await mustBeFree(manager, { organisationId, year: book.year, symbol });
  await manager.save(book);
  const issued = {
    ...{ id: randomUUID(), organisationId, bookId, year: book.year, number, symbol },
    ...{ issuedOn: localDay(now), type: content.type, abstract: content.abstract },
    ...{ urgency: content.urgency, recipients: content.recipients, signerId: content.signerId },
    ...{ signerName, capacity: content.capacity, unitId, draftId: draft.id, contentHash },
    ...{
      files: JSON.stringify(files),
      state: waits ? 'numbered' : 'issued',
      issuedAt: now,
      issuedBy: caller.personId,
    },
    version: 1,
  };
  await insert(manager, 'outgoing_document', issued);
  await letRead(manager, issued.id, [
    ...firstReaders(place),
    unitId,
    draft.draftedBy,
    content.signerId,
  ]);
  await link(manager, issued.id, content);
  draft.state = 'issued';
  await manager.save(draft);
  await addDraftStep(manager, draft, 'issued', caller, symbol);
  await tellSigning(manager, emit, draft.id);
  if (!waits) {
    await recallReplaced(manager, issued.id);
    emit(outgoingIssued, issued.id, { documentId: issued.id, organisationId, symbol });
  }
  return { ...issued, dateLine: dateLine(issued.issuedOn, names.place) } as OutgoingDocument;
}

async function lockOutgoingBook(
  manager: EntityManager,
  id: string,
  organisationId: string,
  year: number,
): Promise<Book> {
  const book = await manager.findOne(Book, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!book || book.organisationId !== organisationId) throw new NotFound();
  if (book.closed) throw new BookClosed();
  if (book.direction === 'outgoing' && book.year === year) return book;
  throw new WrongBook({
    vi: `Văn bản phải vào sổ văn bản đi năm ${year}`,
    en: `The document belongs in the outgoing book of ${year}`,
  });
}

/** Two books may number side by side, but not the same type: its symbols would come twice. */
async function mustBeFree(
  manager: EntityManager,
  { organisationId, year, symbol }: { organisationId: string; year: number; symbol: string },
) {
  const [taken] = await manager.query<{ book: string }[]>(
    `select b.name as book from outgoing_document o join book b on b.id = o.book_id
     where o.organisation_id = $1 and o.year = $2 and o.symbol = $3`,
    [organisationId, year, symbol],
  );
  if (!taken) return;
  throw new SymbolTaken({
    vi: `Số ${symbol} đã cấp trong “${taken.book}”; mỗi loại văn bản chỉ lấy số ở một sổ`,
    en: `${symbol} was given in "${taken.book}"; number each type of document in one book only`,
  });
}

/** The abbreviations that hold on the day of issue; an official letter names the drafting unit. */
async function namesOn(manager: EntityManager, draft: Draft, type: string, day: string) {
  const [row] = await manager.query<
    { agency: string; place: string | null; unit: string; abbreviation: string | null }[]
  >(
    `select a.symbol as agency, a.place, u.symbol as unit, t.abbreviation
     from known_organisation a, known_organisation u, document_type t
     where a.organisation_id = $1 and a.valid_from <= $4 and (a.valid_to is null or a.valid_to >= $4)
       and u.organisation_id = $2 and u.valid_from <= $4 and (u.valid_to is null or u.valid_to >= $4)
       and t.code = $3 and t.valid_from <= $4 and (t.valid_to is null or t.valid_to >= $4)`,
    [draft.organisationId, draft.unitId, type, day],
  );
  if (!row) throw new Conflict({ vi: 'Cơ quan không còn hoạt động', en: 'The agency has ended' });
  const { agency, unit, abbreviation, place } = row;
  const symbol = abbreviation
    ? { type: abbreviation, agency }
    : { agency, unit: draft.unitId === draft.organisationId ? undefined : unit };
  return { symbol, place: place ?? undefined };
}

async function link(
  manager: EntityManager,
  id: string,
  {
    answers = [],
    relatedId,
    relation,
  }: { answers?: string[]; relatedId?: string; relation?: string },
) {
  for (const answered of answers) {
    await insert(manager, 'document_link', { fromId: id, toId: answered, kind: 'answers' });
    await manager.query(
      `insert into step (document_id, kind, person_id, note) values ($1, 'answered', null, $2)`,
      [answered, id],
    );
  }
  if (!relatedId) return;
  await insert(manager, 'document_link', { fromId: id, toId: relatedId, kind: relation });
}

async function letRead(manager: EntityManager, id: string, readers: string[]) {
  await manager.query(
    `insert into document_reader
       (reader_id, sort_at, document_id, direction, organisation_id, state)
     select distinct unnest($1::uuid[]), issued_at, id, 'outgoing', organisation_id, state
     from outgoing_document where id = $2`,
    [readers, id],
  );
}

async function insert(manager: EntityManager, table: string, row: Record<string, unknown>) {
  const columns = Object.keys(row).map((name) =>
    name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
  );
  const places = columns.map((_, index) => `$${index + 1}`).join(', ');
  await manager.query(
    `insert into ${table} (${columns.join(', ')}) values (${places})`,
    Object.values(row),
  );
}

const notWhatWasApproved = () =>
  new Conflict({
    vi: 'Nội dung đã thay đổi sau khi duyệt, cần duyệt lại',
    en: 'The content has changed since it was approved; it must be approved again',
  });
