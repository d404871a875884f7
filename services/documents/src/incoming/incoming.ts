import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  BookClosed,
  type Caller,
  type FindDocument,
  type FindFile,
  incoming,
  IncomingDocument,
  type IncomingDetails,
  type IncomingPage,
  incomingRegistered,
  incomingSignable,
  type ListIncoming,
  type ManyRegistered,
  NotFound,
  type Place,
  type Registered,
  type RegisterIncoming,
  type RegisterMany,
  SecretDocument,
  type StoredFile,
  WrongBook,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { FileTickets } from '@eoffice/platform/file-tickets';
import { columnsOf } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { readSheet } from '@eoffice/platform/sheets';
import type { EntityManager } from 'typeorm';
import { type KnownBook, KnownBooks } from '../books/known-books.js';
import { Deadlines } from '../policies/deadlines.js';
import { recordRead } from './file-reads.js';
import { linksOf } from './links.js';
import { listIncoming } from './list.js';
import { noDocument } from './no-document.js';
import { registerRows } from './many.js';
import { firstReaders, readersOf } from './readers.js';
import { registrationOf } from './registration.js';
import { preservedOf } from './preserved.js';
import { verdictsOf } from './verdicts.js';
import { signedFilesOf } from '../outgoing/signed.reactions.js';

const permission = 'documents.register';
const maxSheetBytes = 20 * 1024 * 1024;
const columns = columnsOf(IncomingDocument, 'd');

const isPdf = ({ mediaType }: StoredFile) => mediaType === 'application/pdf';
const contentOf = ({ sha256, size }: StoredFile) => ({ sha256, size });

/** What `register_incoming` says of a document it wrote. */
type Written = Pick<Registered, 'year' | 'number' | 'receivedOn' | 'registeredAt' | 'duplicates'>;

/** Registers incoming documents, and shows them to those who may read them. */
@Serves(incoming)
export class Incoming {
  constructor(
    private readonly database: Database,
    private readonly books: KnownBooks,
    private readonly deadlines: Deadlines,
    private readonly tickets: FileTickets,
    private readonly store: FileStore,
  ) {}

  async register(input: RegisterIncoming, caller: Caller): Promise<Registered> {
    const book = await this.admit(input.bookId, caller);
    const files = input.files ? await this.tickets.filesOf(input.files, caller) : [];
    if (input.secrecy !== 'none') throw await this.refuseSecret(book.place, caller);
    const document = await this.prepare(input, book);
    return this.database.transaction(caller, async (manager, emit) => {
      const written = await writeIncoming(manager, document, files, book.place, caller);
      if (!written) throw await this.whyNot(input.bookId);
      const { id, organisationId } = document;
      const { number, year } = written;
      const fact = { documentId: id, organisationId, number, year };
      emit(incomingRegistered, id, fact);
      const signable = files.filter(isPdf).map(contentOf);
      if (signable.length > 0) emit(incomingSignable, id, { ...fact, files: signable });
      return { ...document, ...written, state: 'registered', version: 1 } as Registered;
    });
  }

  async registerMany({ bookId, ticket }: RegisterMany, caller: Caller): Promise<ManyRegistered> {
    const book = await this.admit(bookId, caller);
    const [file] = await this.tickets.filesOf([ticket], caller, '/ticket');
    if (file!.size > maxSheetBytes) throw new NotFound();
    const content = await buffer(await this.store.open(file!.sha256));
    const table = await readSheet(content, file!.mediaType, { maxRows: 501 });
    return registerRows(this.database, table, caller, {
      bookId,
      prepare: (row) => this.prepare(row, book),
      write: async (manager, emit, document) => {
        const written = await writeIncoming(manager, document, [], book.place, caller);
        if (!written) throw await this.whyNot(bookId);
        const { id, organisationId } = document;
        const { number, year } = written;
        emit(incomingRegistered, id, { documentId: id, organisationId, number, year });
        return { id, number, duplicates: written.duplicates.length };
      },
    });
  }

  list(input: ListIncoming, caller: Caller): Promise<IncomingPage> {
    return listIncoming(this.database, input, caller);
  }

  async find({ id }: FindDocument, caller: Caller): Promise<IncomingDetails> {
    const [document] = await this.database.query<IncomingDetails>(
      `select ${columns}, d.quarantine,
         coalesce((select json_agg(json_build_object('sha256', f.sha256, 'name', f.name,
           'mediaType', f.media_type, 'size', f.size) order by f.position)
           from document_file f where f.document_id = d.id), '[]') as files
       from incoming_document d where d.id = $1
         and exists (select from document_reader r
           where r.document_id = d.id and r.reader_id = any ($2::uuid[]))`,
      [id, readersOf(caller)],
    );
    if (!document) throw noDocument();
    const [links, signatures, stamped, preserved] = await Promise.all([
      linksOf(this.database, id),
      verdictsOf(this.database, id),
      signedFilesOf(this.database, { incomingId: id }),
      preservedOf(this.database, id),
    ]);
    return { ...document, links, signatures, stamped, preserved };
  }

  async file({ id, sha256 }: FindFile, caller: Caller): Promise<StoredFile> {
    const { files, stamped, quarantine } = await this.find({ id }, caller);
    const made = stamped.find((each) => each.sha256 === sha256);
    const of = files.find((each) => each.sha256 === (made?.rootSha256 ?? sha256));
    const file = made && of ? { ...of, sha256, size: made.size } : of;
    if (!file || quarantine) throw noDocument();
    await recordRead(this.database, id, sha256, caller);
    return file;
  }

  private async admit(bookId: string, caller: Caller): Promise<KnownBook> {
    const book = await this.books.find(bookId);
    caller.acting(permission, book.place);
    return book;
  }

  /** What is written of a document before its book gives it a number. */
  private async prepare(input: RegisterIncoming, { place }: KnownBook) {
    const organisationId = place.id;
    const dueAt = await this.deadlines.dueAt({ ...input, organisationId }, new Date());
    return { id: randomUUID(), organisationId, dueAt, ...registrationOf(input) };
  }

  /** The attempt itself is an incident that somebody must look at; nothing of the document is kept. */
  private async refuseSecret({ id }: Place, caller: Caller) {
    await this.database.record(caller, 'documents.incoming.secret-refused', id, {});
    return new SecretDocument({
      vi: 'Văn bản mật chỉ được ghi vào sổ giấy riêng; việc gửi lên đã được ghi nhận là sự cố',
      en: 'Keep secret documents in the separate paper register; this attempt was recorded',
    });
  }

  private async whyNot(bookId: string) {
    const [book] = await this.database.query<{ closed: boolean; direction: string; year: number }>(
      'select closed, direction, year from book where id = $1',
      [bookId],
    );
    if (book?.closed) return new BookClosed();
    return new WrongBook({
      vi: `Sổ này là sổ văn bản ${book?.direction === 'incoming' ? 'đến' : 'đi'} năm ${book?.year}; văn bản phải vào sổ đến của năm nay`,
      en: `This is the ${book?.direction} book of ${book?.year}; the document belongs in this year's incoming book`,
    });
  }
}

type Prepared = Omit<RegisterIncoming, 'files' | 'secrecy' | 'dueOn'> & {
  id: string;
  organisationId: string;
  dueAt?: Date;
};

/** Writes a document by one statement; undefined when the book gives no number. */
async function writeIncoming(
  manager: EntityManager,
  document: Prepared,
  files: StoredFile[],
  place: Place,
  { actor, personId }: Caller,
): Promise<Written | undefined> {
  const given = { ...document, registeredBy: personId, registeredFor: actor?.forPersonId };
  const [row] = await manager.query<{ written: Written | null }[]>(
    'select register_incoming($1, $2, $3) as written',
    [JSON.stringify(given), JSON.stringify(files), firstReaders(place)],
  );
  const written = row?.written;
  return written ? { ...written, registeredAt: new Date(written.registeredAt) } : undefined;
}
