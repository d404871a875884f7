import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  BookClosed,
  type Caller,
  incomingRegistered,
  incomingSignable,
  type Place,
  type Registered,
  type Registration,
  SecretDocument,
  type StoredFile,
  WrongBook,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';
import { type KnownBook, KnownBooks } from '../books/known-books.js';
import { Deadlines } from '../policies/deadlines.js';
import { firstReaders } from './readers.js';
import { registrationOf } from './registration.js';

const permission = 'documents.register';

const isPdf = ({ mediaType }: StoredFile) => mediaType === 'application/pdf';
const contentOf = ({ sha256, size }: StoredFile) => ({ sha256, size });

/** What `register_incoming` says of a document it wrote. */
type Written = Pick<Registered, 'year' | 'number' | 'receivedOn' | 'registeredAt' | 'duplicates'>;

/** What is written of a document before its book gives it a number. */
export type Prepared = Omit<Registration, 'secrecy' | 'dueOn'> & {
  id: string;
  organisationId: string;
  dueAt?: Date;
};

/** A document to be written: with its files, where, and by whom. */
export interface Arriving {
  document: Prepared;
  files: StoredFile[];
  place: Place;
  caller: Caller;
}

/** Gives incoming documents their numbers, whichever way they came. */
@Injectable()
export class Registering {
  constructor(
    private readonly database: Database,
    private readonly books: KnownBooks,
    private readonly deadlines: Deadlines,
  ) {}

  /** The book, for a caller who may register in it. Throws NotFound or Forbidden. */
  async admit(bookId: string, caller: Caller): Promise<KnownBook> {
    const book = await this.books.find(bookId);
    caller.acting(permission, book.place);
    return book;
  }

  /** Throws SecretDocument for what must not enter the system. */
  async prepare(
    input: Registration,
    place: Place,
    caller: Caller,
    id: string = randomUUID(),
  ): Promise<Prepared> {
    if (input.secrecy !== 'none') throw await this.refuseSecret(place, caller);
    const organisationId = place.id;
    const dueAt = await this.deadlines.dueAt({ ...input, organisationId }, new Date());
    return { id, organisationId, dueAt, ...registrationOf(input) };
  }

  /** Takes the next number of the book and announces the document. Throws BookClosed or WrongBook. */
  async write(manager: EntityManager, emit: Emit, arriving: Arriving): Promise<Registered> {
    const { document, files } = arriving;
    const written = await writeIncoming(manager, arriving);
    if (!written) throw await this.whyNot(document.bookId);
    const { id, organisationId } = document;
    const { number, year } = written;
    const fact = { documentId: id, organisationId, number, year };
    emit(incomingRegistered, id, fact);
    const signable = files.filter(isPdf).map(contentOf);
    if (signable.length > 0) emit(incomingSignable, id, { ...fact, files: signable });
    return { ...document, ...written, state: 'registered', version: 1 };
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

/** Writes a document by one statement; undefined when the book gives no number. */
async function writeIncoming(
  manager: EntityManager,
  { document, files, place, caller: { actor, personId } }: Arriving,
): Promise<Written | undefined> {
  const given = { ...document, registeredBy: personId, registeredFor: actor?.forPersonId };
  const [row] = await manager.query<{ written: Written | null }[]>(
    'select register_incoming($1, $2, $3) as written',
    [JSON.stringify(given), JSON.stringify(files), firstReaders(place)],
  );
  const written = row?.written;
  return written ? { ...written, registeredAt: new Date(written.registeredAt) } : undefined;
}
