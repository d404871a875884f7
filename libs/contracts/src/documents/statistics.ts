import { contract } from '../language/contract.js';
import { Count, Day, Id, List, Text } from '../language/fields.js';
import { NotFound } from '../language/problem.js';

export class StatisticsInput {
  @Id({ description: 'The agency' }) organisationId: string;
  @Day() from: string;
  @Day({ description: 'Last day' }) to: string;
}

/** What one unit, or the people of one, was given to lead and how it went. */
export class UnitFigures {
  @Id({ optional: true, description: 'Absent: given to people who left' }) unitId?: string;
  @Text({ max: 200 }) unit: string;
  @Count({ max: 10_000_000 }) received: number;
  @Count({ max: 10_000_000 }) doneInTime: number;
  @Count({ max: 10_000_000 }) doneLate: number;
  @Count({ max: 10_000_000 }) waiting: number;
  @Count({ max: 10_000_000, description: 'Of those waiting, how many are past their deadline' })
  late: number;
}

export class Statistics {
  @Count({ max: 10_000_000, description: 'Incoming documents registered' }) incoming: number;
  @Count({ max: 10_000_000, description: 'Of them completed' }) completed: number;
  @Count({ max: 10_000_000, description: 'Documents issued, cancelled ones left out' })
  issued: number;
  @List(() => UnitFigures, { max: 1_000 }) units: UnitFigures[];
}

export const statistics = contract('documents.statistics', {
  show: {
    summary: 'How many documents each unit received, finished in time, late, or has still to do',
    route: 'GET /documents/statistics',
    permission: 'documents.statistics',
    input: StatisticsInput,
    output: Statistics,
    errors: [NotFound],
  },
});
