import {
  type Caller,
  Invalid,
  NotFound,
  NotTheSigner,
  OutOfOrder,
  type Sentence,
  type SignatureKind,
  type SigningWish,
  SigningWish as Wish,
  type StoredFile,
  type Wanted,
} from '@eoffice/contracts';
import { columnsOf } from '@eoffice/platform/keep';
import type { EntityManager } from 'typeorm';
import { nameOn, placeOf } from '../directory/known-organisations.js';

/** A signature that may be made: on what, for whom, and what it shows. */
export interface Plan {
  kind: SignatureKind;
  draftId: string | null;
  documentId: string | null;
  agencyId: string;
  personId: string;
  rootSha256: string;
  /** What is signed: the root, or the root with the signatures it has by now. */
  sourceSha256: string;
  fileName: string;
  signerName?: string;
  symbol?: string;
  issuedOn?: string;
  /** Form and agency of a copy. */
  copy?: { form: string; agency: string };
  /** The stamp on what was received. */
  incoming?: { agency: string; number: number; receivedOn: string };
}

type Question = Pick<Wanted, 'kind' | 'documentId' | 'sha256' | 'agencyId' | 'form'>;

/**
 * Says who may make which signature now (Nghị định 30/2020/NĐ-CP, Art. 12, 13, 32 and 33): the signer
 * in person, then somebody else who keeps the agency's seal, once there is a number. Throws NotFound,
 * Forbidden, NotTheSigner, OutOfOrder or Invalid.
 */
export async function planOf(
  manager: EntityManager,
  question: Question,
  caller: Caller,
  scan?: StoredFile,
): Promise<Plan> {
  if (question.kind === 'copy') return copyPlan(manager, question, caller, scan);
  if (!question.documentId) throw missing('/documentId');
  if (question.kind === 'incoming') return incomingPlan(manager, question, caller);
  const wish = await wishFor(manager, question.documentId);
  const place = wish && (await placeOf(manager, wish.organisationId));
  if (!wish || !caller.may('signatures.sign', place)) throw noDocument();
  if (!wish.wanted) throw notWanted();
  caller.acting(question.kind === 'personal' ? 'signatures.sign' : 'signatures.seal', place!);
  const plan = planFor(question, wish, caller);
  await mustBeFirst(manager, plan);
  if (plan.kind === 'personal') {
    await mustHaveAuthority(manager, wish, caller);
    return plan;
  }
  const signed = await personalOn(manager, wish);
  if (signed.personId === caller.personId) throw sameHands();
  if (!wish.symbol) throw noNumber();
  return plan.kind === 'agency' ? { ...plan, sourceSha256: signed.sha256 } : plan;
}

function planFor({ kind, sha256 }: Question, wish: SigningWish, caller: Caller): Plan {
  const { draftId, documentId, organisationId, signerName, symbol, issuedOn, files } = wish;
  const [main, ...appendices] = files;
  const root = kind === 'appendix' ? appendices.find((each) => each === sha256) : main;
  if (!root || (sha256 && sha256 !== root)) throw wrongFile();
  const number = symbol ?? 'du-thao';
  return {
    ...{ kind, draftId, documentId: documentId ?? null, agencyId: organisationId },
    ...{ personId: caller.personId, rootSha256: root, sourceSha256: root, signerName },
    ...{ symbol, issuedOn, fileName: `${number.replace(/[^\p{L}\p{N}-]+/gu, '-')}.pdf` },
  };
}

async function copyPlan(
  manager: EntityManager,
  { agencyId, form }: Question,
  caller: Caller,
  scan?: StoredFile,
): Promise<Plan> {
  if (!agencyId) throw missing('/agencyId');
  if (!form) throw missing('/form');
  if (!scan) throw missing('/ticket');
  caller.acting('signatures.seal', await placeOf(manager, agencyId));
  const [found] = await manager.query<{ name: string }[]>(`select ${nameOn('$1::uuid')} as name`, [
    agencyId,
  ]);
  const { sha256, name } = scan;
  return {
    ...{ kind: 'copy', draftId: null, documentId: null, agencyId, personId: caller.personId },
    ...{ rootSha256: sha256, sourceSha256: sha256, fileName: name },
    copy: { form, agency: found!.name },
  };
}

/** The agency that received a document stamps it with its number and day (Art. 21). */
async function incomingPlan(
  manager: EntityManager,
  { documentId, sha256 }: Question,
  caller: Caller,
): Promise<Plan> {
  const [known] = await manager.query<
    { agencyId: string; number: number; receivedOn: string; files: string[]; agency: string }[]
  >(
    `select organisation_id as "agencyId", number, received_on as "receivedOn", files,
       ${nameOn('known_incoming.organisation_id', 'received_on')} as agency
     from known_incoming where document_id = $1`,
    [documentId],
  );
  const place = known && (await placeOf(manager, known.agencyId));
  if (!known || !caller.may('signatures.sign', place)) throw noDocument();
  caller.acting('signatures.seal', place!);
  const { agencyId, number, receivedOn, files, agency } = known;
  const root = sha256 ? files.find((each) => each === sha256) : files[0];
  if (!root) throw wrongFile();
  const plan: Plan = {
    ...{ kind: 'incoming', draftId: null, documentId: documentId!, agencyId },
    ...{ personId: caller.personId, rootSha256: root, sourceSha256: root },
    ...{ fileName: `den-${number}.pdf`, incoming: { agency, number, receivedOn } },
  };
  await mustBeFirst(manager, plan);
  return plan;
}

async function wishFor(manager: EntityManager, id: string): Promise<SigningWish | undefined> {
  const [wish] = await manager.query<(SigningWish & { [name: string]: unknown })[]>(
    `select ${columnsOf(Wish)} from known_signing where draft_id = $1 or document_id = $1`,
    [id],
  );
  if (!wish) return undefined;
  return Object.fromEntries(
    Object.entries(wish).filter(([, value]) => value !== null),
  ) as unknown as SigningWish;
}

/** The signature of the signer, on which all others rest. Throws OutOfOrder. */
async function personalOn(manager: EntityManager, { draftId, files }: SigningWish) {
  const [signed] = await manager.query<{ personId: string; sha256: string }[]>(
    `select person_id as "personId", sha256 from signature
     where draft_id = $1 and root_sha256 = $2 and kind = 'personal' and state = 'signed'`,
    [draftId, files[0]],
  );
  if (signed) return signed;
  throw new OutOfOrder({
    vi: 'Người có thẩm quyền chưa ký; cơ quan ký sau',
    en: 'The signer has not signed yet; the agency signs after them',
  });
}

async function mustBeFirst(manager: EntityManager, plan: Plan) {
  const { draftId, documentId, rootSha256, kind } = plan;
  const made = await manager.query<unknown[]>(
    `select 1 from signature
     where coalesce(draft_id, document_id) = coalesce($1::uuid, $2::uuid)
       and root_sha256 = $3 and kind = $4 and state <> 'prepared'`,
    [draftId, documentId, rootSha256, kind],
  );
  if (made.length === 0) return;
  throw new OutOfOrder({ vi: 'Chữ ký này đã có rồi', en: 'This signature was made already' });
}

/** Nobody signs for somebody else: a key is its owner's. And they must still be entitled today. */
async function mustHaveAuthority(manager: EntityManager, wish: SigningWish, caller: Caller) {
  if (wish.signerId !== caller.personId || caller.actor?.forPersonId) {
    throw new NotTheSigner({
      vi: `Người ký văn bản này là ${wish.signerName}`,
      en: `${wish.signerName} signs this document`,
    });
  }
  const delegated = wish.capacity === 'TL' || wish.capacity === 'TUQ';
  const entitled = delegated
    ? await manager.query<unknown[]>(
        `select 1 where $1::date >= local_day()
           and not exists (select from ended_authority where authority_id = $2)`,
        [wish.authorityUntil ?? null, wish.authorityId ?? null],
      )
    : await manager.query<unknown[]>(
        `select 1 from known_assignment a join known_post t using (post_id)
         where a.person_id = $1 and a.agency_id = $2 and t.signs
           and a.valid_from <= local_day() and (a.valid_to is null or a.valid_to >= local_day())
           and t.valid_from <= local_day() and (t.valid_to is null or t.valid_to >= local_day())`,
        [wish.signerId, wish.organisationId],
      );
  if (entitled.length > 0) return;
  throw new NotTheSigner({
    vi: 'Hôm nay bạn không còn thẩm quyền ký văn bản này',
    en: 'You are not entitled to sign this document today',
  });
}

const wrong = (pointer: string, detail: Sentence) => new Invalid([{ pointer, detail }]);
const missing = (pointer: string) => wrong(pointer, { vi: 'bắt buộc phải có', en: 'is required' });
const wrongFile = () =>
  wrong('/sha256', { vi: 'không phải tệp cần ký ở bước này', en: 'is no file to sign here' });
const noDocument = () =>
  new NotFound({ vi: 'Không có văn bản cần ký này', en: 'There is no such document to sign' });
const notWanted = () =>
  new OutOfOrder({
    vi: 'Văn bản không còn chờ ký: đã trả lại, sửa đổi, hủy hoặc thu hồi',
    en: 'The document is not to be signed any more',
  });
const noNumber = () =>
  new OutOfOrder({
    vi: 'Văn bản chưa có số; cơ quan ký khi ban hành',
    en: 'The document has no number yet; the agency signs when it is issued',
  });
const sameHands = () =>
  new NotTheSigner({
    vi: 'Người ký văn bản không tự đóng dấu cơ quan',
    en: 'Who signed the document does not apply the seal of the agency',
  });
