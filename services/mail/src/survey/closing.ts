import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { mailSurveyClosed } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Hourly } from '@eoffice/platform/hourly';
import { addDays, localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { basisOf, firstDayAfter } from './basis.js';
import { measure, type Measured } from './measures.js';

/** Mail that was accepted in a month may be settled a little later; then the month is counted for good. */
const graceDays = 3;
const mostAtOnce = 24;

/** SHA-256 of figures in their one spelling: sorted rows, sorted keys, no space. */
export function digestOf(items: Measured[]): string {
  const spelled = items.map(({ agencyId, code, of, unitId, value }) => ({
    ...{ agencyId, code, of, unitId, value },
  }));
  return hash('sha256', JSON.stringify(spelled), 'hex');
}

/** Counts each month that is over for good, once, and announces it. */
@Injectable()
export class SurveyClosing {
  constructor(private readonly database: Database) {}

  /** Closes what is due; answers the months that were closed. */
  @Hourly()
  async close(): Promise<string[]> {
    const closed: string[] = [];
    for (let month = await this.next(); month && closed.length < mostAtOnce;) {
      closed.push(month);
      await this.closeMonth(month);
      month = await this.next();
    }
    return closed;
  }

  private async next(): Promise<string | undefined> {
    const [row] = await this.database.query<{ firstDay: string | null }>(
      `select coalesce((select max(month) + interval '1 month' from survey_month),
         date_trunc('month', (select min(day) from (
           select day from mail_ledger where seq = (select min(seq) from mail_ledger)
           union all select min(day) from survey_mailbox) as began)))::date as "firstDay"`,
    );
    if (!row?.firstDay) return undefined;
    const last = addDays(firstDayAfter(row.firstDay), graceDays);
    return localDay() >= last ? row.firstDay.slice(0, 7) : undefined;
  }

  private closeMonth(month: string): Promise<void> {
    return this.database.transaction({}, async (manager, emit) => {
      // Waits for whoever is writing: below the last row, none is missing.
      await manager.query(
        'lock table mail_ledger, survey_assignment, survey_mailbox in share mode',
      );
      const basis = await basisOf(manager, month);
      const items = await measure(manager, basis);
      const sha256 = digestOf(items);
      const kept = await manager.query<unknown[]>(
        `insert into survey_month (month, basis, items, sha256)
         values ($1, $2, $3, decode($4, 'hex')) on conflict do nothing returning 1`,
        [`${month}-01`, JSON.stringify(basis), JSON.stringify(items), sha256],
      );
      if (kept.length > 0) emit(mailSurveyClosed, month, { month, sha256 });
    });
  }
}

export interface ClosedMonth {
  basis: Awaited<ReturnType<typeof basisOf>>;
  items: Measured[];
  sha256: string;
  closedAt: Date;
}

/** A month that was counted for good; undefined for one that was not. */
export async function closedMonth(
  manager: EntityManager,
  month: string,
): Promise<ClosedMonth | undefined> {
  const [row] = await manager.query<ClosedMonth[]>(
    `select basis, items, encode(sha256, 'hex') as sha256, closed_at as "closedAt"
     from survey_month where month = $1`,
    [`${month}-01`],
  );
  return row;
}
