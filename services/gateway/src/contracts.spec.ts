import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { contracts, events, planOf, routeOf, serviceNames, subjectOf } from '@eoffice/contracts';
import { contractServedBy } from '@eoffice/platform/serves';
import { upkeepServedBy } from '@eoffice/platform/upkeep';

// Tests that nobody writes twice: they walk the lists.

const operations = contracts.flatMap((contract) =>
  Object.entries(contract.operations).map(([name, operation]) => ({
    id: subjectOf(contract, name),
    operation,
  })),
);
const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('every operation', () => {
  it.each(operations)('$id says what it does and who may', ({ operation }) => {
    expect(operation.summary.length).toBeGreaterThan(10);
    expect(operation.permission).toMatch(/^(public|signed-in|[a-z-]+\.[a-z-]+)$/);
  });

  it('has a name and a route of its own', () => {
    const ids = operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const routes = operations
      .filter(({ operation }) => operation.route)
      .map(({ operation }) => {
        const { verb, path } = routeOf(operation);
        return `${verb} ${path.replace(/:\w+/g, ':')}`;
      });
    expect(routes.filter((route, index) => routes.indexOf(route) !== index)).toEqual([]);
  });

  it.each(operations.filter(({ operation }) => operation.route?.includes(':')))(
    '$id takes what its route names',
    ({ operation }) => {
      const fields = planOf(operation.input);
      for (const [, name] of operation.route!.matchAll(/:(\w+)/g)) {
        expect(fields.has(name!)).toBe(true);
        expect(fields.get(name!)!.optional).toBe(false);
      }
    },
  );

  it('limits every text and list that comes in', () => {
    const unlimited = operations.flatMap(({ id, operation }) =>
      [...planOf(operation.input)]
        .filter(([, { schema }]) => {
          if (schema.type === 'array') return !schema.maxItems;
          const bounded = schema.maxLength ?? schema.format ?? schema.enum ?? schema.pattern;
          return schema.type === 'string' && !bounded;
        })
        .map(([name]) => `${id} ${name}`),
    );
    expect(unlimited).toEqual([]);
  });
});

describe('every event', () => {
  it.each(events)(
    '$type ends in a version, says when it happens, and whom it concerns',
    (event) => {
      expect(event.type).toMatch(/^[a-z]+(\.[a-z-]+){2}\.v\d+$/);
      expect(event.summary.length).toBeGreaterThan(10);
      expect(planOf(event.data).size).toBeGreaterThan(0);
    },
  );

  it('is declared once', () => {
    const types = events.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
  });
});

describe('every contract', () => {
  it('is served exactly once', async () => {
    const served = await Promise.all(serviceNames.map(contractsServedIn));
    const names = served.flat();
    for (const service of serviceNames) names.push(contractServedBy(upkeepServedBy(service))!.name);
    expect(names.sort()).toEqual(contracts.map(({ name }) => name).sort());
  });
});

/** The names of the contracts a service's sources serve, found through the variables they name. */
async function contractsServedIn(service: string): Promise<string[]> {
  const folder = join(root, 'services', service, 'src');
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
  );
  const every = await import('@eoffice/contracts');
  const names: string[] = [];
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8');
    for (const [, variable, argument] of text.matchAll(/@Serves\((\w+)(?:\('(\w+)'\))?\)/g)) {
      const found = (every as Record<string, unknown>)[variable!];
      const contract = argument ? (found as (name: string) => unknown)(argument) : found;
      names.push((contract as { name: string }).name);
    }
  }
  return names;
}
