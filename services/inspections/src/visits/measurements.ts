import { Injectable } from '@nestjs/common';
import {
  type Caller,
  figuresOf,
  measuring,
  Problem,
  type ReportFigure,
  type VisitDetails,
} from '@eoffice/contracts';
import { clientOf } from '@eoffice/platform/client-of';
import { Database } from '@eoffice/platform/database';
import { addDays } from '@eoffice/platform/local-time';
import { Services } from '@eoffice/platform/services';

/** How far back from the end of a visit figures are measured: what was visited is the past year. */
const measuredDays = 365;

/** Asks the other services to measure what a visit looks at, each from its own rows. */
@Injectable()
export class Measurements {
  constructor(
    private readonly services: Services,
    private readonly database: Database,
  ) {}

  /** A line for each unit and service; one that gave no figure says so, it is never a zero. */
  async of(visit: VisitDetails, caller: Caller): Promise<ReportFigure[]> {
    const organisationIds = visit.units.map(({ organisationId }) => organisationId);
    const input = { organisationIds, from: addDays(visit.to, -measuredDays), to: visit.to };
    const names = await this.namesOf(visit);
    const answers = await Promise.all(
      measuring.map(async (source) => {
        try {
          const { items } = await clientOf(figuresOf(source), this.services).measure(input, caller);
          return { source, items };
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          return { source, items: [] };
        }
      }),
    );
    return answers.flatMap(({ source, items }) =>
      organisationIds.flatMap((organisationId): ReportFigure[] => {
        const line = { organisationId, unit: names.get(organisationId) ?? '?', source };
        const own = items.filter((figure) => figure.organisationId === organisationId);
        if (own.length === 0) return [{ ...line, name: 'Không đo được', measured: false }];
        return own.map(({ code, name, value, of, unit: counted }) => ({
          ...{ ...line, code, name, value, of, counted },
          measured: true,
        }));
      }),
    );
  }

  /** The names of a visit's units and people as they are now, by id. */
  async namesOf({ units, members, organisationId }: VisitDetails): Promise<Map<string, string>> {
    const rows = await this.database.query<{ id: string; name: string }>(
      `select distinct on (organisation_id) organisation_id as id, name from known_organisation
       where organisation_id = any ($1::uuid[])
       union all select person_id, full_name from known_person where person_id = any ($2::uuid[])`,
      [
        [organisationId, ...units.map((unit) => unit.organisationId)],
        members.map(({ personId }) => personId),
      ],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}
