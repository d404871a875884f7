import {
  type Caller,
  type Draft as DraftReply,
  DraftContent,
  type DraftStep,
  type StoredFile,
} from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import { contentHashOf, type Draft } from './draft.js';

export interface VersionRow {
  number: number;
  content: DraftContent;
  files: StoredFile[];
  text: string;
  contentHash: string;
}

/** Keeps a version for ever. */
export async function writeVersion(
  manager: EntityManager,
  draft: Draft,
  { content, files, text }: Pick<VersionRow, 'content' | 'files' | 'text'>,
  caller: Caller,
) {
  await manager.query(
    `insert into draft_version (draft_id, number, person_id, for_person_id, content, files, text, content_hash)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      draft.id,
      draft.lastVersion,
      caller.personId,
      caller.actor?.forPersonId ?? null,
      JSON.stringify(content),
      JSON.stringify(files),
      text,
      contentHashOf(content, files),
    ],
  );
  await addDraftStep(manager, draft, 'version', caller);
}

/** Writes down who did what to which version, and for whom. */
export async function addDraftStep(
  manager: EntityManager,
  { id, lastVersion }: Draft,
  kind: DraftStep['kind'],
  { personId, actor }: Caller,
  text?: string,
) {
  await manager.query(
    `insert into draft_step (draft_id, number, kind, person_id, for_person_id, text)
     values ($1, $2, $3, $4, $5, $6)`,
    [id, lastVersion, kind, personId, actor?.forPersonId ?? null, text ?? null],
  );
}

/** A version of a draft. */
export async function findVersion(
  manager: EntityManager,
  draftId: string,
  number: number,
): Promise<VersionRow | undefined> {
  const [row] = await manager.query<VersionRow[]>(
    `select number, content, files, text, content_hash as "contentHash" from draft_version
     where draft_id = $1 and number = $2`,
    [draftId, number],
  );
  return row;
}

/** The draft as it is shown, with its newest version. */
export async function shown(manager: EntityManager, draft: Draft): Promise<DraftReply> {
  const { content, files } = (await findVersion(manager, draft.id, draft.lastVersion))!;
  return Object.assign({ ...draft }, { content, files });
}

/** Every step of a draft, oldest first. */
export async function draftStepsOf(manager: EntityManager, draftId: string): Promise<DraftStep[]> {
  const steps = await manager.query<DraftStep[]>(
    `select s.id::int as id, s.kind, s.number, s.at, s.person_id as "personId",
       p.full_name as person, s.for_person_id as "forPersonId", s.text
     from draft_step s left join known_person p on p.person_id = s.person_id
     where s.draft_id = $1 order by s.id limit 1000`,
    [draftId],
  );
  return steps.map((step) => ({ ...step, name: names[step.kind] }));
}

const names: Record<DraftStep['kind'], string> = {
  version: 'Soạn thảo',
  comment: 'Góp ý',
  content_checked: 'Kiểm tra nội dung',
  format_checked: 'Kiểm tra thể thức',
  approved: 'Ký duyệt',
  returned: 'Trả lại',
  issued: 'Ban hành',
};
