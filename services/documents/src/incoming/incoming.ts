import { buffer } from 'node:stream/consumers';
import {
  type Caller,
  type FindDocument,
  type FindFile,
  incoming,
  IncomingDocument,
  type IncomingDetails,
  type IncomingPage,
  type ListIncoming,
  type ManyRegistered,
  NotFound,
  type Registered,
  type RegisterIncoming,
  type RegisterMany,
  type StoredFile,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { FileTickets } from '@eoffice/platform/file-tickets';
import { columnsOf } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { readSheet } from '@eoffice/platform/sheets';
import { recordRead } from './file-reads.js';
import { linksOf } from './links.js';
import { listIncoming } from './list.js';
import { noDocument } from './no-document.js';
import { registerRows } from './many.js';
import { originOf } from './origins.js';
import { preservedOf } from './preserved.js';
import { readersOf } from './readers.js';
import { Registering } from './registering.js';
import { verdictsOf } from './verdicts.js';
import { signedFilesOf } from '../outgoing/signed.reactions.js';

const maxSheetBytes = 20 * 1024 * 1024;
const columns = columnsOf(IncomingDocument, 'd');

/** Registers incoming documents, and shows them to those who may read them. */
@Serves(incoming)
export class Incoming {
  constructor(
    private readonly database: Database,
    private readonly registering: Registering,
    private readonly tickets: FileTickets,
    private readonly store: FileStore,
  ) {}

  async register(input: RegisterIncoming, caller: Caller): Promise<Registered> {
    const { place } = await this.registering.admit(input.bookId, caller);
    const files = input.files ? await this.tickets.filesOf(input.files, caller) : [];
    const document = await this.registering.prepare(input, place, caller);
    return this.database.transaction(caller, (manager, emit) =>
      this.registering.write(manager, emit, { document, files, place, caller }),
    );
  }

  async registerMany({ bookId, ticket }: RegisterMany, caller: Caller): Promise<ManyRegistered> {
    const { place } = await this.registering.admit(bookId, caller);
    const [file] = await this.tickets.filesOf([ticket], caller, '/ticket');
    if (file!.size > maxSheetBytes) throw new NotFound();
    const content = await buffer(await this.store.open(file!.sha256));
    const table = await readSheet(content, file!.mediaType, { maxRows: 501 });
    return registerRows(this.database, table, caller, {
      bookId,
      prepare: (row) => this.registering.prepare(row, place, caller),
      write: async (manager, emit, document) => {
        const arrived = { document, files: [], place, caller };
        const { id, number, duplicates } = await this.registering.write(manager, emit, arrived);
        return { id, number, duplicates: duplicates.length };
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
    const [links, signatures, stamped, preserved, origin] = await Promise.all([
      linksOf(this.database, id),
      verdictsOf(this.database, id),
      signedFilesOf(this.database, { incomingId: id }),
      preservedOf(this.database, id),
      originOf(this.database, id),
    ]);
    return { ...document, links, signatures, stamped, preserved, origin };
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
}
