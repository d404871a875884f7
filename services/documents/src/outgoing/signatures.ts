import {
  type DraftContent,
  NothingToSign,
  outgoingIssued,
  signingChanged,
  type SigningWish,
  type StoredFile,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';

interface Row {
  draftId: string;
  organisationId: string;
  documentId: string | null;
  symbol: string | null;
  issuedOn: string | null;
  signerName: string;
  content: DraftContent;
  files: StoredFile[];
}

/** The files that signatures go on: the document, then its appendices; only PDF can be signed. */
export const signable = (files: StoredFile[]): StoredFile[] =>
  files[0]?.mediaType === 'application/pdf'
    ? files.filter(({ mediaType }) => mediaType === 'application/pdf')
    : [];

/** Tells the signatures service how things stand with a draft, if there is anything to sign. */
export async function tellSigning(
  manager: EntityManager,
  emit: Emit,
  draftId: string,
  wanted = true,
) {
  const [row] = await manager.query<Row[]>(
    `select d.id as "draftId", d.organisation_id as "organisationId", o.id as "documentId",
       o.symbol, o.issued_on as "issuedOn", p.full_name as "signerName", v.content, v.files
     from draft d join draft_version v on v.draft_id = d.id and v.number = d.last_version
     join known_person p on p.person_id = (v.content->>'signerId')::uuid
     left join outgoing_document o on o.draft_id = d.id where d.id = $1`,
    [draftId],
  );
  const files = row ? signable(row.files).map(({ sha256 }) => sha256) : [];
  if (!row || files.length === 0) return;
  const { organisationId, documentId, symbol, issuedOn, signerName, content } = row;
  const wish: SigningWish = {
    ...{ draftId, organisationId, type: content.type, signerId: content.signerId, signerName },
    ...{ capacity: content.capacity, files, wanted },
    ...(documentId && symbol && issuedOn ? { documentId, symbol, issuedOn } : {}),
    ...(await authorityFor(manager, organisationId, content)),
  };
  emit(signingChanged, draftId, wish);
}

/** The written authority by which somebody signs by order or in a head's stead. */
async function authorityFor(
  manager: EntityManager,
  organisationId: string,
  { signerId, capacity, type }: DraftContent,
): Promise<{ authorityId?: string; authorityUntil?: string }> {
  if (capacity !== 'TL' && capacity !== 'TUQ') return {};
  const [authority] = await manager.query<{ authorityId: string; authorityUntil: string }[]>(
    `select id as "authorityId", valid_to as "authorityUntil" from signing_authority
     where organisation_id = $1 and person_id = $2 and capacity = $3 and ended_at is null
       and $4::date between valid_from and valid_to and $5 = any (document_types)
     order by valid_to desc limit 1`,
    [organisationId, signerId, capacity, localDay(), type],
  );
  return authority ?? {};
}

/** Whether a document of today is issued only with its last signature. Throws NothingToSign. */
export async function mustWait(
  manager: EntityManager,
  organisationId: string,
  files: StoredFile[],
): Promise<boolean> {
  const [policy] = await manager.query<{ waits: boolean }[]>(
    `select waits_for_signatures as waits from issuing_policy
     where (organisation_id is null or organisation_id = $1)
       and valid_from <= $2 and (valid_to is null or valid_to >= $2)
     order by organisation_id is not null desc, valid_from desc limit 1`,
    [organisationId, localDay()],
  );
  if (!policy?.waits) return false;
  if (signable(files).length === 0) throw new NothingToSign();
  return true;
}

/** Issues a document that waited, once the agency has signed every file of it. */
export async function issueSigned(manager: EntityManager, emit: Emit, draftId: string) {
  const [document] = await manager.query<
    { id: string; organisationId: string; symbol: string; state: string; files: StoredFile[] }[]
  >(
    `select id, organisation_id as "organisationId", symbol, state, files
     from outgoing_document where draft_id = $1 for update`,
    [draftId],
  );
  if (document?.state !== 'numbered') return;
  const signed = await manager.query<{ root: string }[]>(
    `select root_sha256 as root from signed_file where draft_id = $1 and kind in ('agency', 'appendix')`,
    [draftId],
  );
  const roots = new Set(signed.map(({ root }) => root));
  if (signable(document.files).some(({ sha256 }) => !roots.has(sha256))) return;
  const { id: documentId, organisationId, symbol } = document;
  await manager.query(
    `update outgoing_document set state = 'issued', issued_at = now(), version = version + 1
     where id = $1`,
    [documentId],
  );
  await recallReplaced(manager, documentId);
  emit(outgoingIssued, documentId, { documentId, organisationId, symbol });
}

/** What a recalling document takes back is recalled with its issue. */
export async function recallReplaced(manager: EntityManager, documentId: string) {
  await manager.query(
    `update outgoing_document set state = 'recalled', version = version + 1
     where id in (select to_id from document_link where from_id = $1 and kind = 'recalls')`,
    [documentId],
  );
}
