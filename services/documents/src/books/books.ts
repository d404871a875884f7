import {
  blocs,
  type Book as BookReply,
  type BookPage,
  BookExists,
  bookClosed,
  bookOpened,
  books,
  type Caller,
  type CloseBook,
  cursorOf,
  type FindBook,
  keyOf,
  type ListBooks,
  NotFound,
  type OpenBook,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { placeOf } from '../directory/known-organisations.js';
import { Book } from './book.js';

const permission = 'documents.keep-books';
const reading = 'documents.read';

/** Opens, lists and closes register books. */
@Serves(books)
export class Books {
  constructor(private readonly database: Database) {}

  open(input: OpenBook, caller: Caller): Promise<BookReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, await placeOf(manager, input.organisationId));
      const { organisationId, direction, year, code } = input;
      if (await manager.existsBy(Book, { organisationId, direction, year, code }))
        throw new BookExists();
      const book = await manager.save(Book.open(input));
      emit(bookOpened, book.id, { bookId: book.id, organisationId });
      return book;
    });
  }

  close({ id, version }: CloseBook, caller: Caller): Promise<BookReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const book = await lockBook(manager, id);
      const { organisationId } = book;
      caller.acting(permission, await placeOf(manager, organisationId));
      book.close(version);
      await manager.save(book);
      emit(bookClosed, id, { bookId: id, organisationId });
      return book;
    });
  }

  async find({ id }: FindBook, caller: Caller): Promise<BookReply> {
    const book = await this.database.manager.findOneBy(Book, { id });
    if (!book) throw noBook(id);
    const place = await placeOf(this.database.manager, book.organisationId);
    if (!caller.may(reading, place)) throw noBook(id);
    return book;
  }

  async list({ limit = 50, after, ...wanted }: ListBooks, caller: Caller): Promise<BookPage> {
    const [year = null, id = null] = keyOf(after) ?? [];
    const items = await this.database.manager
      .createQueryBuilder(Book, 'book')
      .where(wanted)
      .andWhere(readable, readableTo(caller))
      .andWhere('(:year::int is null or (book.year, book.id) < (:year, :id))', { year, id })
      .orderBy({ 'book.year': 'DESC', 'book.id': 'DESC' })
      .limit(limit)
      .getMany();
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.year, last.id) };
  }
}

/** How many documents an agency has is nobody's business elsewhere. */
const readable = `(book.organisation_id = any (:agencies) or exists (
  select from known_organisation known
  where known.organisation_id = book.organisation_id and known.bloc = any (:blocs)))`;

function readableTo({ positions }: Caller) {
  const reads = positions.filter(({ permissions }) => permissions.includes(reading));
  return {
    agencies: reads.map(({ organisationId }) => organisationId),
    blocs: reads.flatMap(({ reach, bloc }) =>
      reach === 'all' ? blocs : reach === 'bloc' ? [bloc] : [],
    ),
  };
}

/** The book, locked until the transaction ends. Throws NotFound. */
export async function lockBook(manager: EntityManager, id: string): Promise<Book> {
  const book = await manager.findOne(Book, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!book) throw noBook(id);
  return book;
}

const noBook = (id: string) =>
  new NotFound({ vi: `Không có sổ ${id}`, en: `There is no book ${id}` });
