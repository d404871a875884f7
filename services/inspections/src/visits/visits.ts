import { randomUUID } from 'node:crypto';
import {
  type Caller,
  Changed,
  type CloseVisit,
  cursorOf,
  type Finding,
  type FindVisit,
  Invalid,
  keyOf,
  NotFound,
  type OpenVisit,
  type Page,
  type PageInput,
  type Recommend,
  type Recommendation,
  recommendationDone,
  recommendationMade,
  type RecordFinding,
  type ReportFollowUp,
  type Visit,
  visitClosed,
  type VisitDetails,
  visitOpened,
  type VisitPage,
  type VisitReport,
  visits,
  VisitState,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { Measurements } from './measurements.js';
import { reportHtml } from './report-html.js';
import {
  detailsOf,
  findRecommendation,
  findVisit,
  listVisits,
  mustFit,
  noVisit,
  placeOf,
} from './visit-rows.js';

const permission = 'inspections.manage';

/** Keeps working visits from their opening to the last follow-up. */
@Serves(visits)
export class Visits {
  constructor(
    private readonly database: Database,
    private readonly measurements: Measurements,
  ) {}

  open(input: OpenVisit, caller: Caller): Promise<Visit> {
    return this.database.transaction(caller, async (manager, emit) => {
      const { organisationId, title, legalBasis, from, to, members, units } = input;
      caller.acting(permission, await placeOf(manager, organisationId));
      await mustFit(manager, input);
      const id = randomUUID();
      await manager.query(
        `insert into visit (id, organisation_id, title, legal_basis, from_on, to_on, state, version)
         values ($1, $2, $3, $4, $5, $6, 'open', 1)`,
        [id, organisationId, title, legalBasis, from, to],
      );
      for (const { personId, role } of members) {
        await manager.query('insert into visit_member values ($1, $2, $3)', [id, personId, role]);
      }
      for (const unit of units) {
        const row = [id, unit.organisationId, unit.on];
        await manager.query(
          'insert into visited_unit values ($1, $2, $3) on conflict do nothing',
          row,
        );
      }
      emit(visitOpened, id, { visitId: id, organisationId });
      return { ...input, id, state: 'open', version: 1 };
    });
  }

  async list({ limit = 50, after }: PageInput, caller: Caller): Promise<VisitPage> {
    const items = await listVisits(this.database.manager, caller, limit, keyOf(after) ?? []);
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.sortKey, last.id) };
  }

  async find({ id }: FindVisit, caller: Caller): Promise<VisitDetails> {
    const { manager } = this.database;
    return detailsOf(manager, await findVisit(manager, id, caller));
  }

  record({ id, organisationId, text, evidence }: RecordFinding, caller: Caller): Promise<Finding> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const visit = await lockOpen(manager, id, caller);
      mustBeVisited(visit, organisationId);
      const finding = { id: randomUUID(), organisationId, text, evidence };
      const [{ at }] = await manager.query<[{ at: Date }]>(
        `insert into finding (id, visit_id, organisation_id, text, evidence, recorded_by)
         values ($1, $2, $3, $4, $5, $6) returning at`,
        [finding.id, id, organisationId, text, evidence ?? null, caller.personId],
      );
      record('inspections.findings.recorded', id, { findingId: finding.id });
      return { ...finding, recordedBy: caller.personId, at };
    });
  }

  recommend(input: Recommend, caller: Caller): Promise<Recommendation> {
    return this.database.transaction(caller, async (manager, emit) => {
      const { id: visitId, organisationId, findingId, text, dueOn } = input;
      await lockOpen(manager, visitId, caller);
      await placeOf(manager, organisationId);
      if (findingId) {
        const found = await manager.query<unknown[]>(
          'select 1 from finding where id = $1 and visit_id = $2',
          [findingId, visitId],
        );
        if (found.length === 0) throw new NotFound();
      }
      const id = randomUUID();
      await manager.query(
        `insert into recommendation (id, visit_id, organisation_id, finding_id, text, due_on, state)
         values ($1, $2, $3, $4, $5, $6, 'open')`,
        [id, visitId, organisationId, findingId ?? null, text, dueOn],
      );
      emit(recommendationMade, id, { recommendationId: id, visitId, organisationId, dueOn });
      return findRecommendation(manager, id);
    });
  }

  /** Whoever may follow up at the agency that it was made to reports; also long after the visit closed. */
  followUp({ id, text, done }: ReportFollowUp, caller: Caller): Promise<Recommendation> {
    return this.database.transaction(caller, async (manager, emit, record) => {
      const [row] = await manager.query<
        { organisationId: string; visitId: string; state: string; dueOn: string }[]
      >(
        `select organisation_id as "organisationId", visit_id as "visitId", state, due_on as "dueOn"
         from recommendation where id = $1 for update`,
        [id],
      );
      if (!row) throw new NotFound();
      const { organisationId, visitId, dueOn } = row;
      caller.acting('inspections.follow-up', await placeOf(manager, organisationId));
      if (row.state === 'done') throw new VisitState();
      const state = done ? 'done' : 'reported';
      await manager.query('update recommendation set state = $2 where id = $1', [id, state]);
      await manager.query(
        'insert into follow_up (recommendation_id, person_id, text, state) values ($1, $2, $3, $4)',
        [id, caller.personId, text, state],
      );
      if (done)
        emit(recommendationDone, id, { recommendationId: id, visitId, organisationId, dueOn });
      else record('inspections.recommendations.reported', id, {});
      return findRecommendation(manager, id);
    });
  }

  close({ id, version }: CloseVisit, caller: Caller): Promise<Visit> {
    return this.database.transaction(caller, async (manager, emit) => {
      const visit = await lockOpen(manager, id, caller);
      if (visit.version !== version) throw new Changed();
      await manager.query(
        `update visit set state = 'closed', version = version + 1 where id = $1`,
        [id],
      );
      emit(visitClosed, id, { visitId: id, organisationId: visit.organisationId });
      return { ...visit, state: 'closed', version: version + 1 };
    });
  }

  async report(input: FindVisit, caller: Caller): Promise<VisitReport> {
    const visit = await this.find(input, caller);
    return {
      visit,
      measuredAt: new Date(),
      figures: await this.measurements.of(visit, caller),
    };
  }

  async reportPage(input: FindVisit, caller: Caller): Promise<Page> {
    const report = await this.report(input, caller);
    return { html: reportHtml(report, await this.measurements.namesOf(report.visit)) };
  }
}

async function lockOpen(manager: EntityManager, id: string, caller: Caller): Promise<Visit> {
  await manager.query('select from visit where id = $1 for update', [id]);
  const visit = await findVisit(manager, id, caller);
  const place = await placeOf(manager, visit.organisationId);
  if (!caller.may('inspections.read', place)) throw noVisit();
  caller.acting(permission, place);
  if (visit.state !== 'open') throw new VisitState();
  return visit;
}

function mustBeVisited({ units }: Visit, organisationId: string) {
  if (units.some((unit) => unit.organisationId === organisationId)) return;
  const detail = { vi: 'không phải đơn vị đoàn đến làm việc', en: 'is no unit of this visit' };
  throw new Invalid([{ pointer: '/organisationId', detail }]);
}
