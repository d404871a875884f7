import {
  type Caller,
  statistics,
  type Statistics as StatisticsReply,
  type StatisticsInput,
  type UnitFigures,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, momentOf } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { placeOf } from '../directory/known-organisations.js';

/** Counts what units were given and how it went. */
@Serves(statistics)
export class Statistics {
  constructor(private readonly database: Database) {}

  async show(input: StatisticsInput, caller: Caller): Promise<StatisticsReply> {
    const { organisationId, from, to } = input;
    caller.acting('documents.statistics', await placeOf(this.database.manager, organisationId));
    const period = [organisationId, momentOf(from), momentOf(addDays(to, 1))];
    const [[totals], units] = await Promise.all([
      this.database.query<Omit<StatisticsReply, 'units'>>(
        `select count(*)::int as incoming,
           count(*) filter (where state = 'completed')::int as completed,
           (select count(*)::int from outgoing_document where organisation_id = $1
             and issued_at >= $2 and issued_at < $3 and state not in ('cancelled', 'numbered')) as issued
         from incoming_document
         where organisation_id = $1 and registered_at >= $2 and registered_at < $3`,
        period,
      ),
      this.database.query<UnitFigures>(
        `with led as (
           select t.*, coalesce(t.unit_id, (
             select a.unit_id from known_assignment a where a.person_id = t.person_id
               and a.agency_id = $1 order by a.valid_from desc limit 1)) as unit
           from task t where t.organisation_id = $1 and t.role = 'lead'
             and t.state in ('open', 'done') and t.created_at >= $2 and t.created_at < $3)
         select unit as "unitId", coalesce((
             select name from known_organisation o where o.organisation_id = unit
               and o.valid_from < $3
             order by valid_from desc limit 1), '?') as unit,
           count(*)::int as received,
           count(*) filter (where state = 'done' and (due_at is null or done_at <= due_at))::int as "doneInTime",
           count(*) filter (where state = 'done' and done_at > due_at)::int as "doneLate",
           count(*) filter (where state = 'open')::int as waiting,
           count(*) filter (where state = 'open' and due_at < now())::int as late
         from led group by led.unit order by 2 limit 1000`,
        period,
      ),
    ]);
    return { ...totals!, units };
  }
}
