import { randomUUID } from 'node:crypto';
import {
  type AddVersion,
  type Caller,
  type CommentDraft,
  type CompareDraft,
  type Comparison,
  type CreateDraft,
  cursorOf,
  type DecideDraft,
  type Draft as DraftReply,
  draftApproved,
  DraftContent,
  draftCreated,
  type DraftPage,
  drafts,
  type DraftSteps,
  type FindDraft,
  FormFaults,
  type IssueDraft,
  keyOf,
  type ListDrafts,
  NotFound,
  type OutgoingDocument,
  OwnWork,
  type Place,
  project,
  SecretDocument,
  type SendBackDraft,
  type StoredFile,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import { FileTickets } from '@eoffice/platform/file-tickets';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { Extraction } from '../content/extraction.js';
import { placeOf } from '../directory/known-organisations.js';
import { compareTexts } from '../rules/draft-comparison.js';
import { checkFormat } from '../rules/format-check.js';
import { findSecrecyMark } from '../rules/secrecy-marks.js';
import { Draft } from './draft.js';
import { addDraftStep, draftStepsOf, findVersion, shown, writeVersion } from './draft-versions.js';
import { issueDraft } from './issue.js';
import { tellSigning } from './signatures.js';
import { mustSign, signingOf } from './signing.js';
import { mustExist } from './relations.js';

/** Carries a document from its first draft to its issue. */
@Serves(drafts)
export class Drafts {
  constructor(
    private readonly database: Database,
    private readonly tickets: FileTickets,
    private readonly extraction: Extraction,
  ) {}

  async create(input: CreateDraft, caller: Caller): Promise<DraftReply> {
    const { content, files, text } = await this.read(input, caller);
    return this.database.transaction(caller, async (manager, emit) => {
      const { agency, place } = await this.unitOf(manager, input.unitId);
      caller.acting('documents.draft', place);
      await mustExist(manager, content, place);
      const draft = manager.create(Draft, {
        ...{ id: randomUUID(), organisationId: agency, unitId: input.unitId },
        ...{ draftedBy: caller.personId, signerId: content.signerId, state: 'drafting' },
        ...{ lastVersion: 1, createdAt: new Date() },
      } as const);
      await manager.save(draft);
      await writeVersion(manager, draft, { content, files, text }, caller);
      emit(draftCreated, draft.id, { draftId: draft.id, organisationId: agency });
      return shown(manager, draft);
    });
  }

  async addVersion(input: AddVersion, caller: Caller): Promise<DraftReply> {
    const version = await this.read(input, caller);
    return this.change(input, 'documents.draft', caller, async (manager, emit, draft, place) => {
      await mustExist(manager, version.content, place);
      if (draft.state === 'approved') await tellSigning(manager, emit, draft.id, false);
      draft.addVersion(input.version);
      draft.signerId = input.signerId;
      await writeVersion(manager, draft, version, caller);
    });
  }

  async list({ limit = 50, after, state }: ListDrafts, caller: Caller): Promise<DraftPage> {
    const [at = null, id = null] = keyOf(after) ?? [];
    const { whole, units } = reachOf(caller);
    const rows = await this.database.manager
      .createQueryBuilder(Draft, 'd')
      .where(
        `(d.organisation_id = any (:whole) or d.unit_id = any (:units) or d.drafted_by = :me
          or d.signer_id = :me)`,
        {
          ...{ whole, units, me: caller.personId },
        },
      )
      .andWhere(state ? 'd.state = :state' : 'true', { state })
      .andWhere('(:at::timestamptz is null or (d.created_at, d.id) < (:at, :id))', { at, id })
      .orderBy({ 'd.created_at': 'DESC', 'd.id': 'DESC' })
      .limit(limit)
      .getMany();
    const items = await Promise.all(rows.map((draft) => shown(this.database.manager, draft)));
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return { items, next: last && cursorOf(last.createdAt.toISOString(), last.id) };
  }

  async find({ id }: FindDraft, caller: Caller): Promise<DraftReply> {
    return shown(this.database.manager, await this.readable(id, caller));
  }

  async steps({ id }: FindDraft, caller: Caller): Promise<DraftSteps> {
    await this.readable(id, caller);
    return { items: await draftStepsOf(this.database.manager, id) };
  }

  async compare({ id, from, to }: CompareDraft, caller: Caller): Promise<Comparison> {
    await this.readable(id, caller);
    const { manager } = this.database;
    const [before, after] = await Promise.all(
      [from, to].map((number) => findVersion(manager, id, number)),
    );
    if (!before || !after) throw new NotFound();
    return {
      abstract: compareTexts(before.content.abstract, after.content.abstract),
      text: compareTexts(before.text, after.text),
    };
  }

  async comment({ id, text }: CommentDraft, caller: Caller): Promise<DraftSteps> {
    const draft = await this.readable(id, caller);
    return this.database.transaction(caller, async (manager, _, record) => {
      await addDraftStep(manager, draft, 'comment', caller, text);
      record('documents.drafts.commented', id, {});
      return { items: await draftStepsOf(manager, id) };
    });
  }

  checkContent(input: DecideDraft, caller: Caller): Promise<DraftReply> {
    const permission = 'documents.check-content';
    return this.change(input, permission, caller, async (manager, _, draft) => {
      draft.mustBe(['drafting'], input.version);
      if (draft.draftedBy === caller.personId) throw new OwnWork();
      draft.state = 'content_checked';
      draft.contentCheckedBy = caller.personId;
      await addDraftStep(manager, draft, 'content_checked', caller);
    });
  }

  checkFormat(input: DecideDraft, caller: Caller): Promise<DraftReply> {
    const permission = 'documents.check-format';
    return this.change(input, permission, caller, async (manager, _, draft) => {
      draft.mustBe(['content_checked'], input.version);
      const { content, files, text } = (await findVersion(manager, draft.id, draft.lastVersion))!;
      const { name } = await signingOf(manager, draft.organisationId, content);
      const faults = checkFormat({ ...content, signerName: name, text, files });
      if (faults.length > 0) throw new FormFaults(undefined, faults);
      draft.state = 'format_checked';
      draft.formatCheckedBy = caller.personId;
      await addDraftStep(manager, draft, 'format_checked', caller);
    });
  }

  approve(input: DecideDraft, caller: Caller): Promise<DraftReply> {
    return this.change(input, undefined, caller, async (manager, emit, draft, place) => {
      const { id, organisationId } = draft;
      const version = (await findVersion(manager, id, draft.lastVersion))!;
      const absent = await mustSign(manager, version.content, place, caller);
      draft.mustBe(['format_checked'], input.version);
      draft.state = 'approved';
      draft.approvedBy = caller.personId;
      draft.approvedFor = absent;
      draft.approvedHash = version.contentHash;
      draft.approvedAt = new Date();
      await addDraftStep(manager, draft, 'approved', caller);
      emit(draftApproved, id, { draftId: id, organisationId });
      await tellSigning(manager, emit, id);
    });
  }

  sendBack(input: SendBackDraft, caller: Caller): Promise<DraftReply> {
    return this.change(input, undefined, caller, async (manager, emit, draft, place) => {
      draft.mustBe(['drafting', 'content_checked', 'format_checked', 'approved'], input.version);
      const decides = ['check-content', 'check-format', 'approve', 'issue'];
      const permission = decides.find((each) => caller.may(`documents.${each}`, place));
      caller.acting(`documents.${permission ?? decides[0]}`, place);
      if (draft.state === 'approved') await tellSigning(manager, emit, draft.id, false);
      draft.backToDrafting();
      await addDraftStep(manager, draft, 'returned', caller, input.reason);
    });
  }

  issue(input: IssueDraft, caller: Caller): Promise<OutgoingDocument> {
    return this.database.transaction(caller, async (manager, emit) => {
      const draft = await lockDraft(manager, input.id);
      const place = await placeOf(manager, draft.organisationId);
      caller.acting('documents.issue', place);
      draft.mustBe(['approved'], input.version);
      return issueDraft(manager, emit, draft, input.bookId, place, caller);
    });
  }

  /** Reads what was sent: the files behind the tickets, their text, and no mark of secrecy. */
  private async read({ files: tickets, ...input }: CreateDraft | AddVersion, caller: Caller) {
    const files: StoredFile[] = await this.tickets.filesOf(tickets, caller);
    const content = project(DraftContent, input);
    const text = files[0] ? await this.extraction.textOf(files[0]) : '';
    if (!findSecrecyMark(text)) return { content, files, text };
    await this.database.record(caller, 'documents.drafts.secret-refused', caller.personId, {});
    throw new SecretDocument();
  }

  private change(
    { id }: { id: string },
    permission: string | undefined,
    caller: Caller,
    work: (manager: EntityManager, emit: Emit, draft: Draft, place: Place) => Promise<void>,
  ): Promise<DraftReply> {
    return this.database.transaction(caller, async (manager, emit, record) => {
      const draft = await lockDraft(manager, id);
      const place = await placeOf(manager, draft.organisationId);
      if (!isReader(draft, caller)) throw noDraft();
      if (permission) caller.acting(permission, place);
      await work(manager, emit, draft, place);
      await manager.save(draft);
      record(`documents.drafts.${draft.state}`, id, { version: draft.lastVersion });
      return shown(manager, draft);
    });
  }

  private async readable(id: string, caller: Caller): Promise<Draft> {
    const draft = await this.database.manager.findOneBy(Draft, { id });
    if (!draft || !isReader(draft, caller)) throw noDraft();
    return draft;
  }

  private async unitOf(manager: EntityManager, unitId: string) {
    const [unit] = await manager.query<{ agency: string }[]>(
      `select agency_id as agency from known_organisation where organisation_id = $1
       and valid_from <= $2 and (valid_to is null or valid_to >= $2)`,
      [unitId, localDay()],
    );
    if (!unit) throw new NotFound({ vi: 'Không có đơn vị này', en: 'There is no such unit' });
    return { agency: unit.agency, place: await placeOf(manager, unit.agency) };
  }
}

async function lockDraft(manager: EntityManager, id: string): Promise<Draft> {
  const lock = { mode: 'pessimistic_write' } as const;
  const draft = await manager.findOne(Draft, { where: { id }, lock });
  if (!draft) throw noDraft();
  return draft;
}

/** The agencies a caller reads whole, and the units they belong to. */
function reachOf({ positions }: Caller) {
  const deciding = ['documents.read-all', 'documents.approve', 'documents.issue'];
  const whole = positions
    .filter(({ permissions }) => deciding.some((each) => permissions.includes(each)))
    .map(({ organisationId }) => organisationId);
  return { whole, units: positions.map(({ unitId }) => unitId) };
}

function isReader(draft: Draft, caller: Caller): boolean {
  const { whole, units } = reachOf(caller);
  const { organisationId, unitId, draftedBy, signerId } = draft;
  if (draftedBy === caller.personId || signerId === caller.personId) return true;
  return units.includes(unitId) || whole.includes(organisationId);
}

const noDraft = () => new NotFound({ vi: 'Không có dự thảo này', en: 'There is no such draft' });
