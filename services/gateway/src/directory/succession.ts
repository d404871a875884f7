import { randomUUID } from 'node:crypto';
import {
  Invalid,
  NotFound,
  type RecordSuccession,
  Succession,
  successionRecorded,
  type Successor,
  type Successors,
  WrongParent,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { keep } from '@eoffice/platform/keep';
import type { EntityManager } from 'typeorm';
import { findVersion, valid } from './organisation-versions.js';

interface Edge {
  fromId: string;
  toId: string | null;
  kind: string;
  scope: string | null;
  effectiveOn: string;
}

/** Where a walk has come to: since when, by which kinds, and with which part of the functions. */
interface Path {
  since: string;
  kinds: string[];
  scope?: string;
}

const maxSteps = 20;
const maxScope = 300;

/** Records one edge of the graph; its ends are two organisations of one bloc. */
export async function recordSuccession(
  manager: EntityManager,
  emit: Emit,
  input: RecordSuccession,
  bloc: string,
): Promise<Succession> {
  if (!input.toId !== (input.kind === 'dissolve')) {
    const detail = {
      vi: 'giải thể thì không có cơ quan kế thừa; hình thức khác thì phải có',
      en: 'is absent for a dissolution and needed for anything else',
    };
    throw new Invalid([{ pointer: '/toId', detail }]);
  }
  if (input.toId) {
    if (input.toId === input.fromId) throw new WrongParent();
    const to = await findVersion(manager, input.toId, input.effectiveOn, [bloc]);
    if (!to) {
      throw new NotFound({
        vi: 'Cơ quan kế thừa không tồn tại vào ngày đó',
        en: 'There is no such successor on that day',
      });
    }
  }
  const succession = { successionId: randomUUID(), ...input };
  await keep(manager, 'succession', ['successionId'], Succession, succession);
  emit(successionRecorded, input.fromId, succession);
  return succession;
}

/**
 * Follows the graph of succession up to a day. History is never rewritten: what an organisation
 * issued keeps its issuer, and this says beside it who has the functions now. The graph may hold
 * cycles (a part that split off comes back): a walk only goes on in time, and nowhere twice.
 */
export async function successorsOf(
  manager: EntityManager,
  id: string,
  on: string,
): Promise<Successors> {
  const edges = await manager.query<Edge[]>(
    `with recursive reached as (
       select $1::uuid as id
       union
       select s.to_id from succession s join reached r on s.from_id = r.id
       where s.effective_on <= $2 and s.to_id is not null)
     select s.from_id as "fromId", s.to_id as "toId", s.kind, s.scope,
       s.effective_on as "effectiveOn"
     from succession s join reached r on r.id = s.from_id
     where s.effective_on <= $2 order by s.effective_on, s.succession_id`,
    [id, on],
  );
  const names = await namesOn(manager, [id, ...edges.flatMap(({ toId }) => toId ?? [])], on);
  const { ends, whole } = walk(id, edges, new Set(names.keys()));
  const items: Successor[] = [...ends].map(([organisationId, { kinds, scopes }]) => ({
    organisationId,
    name: names.get(organisationId)!,
    ...(scopes.size > 0 ? { scope: [...scopes].join('; ').slice(0, maxScope) } : {}),
    kinds,
  }));
  items.sort((a, b) => a.name.localeCompare(b.name, 'vi'));
  return { items, oneToOne: items.length === 1 && whole };
}

interface End {
  kinds: string[];
  scopes: Set<string>;
}

/**
 * The organisations where functions have come to rest: those that exist and gave none of their own
 * away but single ones (transfer). `whole` is false when any part went apart or nowhere.
 */
function walk(id: string, edges: Edge[], existing: Set<string>) {
  const ends = new Map<string, End>();
  const seen = new Set<string>();
  let whole = true;
  const waiting: [string, Path][] = [[id, { since: '', kinds: [] }]];
  for (const [at, path] of waiting) {
    if (seen.has(`${at} ${path.since}`) || path.kinds.length >= maxSteps) continue;
    seen.add(`${at} ${path.since}`);
    const onward = edges.filter((each) => each.fromId === at && each.effectiveOn >= path.since);
    if (existing.has(at) && onward.every(({ kind }) => kind === 'transfer')) {
      const end = ends.get(at) ?? { kinds: path.kinds, scopes: new Set() };
      if (path.scope) end.scopes.add(path.scope);
      ends.set(at, end);
    }
    for (const { toId, kind, scope, effectiveOn } of onward) {
      if (scope || !toId) whole = false;
      if (!toId) continue;
      const further = { since: effectiveOn, kinds: [...path.kinds, kind] };
      waiting.push([toId, { ...further, scope: scope ?? path.scope }]);
    }
  }
  return { ends, whole };
}

async function namesOn(manager: EntityManager, ids: string[], on: string) {
  const rows = await manager.query<{ id: string; name: string }[]>(
    `select v.organisation_id as id, v.name from organisation_version v
     where v.organisation_id = any ($1) and ${valid('$2::date')}`,
    [ids, on],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
