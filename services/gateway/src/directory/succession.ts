import type { Successor, Successors } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

interface Edge {
  fromId: string;
  toId: string | null;
  kind: string;
  scope: string | null;
}

const maxSteps = 20;

/**
 * Follows the graph of succession up to a day. History is never rewritten: what an organisation
 * issued keeps its issuer, and this says beside it who has the functions now.
 */
export async function successorsOf(
  manager: EntityManager,
  id: string,
  on: string,
): Promise<Successors> {
  const edges = await manager.query<Edge[]>(
    `with recursive walk as (
       select s.*, 1 as step from succession s where s.from_id = $1 and s.effective_on <= $2
       union
       select s.*, w.step + 1 from succession s join walk w on s.from_id = w.to_id
       where s.effective_on <= $2 and s.effective_on >= w.effective_on and w.step < ${maxSteps})
     select distinct from_id as "fromId", to_id as "toId", kind, scope from walk`,
    [id, on],
  );
  const ends = new Map<string, { scope?: string; kinds: string[] }>();
  walk(id, edges, { kinds: [] }, ends, new Set());
  const names = await manager.query<{ id: string; name: string }[]>(
    `select distinct on (organisation_id) organisation_id as id, name from organisation_version
     where organisation_id = any ($1) order by organisation_id, valid_from desc`,
    [[...ends.keys()]],
  );
  const items: Successor[] = names.map(({ id: organisationId, name }) => ({
    organisationId,
    name,
    ...ends.get(organisationId)!,
  }));
  items.sort((a, b) => a.name.localeCompare(b.name, 'vi'));
  const whole = edges.every(({ scope, toId }) => !scope && toId);
  return { items, oneToOne: items.length === 1 && whole };
}

/** An organisation whose every function went on is no end; one that only handed some over is too. */
function walk(
  id: string,
  edges: Edge[],
  path: { scope?: string; kinds: string[] },
  ends: Map<string, { scope?: string; kinds: string[] }>,
  seen: Set<string>,
) {
  if (seen.has(id)) return;
  const next = edges.filter(({ fromId }) => fromId === id);
  const stays = next.length === 0 || next.every(({ kind }) => kind === 'transfer');
  if (stays) ends.set(id, path);
  for (const { toId, kind, scope } of next) {
    if (!toId) continue;
    const further = { scope: scope ?? path.scope, kinds: [...path.kinds, kind] };
    walk(toId, edges, further, ends, new Set([...seen, id]));
  }
}
