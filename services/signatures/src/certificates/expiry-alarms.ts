import { Injectable } from '@nestjs/common';
import { certificateExpired, certificateExpiring } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Hourly } from '@eoffice/platform/hourly';
import { keepSteps } from '../life/steps.js';

const batch = 500;

interface Alarm {
  certificateId: string;
  agencyId: string;
  days: number;
}

/** Announces each certificate that comes within an alarm before its end, and its end, once. */
@Injectable()
export class ExpiryAlarms {
  constructor(private readonly database: Database) {}

  /**
   * Raises what is due, up to 500 at a time. A certificate found late raises only the alarm nearest
   * its end: three letters on one day help nobody. Returns how many were raised.
   */
  @Hourly()
  raise(): Promise<number> {
    return this.database.transaction({}, async (manager, emit) => {
      const raised = await manager.query<Alarm[]>(
        `with alarm as (
           select distinct value as days from policy_today where code = 'alarm-days'
           union select 0),
         due as (
           select c.id, c.agency_id, min(a.days) as days from certificate c
           join alarm a on c.not_after <= now() + make_interval(days => a.days)
           where c.revoked_at is null group by c.id, c.agency_id),
         kept as (
           insert into expiry_alarm (certificate_id, days)
           select d.id, d.days from due d where not exists (select from expiry_alarm e
             where e.certificate_id = d.id and e.days <= d.days)
           order by d.id limit ${batch} on conflict do nothing returning certificate_id, days)
         select k.certificate_id as "certificateId", d.agency_id as "agencyId", k.days
         from kept k join due d on d.id = k.certificate_id`,
      );
      if (raised.length === 0) return 0;
      await keepSteps(
        manager,
        raised.map(({ certificateId, days }) => ({
          ...{ certificateId, kind: days === 0 ? 'expired' : 'expiring' },
          reason: days === 0 ? undefined : `${days}`,
        })),
      );
      for (const { certificateId, agencyId, days } of raised) {
        if (days === 0) emit(certificateExpired, certificateId, { certificateId, agencyId });
        else emit(certificateExpiring, certificateId, { certificateId, agencyId, days });
      }
      return raised.length;
    });
  }
}
