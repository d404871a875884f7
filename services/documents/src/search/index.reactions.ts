import { Injectable } from '@nestjs/common';
import {
  type CloudEvent,
  type HandlingFact,
  incomingAssigned,
  type IncomingFact,
  incomingPresented,
  incomingQuarantined,
  incomingRegistered,
  incomingReturned,
  incomingTransferred,
  type OutgoingFact,
  outgoingIssued,
  type StoredFile,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { On } from '@eoffice/platform/subscriptions';
import { firstWords, foldedWords, markedWords } from '@eoffice/platform/words';
import type { EntityManager } from 'typeorm';
import { Extraction } from '../content/extraction.js';
import { findSecrecyMark } from '../rules/secrecy-marks.js';

const maxWords = 60_000;

/** Makes documents findable after they are registered or issued, and screens what is in their files. */
@Injectable()
export class IndexReactions {
  constructor(private readonly extraction: Extraction) {}

  @On(incomingRegistered)
  async indexIncoming({ data }: CloudEvent<IncomingFact>, manager: EntityManager, emit: Emit) {
    const { documentId, organisationId } = data;
    const [document] = await manager.query<{ title: string; sortAt: Date; files: StoredFile[] }[]>(
      `select concat_ws(' ', abstract, author, reference, number) as title,
         registered_at as "sortAt",
         array(select jsonb_build_object('sha256', sha256, 'name', name, 'mediaType', media_type,
           'size', size) from document_file where document_id = $1 order by position) as files
       from incoming_document where id = $1`,
      [documentId],
    );
    const { title, sortAt, files } = document!;
    const texts = [];
    for (const file of files) texts.push(await this.extraction.textOf(file));
    const level = texts.map(findSecrecyMark).find(Boolean);
    if (level) {
      const reason = `secrecy mark: ${level}`;
      await manager.query('update incoming_document set quarantine = $2 where id = $1', [
        documentId,
        reason,
      ]);
      emit(incomingQuarantined, documentId, { documentId, organisationId, reason });
    }
    const text = [title, ...(level ? [] : texts)].join('\n');
    await write(manager, { ...data, sortAt, direction: 'incoming', text });
  }

  @On(outgoingIssued)
  async indexOutgoing({ data }: CloudEvent<OutgoingFact>, manager: EntityManager) {
    const [document] = await manager.query<{ text: string; sortAt: Date }[]>(
      `select concat_ws(' ', o.abstract, o.symbol, o.signer_name,
         array_to_string(o.recipients, ' '), v.text) as text, o.issued_at as "sortAt"
       from outgoing_document o join draft d on d.id = o.draft_id
       join draft_version v on v.draft_id = d.id and v.number = d.last_version
       where o.id = $1`,
      [data.documentId],
    );
    await write(manager, { ...data, ...document!, direction: 'outgoing' });
  }

  @On(incomingPresented)
  readPresented({ data }: CloudEvent<HandlingFact>, manager: EntityManager) {
    return updateReaders(manager, data.documentId);
  }

  @On(incomingAssigned)
  readAssigned({ data }: CloudEvent<HandlingFact>, manager: EntityManager) {
    return updateReaders(manager, data.documentId);
  }

  @On(incomingTransferred)
  readTransferred({ data }: CloudEvent<HandlingFact>, manager: EntityManager) {
    return updateReaders(manager, data.documentId);
  }

  @On(incomingReturned)
  readReturned({ data }: CloudEvent<HandlingFact>, manager: EntityManager) {
    return updateReaders(manager, data.documentId);
  }
}

const readers = 'array(select reader_id from document_reader where document_id = $1)';

async function write(
  manager: EntityManager,
  document: {
    documentId: string;
    organisationId: string;
    direction: string;
    sortAt: Date;
    text: string;
  },
) {
  const { documentId, organisationId, direction, sortAt, text } = document;
  await manager.query(
    `insert into searchable (document_id, direction, organisation_id, readers, sort_at, marked, folded)
     values ($1, $2, $3, ${readers}, $4, to_tsvector('simple', $5), to_tsvector('simple', $6))
     on conflict (document_id) do update set readers = excluded.readers,
       marked = excluded.marked, folded = excluded.folded`,
    [
      documentId,
      direction,
      organisationId,
      sortAt,
      (await firstWords(text, markedWords, maxWords)).join(' '),
      (await firstWords(text, foldedWords, maxWords)).join(' '),
    ],
  );
}

/** Whoever it has gone to since finds it too. */
async function updateReaders(manager: EntityManager, documentId: string) {
  await manager.query(`update searchable set readers = ${readers} where document_id = $1`, [
    documentId,
  ]);
}
