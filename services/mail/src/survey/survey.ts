import { Readable } from 'node:stream';
import {
  type Caller,
  type Declaration,
  type DeclareUse,
  type IdleInput,
  type IdleMailbox,
  type IdleMailboxes,
  mailSurvey,
  MonthClosed,
  type MonthInput,
  NotFound,
  type Recount,
  type StoredFile,
  type Survey as SurveyReply,
  type SurveyExport,
  type SurveyFigure,
  type SurveyInput,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { present } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { spreadsheet } from '@eoffice/platform/sheets';
import type { EntityManager } from 'typeorm';
import { basisOf } from './basis.js';
import { chartOf } from './chart.js';
import { closedMonth, digestOf } from './closing.js';
import { measure } from './measures.js';
import { agenciesFor, placeOf } from './reach.js';
import { workbookOf } from './workbook.js';

const maxBytes = 20 * 1024 * 1024;

/** Shows how far official mail is used: counted from the ledger, beside what agencies declare. */
@Serves(mailSurvey)
export class Survey {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
  ) {}

  async measure({ month, agencyId }: SurveyInput, caller: Caller): Promise<SurveyReply> {
    const { manager } = this.database;
    if (agencyId) caller.acting('mail.read', await placeOf(manager, agencyId));
    const closed = await closedMonth(manager, month);
    const basis = closed?.basis ?? (await basisOf(manager, month));
    const agencies = agencyId ? new Set([agencyId]) : await agenciesFor(manager, caller);
    const rows = (closed?.items ?? (await measure(manager, basis))).filter((row) =>
      agencies.has(row.agencyId),
    );
    const declared = await declarationsOf(manager, month, [...agencies]);
    const names = await namesOf(manager, rows, basis.lastDay);
    const items = rows.map((row): SurveyFigure => {
      const { name: label, version } = basis.definitions.find(({ code }) => code === row.code)!;
      const own = row.unitId ? undefined : declared.get(`${row.agencyId} ${row.code}`);
      return {
        ...{ ...row, label, version, name: names.get(row.unitId ?? row.agencyId) },
        ...(own && { declared: own.value, declaredOf: own.of }),
      };
    });
    if (!closed) return { month, closed: false, items };
    const { closedAt, sha256 } = closed;
    return { month, closed: true, closedAt: closedAt.toISOString(), sha256, items };
  }

  declare(input: DeclareUse, caller: Caller): Promise<Declaration> {
    const { agencyId, month, code, value, of } = input;
    return this.database.transaction(caller, async (manager, _, record) => {
      const actor = caller.acting('mail.declare', await placeOf(manager, agencyId));
      if (await closedMonth(manager, month)) throw new MonthClosed();
      const [row] = await manager.query<{ declaredAt: Date }[]>(
        `insert into survey_declaration (month, agency_id, code, value, "of", declared_by)
         values ($1, $2, $3, $4, $5, $6) returning declared_at as "declaredAt"`,
        [`${month}-01`, agencyId, code, value, of, actor.personId],
      );
      record('mail.survey.declared', agencyId, input);
      return { ...input, declaredAt: row!.declaredAt.toISOString() };
    });
  }

  async idle({ agencyId, days }: IdleInput, caller: Caller): Promise<IdleMailboxes> {
    const { manager } = this.database;
    caller.acting('mail.read', await placeOf(manager, agencyId));
    const items = await manager.query<IdleMailbox[]>(
      `select m.id as "mailboxId", m.address, m.name, m.kind, used.day as "lastUsedOn",
         not exists (select from mail_ledger o where o.mailbox_id = m.id and o.act = 'opened')
           as "neverOpened",
         (select count(*)::int from mail_ledger r where r.mailbox_id = m.id and r.act = 'received'
           and (used.day is null or r.day > used.day)) as received
       from mailbox m left join lateral (select max(l.day) as day from mail_ledger l
         where l.mailbox_id = m.id and l.act <> 'received' and not l.automatic) used on true
       where m.agency_id = $1 and m.state = 'open'
         and coalesce(used.day < (now() at time zone 'Asia/Ho_Chi_Minh')::date - $2::int, true)
       order by used.day nulls first, lower(m.address) limit 1000`,
      [agencyId, days],
    );
    return { items: items.map(present) };
  }

  async recount({ month }: MonthInput): Promise<Recount> {
    const closed = await closedMonth(this.database.manager, month);
    if (!closed) throw new NotFound();
    const counted = digestOf(await measure(this.database.manager, closed.basis));
    const { sha256: kept, closedAt } = closed;
    return { closedAt: closedAt.toISOString(), kept, counted, equal: kept === counted };
  }

  async export({ format, ...input }: SurveyExport, caller: Caller): Promise<StoredFile> {
    const survey = await this.measure(input, caller);
    const content = format === 'xlsx' ? await workbookOf(survey) : chartOf(survey);
    const kept = await this.files.put(Readable.from([content]), { maxBytes });
    await this.database.record(caller, 'mail.survey.exported', input.month, { format });
    const mediaType = format === 'xlsx' ? spreadsheet : 'image/svg+xml';
    return { ...kept, name: `thu-cong-vu-${input.month}.${format}`, mediaType };
  }
}

async function declarationsOf(manager: EntityManager, month: string, agencyIds: string[]) {
  const rows = await manager.query<{ agencyId: string; code: string; value: number; of: number }[]>(
    `select distinct on (agency_id, code) agency_id as "agencyId", code, value, "of"
     from survey_declaration where month = $1 and agency_id = any ($2::uuid[])
     order by agency_id, code, seq desc`,
    [`${month}-01`, agencyIds],
  );
  return new Map(rows.map(({ agencyId, code, ...rest }) => [`${agencyId} ${code}`, rest]));
}

async function namesOf(
  manager: EntityManager,
  rows: { agencyId: string; unitId?: string }[],
  day: string,
): Promise<Map<string, string>> {
  const ids = new Set(rows.map(({ agencyId, unitId }) => unitId ?? agencyId));
  const named = await manager.query<{ id: string; name: string }[]>(
    `select distinct on (organisation_id) organisation_id as id, name from known_organisation
     where organisation_id = any ($1::uuid[])
     order by organisation_id, valid_from <= $2 desc, valid_from desc`,
    [[...ids], day],
  );
  return new Map(named.map(({ id, name }) => [id, name]));
}
