import { type Actor, workItemRaised, workItemSettled } from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';

interface Item {
  itemId: string;
  certificateId: string;
  agencyId: string;
  ground: string;
}

const returned = `id as "itemId", certificate_id as "certificateId", agency_id as "agencyId", ground`;

/**
 * Brings the work list in line with the directory and the register for some certificates: a new
 * misfit is raised, one that is none any more withdrawn. What was settled stays so until the facts
 * change. Nothing is ever revoked here.
 */
export async function refreshWorkList(
  manager: EntityManager,
  emit: Emit,
  about: { holderId?: string; agencyId?: string; certificateId?: string },
) {
  const certificates = await manager.query<{ id: string }[]>(
    `select id from certificate where holder_id = $1 or agency_id = $2 or id = $3
     order by id for update`,
    [about.holderId ?? null, about.agencyId ?? null, about.certificateId ?? null],
  );
  if (certificates.length === 0) return;
  const ids = certificates.map(({ id }) => id);
  await manager.query(
    `update work_item w set state = 'withdrawn', settled_at = now(), version = version + 1
     where state = 'open' and certificate_id = any ($1::uuid[])
       and not exists (select from misfit m
         where m.certificate_id = w.certificate_id and m.ground = w.ground)`,
    [ids],
  );
  const raised = await manager.query<Item[]>(
    `insert into work_item
       (id, certificate_id, agency_id, ground, action, detail, legal_basis, effective_on)
     select gen_random_uuid(), c.id, c.agency_id, m.ground, g.action,
       left(coalesce(m.detail, ''), 600), concat_ws('; ', g.legal_basis, m.own_basis), m.effective_on
     from misfit m join certificate c on c.id = m.certificate_id
     join lateral (select * from misfit_ground g where g.code = m.ground
       and g.valid_from <= local_day() and (g.valid_to is null or g.valid_to >= local_day())
       order by g.valid_from desc limit 1) g on true
     where m.certificate_id = any ($1::uuid[]) and not exists (select from work_item w
       where w.certificate_id = m.certificate_id and w.ground = m.ground and w.state <> 'withdrawn'
         and (w.state = 'open' or w.detail = left(coalesce(m.detail, ''), 600)))
     returning ${returned}`,
    [ids],
  );
  for (const item of raised) emit(workItemRaised, item.itemId, item);
}

/** What was to be done about a certificate is done: it was revoked. */
export async function settleRevoked(
  manager: EntityManager,
  emit: Emit,
  { certificateId, note, actor }: { certificateId: string; note: string; actor: Actor },
) {
  const [settled] = await manager.query<[Item[], number]>(
    `update work_item set state = 'done', note = $2, settled_at = now(), settled_by = $3,
       version = version + 1
     where certificate_id = $1 and state = 'open' returning ${returned}`,
    [certificateId, note, actor.personId],
  );
  for (const item of settled) emit(workItemSettled, item.itemId, item);
}
