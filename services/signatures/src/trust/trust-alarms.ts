import { Injectable } from '@nestjs/common';
import { trustExpiring, type TrustExpiringFact } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Hourly } from '@eoffice/platform/hourly';

/** Announces each certificate on the trust lists that comes within an alarm before its end, once. */
@Injectable()
export class TrustAlarms {
  constructor(private readonly database: Database) {}

  /**
   * Raises what is due by the same dated rows as certificates of subscribers (`alarm-days`); 0 days
   * is the end. One found late raises only the alarm nearest its end. Returns how many were raised.
   */
  @Hourly()
  raise(): Promise<number> {
    return this.database.transaction({}, async (manager, emit) => {
      const raised = await manager.query<TrustExpiringFact[]>(
        `with alarm as (
           select distinct value as days from policy_today where code = 'alarm-days'
           union select 0),
         due as (
           select c.anchor_id, c.fingerprint, c.not_after, t.name, min(a.days) as days
           from trust_certificate c join trust_anchor t on t.id = c.anchor_id
           join alarm a on c.not_after <= now() + make_interval(days => a.days)
           where t.valid_from <= local_day() and (t.valid_to is null or t.valid_to >= local_day())
           group by c.anchor_id, c.fingerprint, c.not_after, t.name),
         kept as (
           insert into trust_alarm (anchor_id, fingerprint, days)
           select d.anchor_id, d.fingerprint, d.days from due d
           where not exists (select from trust_alarm e where e.anchor_id = d.anchor_id
             and e.fingerprint = d.fingerprint and e.days <= d.days)
           on conflict do nothing returning anchor_id, fingerprint)
         select anchor_id as "rowId", name, fingerprint, not_after as "notAfter", days
         from kept join due using (anchor_id, fingerprint) order by not_after, anchor_id`,
      );
      for (const fact of raised) emit(trustExpiring, fact.rowId, fact);
      return raised.length;
    });
  }
}
