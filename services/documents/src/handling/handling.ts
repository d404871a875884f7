import {
  type ActOnTask,
  type AssignIncoming,
  type Caller,
  Changed,
  type FindDocument,
  type GiveOpinion,
  handling,
  incomingAssigned,
  incomingCompleted,
  IncomingDocument,
  incomingPresented,
  incomingReturned,
  incomingTransferred,
  Invalid,
  NotInThisState,
  type Place,
  type PresentIncoming,
  type ReturnTask,
  type Steps,
  type Task,
  type TransferTask,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { placeOf } from '../directory/known-organisations.js';
import { mustBeOfAgency } from '../directory/members.js';
import { noDocument } from '../incoming/no-document.js';
import { readersOf } from '../incoming/readers.js';
import { Deadlines } from '../policies/deadlines.js';
import { Inboxes } from './inboxes.js';
import { addStep, stepsOf } from './steps.js';
import { addTask, endTask, letRead, lockOwnTask, type TaskRow } from './tasks.js';

/** Carries an incoming document from the clerk to the leader, the units, the people, and to its end. */
@Serves(handling)
export class Handling {
  constructor(
    private readonly database: Database,
    private readonly deadlines: Deadlines,
    private readonly inboxes: Inboxes,
  ) {}

  present({ id, version, leaderId, note }: PresentIncoming, caller: Caller) {
    return this.change(
      id,
      version,
      'documents.present',
      caller,
      async (manager, emit, document) => {
        mustBe(document, ['registered', 'returned']);
        const { organisationId } = document;
        await mustBeOfAgency(manager, organisationId, { personId: leaderId }, '/leaderId');
        const dueAt = document.dueAt ?? null;
        const task = { documentId: id, organisationId, assignedBy: caller.personId, dueAt };
        await closeOpen(manager, id, 'present');
        await addTask(manager, { ...task, role: 'present', personId: leaderId });
        await addStep(manager, caller, {
          documentId: id,
          kind: 'presented',
          toPersonId: leaderId,
          note,
        });
        emit(incomingPresented, id, { documentId: id, organisationId });
        return 'presented';
      },
    );
  }

  assign(input: AssignIncoming, caller: Caller) {
    const { id, version, assignees, opinion } = input;
    mustFit(assignees);
    return this.change(id, version, 'documents.assign', caller, async (manager, emit, document) => {
      mustBe(document, ['registered', 'presented', 'assigned', 'returned']);
      const { organisationId } = document;
      await closeOpen(manager, id, 'present');
      await closeOpen(manager, id, 'lead');
      for (const [index, { unitId, personId, role, dueOn }] of assignees.entries()) {
        await mustBeOfAgency(manager, organisationId, { unitId, personId }, `/assignees/${index}`);
        const dueAt = dueOn ? await this.deadlines.endOf(organisationId, dueOn) : document.dueAt;
        const task = { documentId: id, organisationId, role, unitId, personId, dueAt };
        await addTask(manager, { ...task, assignedBy: caller.personId });
        const to = { toUnitId: unitId, toPersonId: personId };
        await addStep(manager, caller, {
          documentId: id,
          kind: 'assigned',
          ...to,
          role,
          note: opinion,
        });
      }
      await letRead(manager, id, caller.personId);
      emit(incomingAssigned, id, { documentId: id, organisationId });
      return 'assigned';
    });
  }

  opine({ id, text }: GiveOpinion, caller: Caller): Promise<Steps> {
    return this.database.transaction(caller, async (manager, _, record) => {
      await this.mustRead(id, caller);
      await addStep(manager, caller, { documentId: id, kind: 'opinion', note: text });
      record('documents.handling.opinion', id, {});
      return { items: await stepsOf(manager, id) };
    });
  }

  async steps({ id }: FindDocument, caller: Caller): Promise<Steps> {
    await this.mustRead(id, caller);
    return { items: await stepsOf(this.database.manager, id) };
  }

  complete({ id, note }: ActOnTask, caller: Caller): Promise<Task> {
    return this.act(id, caller, async (manager, emit, task) => {
      const { documentId, organisationId, role } = task;
      if (role === 'present') throw new NotInThisState();
      await endTask(manager, id, 'done');
      await addStep(manager, caller, { documentId, kind: 'completed', role, note });
      if (role !== 'lead') return;
      await manager.query(
        `update task set state = 'done', done_at = now() where document_id = $1 and state = 'open'`,
        [documentId],
      );
      await manager.query(
        `update incoming_document set state = 'completed', completed_at = now(), version = version + 1
         where id = $1`,
        [documentId],
      );
      emit(incomingCompleted, documentId, { documentId, organisationId });
    });
  }

  /** It goes back to who gave it, as something to decide again. */
  returnTask({ id, reason }: ReturnTask, caller: Caller): Promise<Task> {
    return this.act(id, caller, async (manager, emit, task) => {
      const { documentId, organisationId, role, assignedBy, dueAt } = task;
      await endTask(manager, id, 'returned');
      const to = { toPersonId: assignedBy ?? undefined };
      await addStep(manager, caller, { documentId, kind: 'returned', ...to, role, note: reason });
      if (role === 'lead' || role === 'present') {
        await manager.query(
          `update incoming_document set state = 'returned', version = version + 1 where id = $1`,
          [documentId],
        );
        if (role === 'lead' && assignedBy) {
          const back = { documentId, organisationId, role: 'present', dueAt } as const;
          await addTask(manager, { ...back, personId: assignedBy, assignedBy: caller.personId });
        }
      }
      emit(incomingReturned, documentId, { documentId, organisationId });
    });
  }

  transfer({ id, unitId, personId, note }: TransferTask, caller: Caller): Promise<Task> {
    mustFit([{ unitId, personId, role: 'lead' }]);
    return this.act(id, caller, async (manager, emit, task) => {
      const { documentId, organisationId, role, dueAt, assignedBy } = task;
      await mustBeOfAgency(manager, organisationId, { unitId, personId }, '');
      await endTask(manager, id, 'transferred');
      await addTask(manager, {
        ...{ documentId, organisationId, role, unitId, personId, dueAt },
        assignedBy: assignedBy ?? caller.personId,
      });
      const to = { toUnitId: unitId, toPersonId: personId };
      await addStep(manager, caller, { documentId, kind: 'transferred', ...to, role, note });
      emit(incomingTransferred, documentId, { documentId, organisationId });
    });
  }

  inbox(...asked: Parameters<Inboxes['list']>) {
    return this.inboxes.list(...asked);
  }

  counts(...asked: Parameters<Inboxes['counts']>) {
    return this.inboxes.counts(...asked);
  }

  /** Changes a document as its agency's rules allow: locked, of the version that was read. */
  private change(
    id: string,
    version: number,
    permission: string,
    caller: Caller,
    work: (manager: EntityManager, emit: Emit, document: IncomingDocument) => Promise<string>,
  ): Promise<IncomingDocument> {
    return this.database.transaction(caller, async (manager, emit) => {
      const document = await lockDocument(manager, id);
      const place = await placeOf(manager, document.organisationId);
      mustReach(caller, permission, place);
      caller.acting(permission, place);
      if (document.version !== version) throw new Changed();
      const state = await work(manager, emit, document);
      const [[changed]] = await manager.query<[IncomingDocument[]]>(
        `update incoming_document set state = $2, version = version + 1 where id = $1
         returning ${columnsOf(IncomingDocument)}`,
        [id, state],
      );
      return changed!;
    });
  }

  private act(
    id: string,
    caller: Caller,
    work: (manager: EntityManager, emit: Emit, task: TaskRow) => Promise<void>,
  ): Promise<Task> {
    return this.database.transaction(caller, async (manager, emit) => {
      await work(manager, emit, await lockOwnTask(manager, id, caller));
      return this.inboxes.find(manager, id);
    });
  }

  private async mustRead(id: string, caller: Caller) {
    const [found] = await this.database.query(
      'select 1 from document_reader where document_id = $1 and reader_id = any ($2::uuid[]) limit 1',
      [id, readersOf(caller)],
    );
    if (!found) throw noDocument();
  }
}

async function lockDocument(manager: EntityManager, id: string): Promise<IncomingDocument> {
  const [document] = await manager.query<IncomingDocument[]>(
    `select ${columnsOf(IncomingDocument)} from incoming_document where id = $1 for update`,
    [id],
  );
  if (!document) throw noDocument();
  return document;
}

/** To somebody whose posts do not reach its agency a document is not there at all. */
function mustReach(caller: Caller, permission: string, place: Place) {
  if (!caller.may(permission, place)) throw noDocument();
}

function mustBe({ state }: IncomingDocument, states: string[]) {
  if (states.includes(state)) return;
  throw new NotInThisState({
    vi: `Văn bản đang ở trạng thái “${stateNames[state]}”`,
    en: `The document is ${state}`,
  });
}

const stateNames: Record<IncomingDocument['state'], string> = {
  registered: 'đã đăng ký',
  presented: 'đã trình',
  assigned: 'đã giao xử lý',
  completed: 'đã hoàn thành',
  returned: 'trả lại',
};

/** Each goes to a unit or a person, and exactly one leads: two would each wait for the other. */
function mustFit(assignees: AssignIncoming['assignees']) {
  const wrong = assignees.findIndex(
    ({ unitId, personId }) => Boolean(unitId) === Boolean(personId),
  );
  if (wrong >= 0) {
    const detail = { vi: 'cần đúng một đơn vị hoặc một người', en: 'needs one unit or one person' };
    throw new Invalid([{ pointer: `/assignees/${wrong}`, detail }]);
  }
  if (assignees.filter(({ role }) => role === 'lead').length === 1) return;
  const detail = { vi: 'cần đúng một nơi chủ trì', en: 'needs exactly one that leads' };
  throw new Invalid([{ pointer: '/assignees', detail }]);
}

async function closeOpen(manager: EntityManager, documentId: string, role: string) {
  await manager.query(
    `update task set state = 'transferred', done_at = now()
     where document_id = $1 and role = $2 and state = 'open'`,
    [documentId, role],
  );
}
