import { Injectable } from '@nestjs/common';
import {
  type Caller,
  cursorOf,
  type Inbox,
  type InboxCounts,
  type InboxInput,
  keyOf,
  type Task,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';
import { Deadlines } from '../policies/deadlines.js';

const columns = `t.id, t.document_id as "documentId", t.organisation_id as "organisationId", t.role,
  t.state, t.unit_id as "unitId", t.person_id as "personId", t.created_at as "createdAt",
  t.due_at as "dueAt", t.done_at as "doneAt",
  coalesce(coalesce(t.done_at, now()) > t.due_at, false) as late,
  d.number, d.reference, d.author, d.abstract, d.urgency`;

/** The two halves of an inbox and the order each is shown in, as their indexes have it. */
const open = {
  of: `state = 'open'`,
  key: `coalesce(due_at, 'infinity')`,
  order: 'asc',
  beyond: '>',
};
const done = {
  of: `state <> 'open'`,
  key: `coalesce(done_at, 'infinity')`,
  order: 'desc',
  beyond: '<',
};

/** Shows tasks: a person's own, those of people they stand in for, and those of units they lead. */
@Injectable()
export class Inboxes {
  constructor(
    private readonly database: Database,
    private readonly deadlines: Deadlines,
  ) {}

  async list({ limit = 50, after, show = 'waiting' }: InboxInput, caller: Caller): Promise<Inbox> {
    const [at, id] = keyOf(after) ?? [];
    const { of, key, order, beyond } = show === 'done' ? done : open;
    const range = { due: 'and due_at between now() and $5', late: 'and due_at < now()' }[
      show as string
    ];
    const parameters = [assigneesOf(caller), at, id, limit];
    const items = await this.database.query<Task & { sortKey: string }>(
      `select ${columns}, page.key::text as "sortKey" from (
         select mine.* from unnest($1::uuid[]) as assignee (id) cross join lateral (
           select id as task_id, ${key} as key from task
           where assignee_id = assignee.id and ${of} ${range ?? ''}
             and ($2::timestamptz is null or (${key}, id) ${beyond} ($2, $3::uuid))
           order by ${key} ${order}, id ${order} limit $4) mine
         order by key ${order}, task_id ${order} limit $4) page
       join task t on t.id = page.task_id
       join incoming_document d on d.id = t.document_id
       order by page.key ${order}, t.id ${order}`,
      show === 'due' ? [...parameters, await this.soon(caller)] : parameters,
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.sortKey, last.id) };
  }

  async counts(_: InboxInput, caller: Caller): Promise<InboxCounts> {
    const [counted] = await this.database.query<InboxCounts>(
      `select count(*)::int as waiting,
         count(*) filter (where due_at between now() and $2)::int as due,
         count(*) filter (where due_at < now())::int as late,
         (select count(*)::int from task
           where assignee_id = any ($1::uuid[]) and state <> 'open') as done
       from task where assignee_id = any ($1::uuid[]) and state = 'open'`,
      [assigneesOf(caller), await this.soon(caller)],
    );
    return counted!;
  }

  async find(manager: EntityManager, id: string): Promise<Task> {
    const [task] = await manager.query<Task[]>(
      `select ${columns} from task t join incoming_document d on d.id = t.document_id where t.id = $1`,
      [id],
    );
    return task!;
  }

  private soon({ positions }: Caller): Promise<Date> {
    return this.deadlines.soon(positions[0]?.organisationId ?? '', new Date());
  }
}

/** Whose inboxes a caller sees; a unit's is that of those who may assign its work. */
function assigneesOf({ personId, positions }: Caller): string[] {
  const ids = new Set([personId]);
  for (const { forPersonId, unitId, permissions } of positions) {
    if (forPersonId) ids.add(forPersonId);
    if (permissions.includes('documents.assign')) ids.add(unitId);
  }
  return [...ids];
}
