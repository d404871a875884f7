import { type DraftContent, Invalid, type Place, type Sentence } from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';

/** What a draft names must be there: its type, what it answers, what it replaces. Throws Invalid. */
export async function mustExist(manager: EntityManager, content: DraftContent, { id }: Place) {
  const { type, answers = [], relatedId, relation } = content;
  const known = await manager.query<unknown[]>(
    `select 1 from document_type where code = $1 and valid_from <= $2
     and (valid_to is null or valid_to >= $2)`,
    [type, localDay()],
  );
  if (known.length === 0) wrong('/type', 'không có loại văn bản này', 'is no type of document');
  const found = await manager.query<{ id: string }[]>(
    'select id from incoming_document where id = any ($1::uuid[]) and organisation_id = $2',
    [answers, id],
  );
  const missing = answers.findIndex((answer) => !found.some((each) => each.id === answer));
  if (missing >= 0) {
    wrong(`/answers/${missing}`, 'không có văn bản đến này', 'is no incoming document here');
  }
  if (Boolean(relatedId) !== Boolean(relation)) {
    wrong('/relation', 'cần cả văn bản và quan hệ', 'needs both the document and the relation');
  }
  if (!relatedId) return;
  const [related] = await manager.query<{ type: string; state: string }[]>(
    'select type, state from outgoing_document where id = $1 and organisation_id = $2',
    [relatedId, id],
  );
  if (!related) wrong('/relatedId', 'không có văn bản này', 'is no document issued here');
  mustFit(type, relation!, related!);
}

/** A replacing document has the form of the replaced; a correction is an official letter (Art. 18). */
function mustFit(
  type: string,
  relation: string,
  { type: before, state }: { type: string; state: string },
) {
  if (state !== 'issued') {
    wrong('/relatedId', 'văn bản đã bị hủy hoặc thu hồi', 'was cancelled or recalled');
  }
  if (relation === 'replaces' && type !== before) {
    wrong('/type', 'văn bản thay thế phải cùng hình thức', 'must be of the type it replaces');
  }
  if (relation === 'corrects' && type !== 'CV') {
    wrong('/type', 'đính chính bằng công văn', 'a correction is an official letter');
  }
}

function wrong(pointer: string, vi: string, en: string): never {
  const detail: Sentence = { vi, en };
  throw new Invalid([{ pointer, detail }]);
}
