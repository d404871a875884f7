import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Flag, Id, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, NotFound, problem } from '../language/problem.js';

export class BookClosed extends problem(409, 'documents/book-closed', {
  vi: 'Sổ đã đóng',
  en: 'The book is closed',
}) {}
export class BookExists extends problem(409, 'documents/book-exists', {
  vi: 'Cơ quan đã có sổ này trong năm',
  en: 'The organisation already has this book for the year',
}) {}

export const directions = ['incoming', 'outgoing'] as const;

export class OpenBook {
  @Id({ description: 'The agency that keeps the book' }) organisationId: string;
  @Choice(directions) direction: 'incoming' | 'outgoing';
  @Count({ min: 1945, max: 2200, description: 'Calendar year in Asia/Ho_Chi_Minh' }) year: number;
  @Text({ max: 20, description: 'Code of the series, e.g. CHUNG for one book for everything' })
  code: string;
  @Text({ max: 200 }) name: string;
}

/** A register book (sổ đăng ký văn bản): one series of numbers of an agency, direction and year. */
export class Book {
  @Id() id: string;
  @Id() organisationId: string;
  @Choice(directions) direction: 'incoming' | 'outgoing';
  @Count({ max: 2200 }) year: number;
  @Text({ max: 20 }) code: string;
  @Text({ max: 200 }) name: string;
  @Count({ max: 10_000_000, description: 'The last number given' }) lastNumber: number;
  @Flag() closed: boolean;
  @Count({ max: 1_000_000_000 }) version: number;
}

export class FindBook {
  @Id() id: string;
}

export class ListBooks extends PageInput {
  @Id({ optional: true }) organisationId?: string;
  @Choice(directions, { optional: true }) direction?: 'incoming' | 'outgoing';
  @Count({ max: 2200, optional: true }) year?: number;
}

export class CloseBook extends FindBook {
  @Version() version: number;
}

export class BookPage extends pageOf(Book) {}

export const books = contract('documents.books', {
  open: {
    summary: 'Open a register book of an agency for a year',
    route: 'POST /books',
    permission: 'documents.keep-books',
    input: OpenBook,
    output: Book,
    errors: [BookExists, NotFound],
    status: 201,
  },
  list: {
    summary: 'List the register books of agencies whose documents you may read',
    route: 'GET /books',
    permission: 'documents.read',
    input: ListBooks,
    output: BookPage,
  },
  find: {
    summary: 'Show one register book',
    route: 'GET /books/:id',
    permission: 'documents.read',
    input: FindBook,
    output: Book,
    errors: [NotFound],
  },
  close: {
    summary: 'Close a register book: it gives no more numbers',
    route: 'POST /books/:id/close',
    permission: 'documents.keep-books',
    input: CloseBook,
    output: Book,
    errors: [NotFound, BookClosed, Changed],
  },
});

export class BookFact {
  @Id() bookId: string;
  @Id() organisationId: string;
}

export const bookOpened = event(
  'documents.books.opened.v1',
  'A register book was opened',
  BookFact,
);
export const bookClosed = event(
  'documents.books.closed.v1',
  'A register book was closed',
  BookFact,
);
