import { randomUUID } from 'node:crypto';
import {
  type Caller,
  NotFound,
  NotInThisState,
  NotYourTask,
  type TaskRole,
} from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

/** A row of `task` as the handling works with it. */
export interface TaskRow {
  id: string;
  documentId: string;
  organisationId: string;
  role: 'present' | TaskRole;
  state: string;
  unitId: string | null;
  personId: string | null;
  assignedBy: string | null;
  dueAt: Date | null;
}

export interface NewTask {
  documentId: string;
  organisationId: string;
  role: 'present' | TaskRole;
  unitId?: string | null;
  personId?: string | null;
  assignedBy: string;
  dueAt?: Date | null;
}

/** Puts a task into somebody's inbox, and lets them and their unit read the document. */
export async function addTask(manager: EntityManager, task: NewTask): Promise<string> {
  const id = randomUUID();
  await manager.query(
    `insert into task (id, document_id, organisation_id, role, state, unit_id, person_id, assigned_by, due_at)
     values ($1, $2, $3, $4, 'open', $5, $6, $7, $8)`,
    [
      id,
      task.documentId,
      task.organisationId,
      task.role,
      task.unitId ?? null,
      task.personId ?? null,
      task.assignedBy,
      task.dueAt ?? null,
    ],
  );
  await letRead(manager, task.documentId, task.personId ?? task.unitId!);
  return id;
}

/** Lists a unit or person among the readers of a document. */
export async function letRead(manager: EntityManager, documentId: string, readerId: string) {
  await manager.query(
    `insert into document_reader
       (reader_id, sort_at, document_id, direction, organisation_id, state)
     select $2, registered_at, id, 'incoming', organisation_id, state
     from incoming_document where id = $1 on conflict do nothing`,
    [documentId, readerId],
  );
}

/** An open task, locked, that the caller may act on; says in which identity they do. */
export async function lockOwnTask(
  manager: EntityManager,
  id: string,
  caller: Caller,
): Promise<TaskRow> {
  const [task] = await manager.query<TaskRow[]>(
    `select id, document_id as "documentId", organisation_id as "organisationId", role, state,
       unit_id as "unitId", person_id as "personId", assigned_by as "assignedBy", due_at as "dueAt"
     from task where id = $1 for update`,
    [id],
  );
  if (!task) throw new NotFound({ vi: 'Không có việc này', en: 'There is no such task' });
  mustOwn(task, caller);
  if (task.state !== 'open') throw new NotInThisState();
  return task;
}

/** Their own task, one of somebody they stand in for, or of a unit they lead. */
function mustOwn({ personId, unitId }: TaskRow, caller: Caller) {
  const position = caller.positions.find(
    (each) =>
      (personId && (each.forPersonId ?? caller.personId) === personId) ||
      (unitId && each.unitId === unitId && each.permissions.includes('documents.assign')),
  );
  if (!position) throw new NotYourTask();
  caller.actingIn(position);
}

/** Ends a task in a state. */
export async function endTask(manager: EntityManager, id: string, state: string) {
  await manager.query('update task set state = $2, done_at = now() where id = $1', [id, state]);
}
