import { type Common, Count, Hash, Id, List, Text } from './fields.js';
import { problem } from './problem.js';

export class UnsupportedType extends problem(415, 'unsupported-type', {
  vi: 'Loại tệp không được nhận',
  en: 'This type of file is not accepted',
}) {}

/** A file in the store, as a record keeps it: what it is called, what it is, and its content's hash. */
export class StoredFile {
  @Hash() sha256: string;
  @Text({ max: 255 }) name: string;
  @Text({ max: 150, description: 'By content, never by name' }) mediaType: string;
  @Count({ max: 10_000_000_000, description: 'Bytes' }) size: number;
}

/** The file of an operation that takes one: where it lies aside, and what its sender calls it. */
export class AsideFile {
  @Id() aside: string;
  @Text({ max: 255 }) name: string;
}

/** An HTML page that the gateway sends as it is. */
export class Page {
  @Text({ max: 5_000_000 }) html: string;
}

/** An operation without anything to say beyond that it happened. */
export class Done {}

/** An operation without input. */
export class Nothing {}

/** The tickets of uploaded files, each the `ticket` that POST /v1/files gave. */
export const Tickets = ({ max = 20, ...common }: Common & { max?: number } = {}) =>
  List(Text({ max: 2_000 }), { max, description: 'Tickets of uploaded files', ...common });
