import {
  type Caller,
  cursorOf,
  keyOf,
  type ListWorkItems,
  NotFound,
  type SettleWorkItem,
  type WorkItem as WorkItemReply,
  type WorkItemPage,
  workItemSettled,
  workList,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { placeOf, reachOf, withinReach } from '../directory/known-organisations.js';
import { WorkItem } from './work-item.js';

const columns = `w.id, w.certificate_id as "certificateId", w.agency_id as "agencyId", c.subject,
  w.ground, w.action, w.detail, w.legal_basis as "legalBasis", w.effective_on as "effectiveOn",
  w.raised_at as "raisedAt", w.state, w.note, w.version,
  (select g.title from misfit_ground g where g.code = w.ground
   order by g.valid_from desc limit 1) as title`;

/** Shows which certificates no longer fit, and keeps what was done about each. */
@Serves(workList)
export class WorkList {
  constructor(private readonly database: Database) {}

  async list(input: ListWorkItems, caller: Caller): Promise<WorkItemPage> {
    const { limit = 50, after, agencyId, state = 'open' } = input;
    const [day = null, last = null] = keyOf(after) ?? [];
    const { everywhere, agencies, blocs } = reachOf(caller, ['signatures.read']);
    const items = await this.database.query<WorkItemReply>(
      `select ${columns} from work_item w join certificate c on c.id = w.certificate_id
       where ${withinReach('w.agency_id')} and ($4::uuid is null or w.agency_id = $4)
         and w.state = $5 and ($6::date is null or (w.effective_on, w.id) > ($6, $7::uuid))
       order by w.effective_on, w.id limit $8`,
      [everywhere, agencies, blocs, agencyId ?? null, state, day, last, limit],
    );
    const end = items.length === limit ? items.at(-1) : undefined;
    return { items, next: end && cursorOf(end.effectiveOn, end.id) };
  }

  settle({ id, version, outcome, note }: SettleWorkItem, caller: Caller): Promise<WorkItemReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const item = await manager.findOne(WorkItem, { where: { id }, lock });
      if (!item) throw noItem();
      const { certificateId, agencyId, ground } = item;
      const actor = caller.acting('signatures.manage', await placeOf(manager, agencyId));
      item.settle(version, outcome, note, actor.personId);
      await manager.save(item);
      emit(workItemSettled, id, { itemId: id, certificateId, agencyId, ground });
      return find(manager, id);
    });
  }
}

async function find(manager: EntityManager, id: string): Promise<WorkItemReply> {
  const [found] = await manager.query<WorkItemReply[]>(
    `select ${columns} from work_item w join certificate c on c.id = w.certificate_id
     where w.id = $1`,
    [id],
  );
  return found!;
}

const noItem = () => new NotFound({ vi: 'Không có việc này', en: 'There is no such item' });
