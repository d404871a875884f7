import { contract } from './contract.js';
import { Day, Id, List, Measure, Text } from './fields.js';

export class FiguresInput {
  @List(Id(), { min: 1, max: 200, description: 'The agencies that are looked at' })
  organisationIds: string[];
  @Day() from: string;
  @Day({ description: 'Last day' }) to: string;
}

/** A figure that a service measured from its own rows: never typed in, and never 0 for unknown. */
export class Figure {
  @Id() organisationId: string;
  @Text({ max: 80, description: 'Stable name: documents.done-in-time' }) code: string;
  @Text({ max: 200, description: 'What it says, in Vietnamese' }) name: string;
  @Measure() value: number;
  @Measure({ optional: true, description: 'Out of how many' }) of?: number;
  @Text({ max: 40 }) unit: string;
}

export class Figures {
  @List(() => Figure, { max: 2_000 }) items: Figure[];
}

/** What a service measures for inspections; asked by other services only. */
export function figuresOf<Service extends string>(service: Service) {
  return contract(`${service}.figures`, {
    measure: {
      summary: `Measure the figures of ${service} for agencies and a period`,
      permission: 'inspections.read',
      input: FiguresInput,
      output: Figures,
      timeoutMs: 5_000,
    },
  });
}
