import type { Actor, LifeStep } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

/** What happened to a line of a request or a certificate; the one leads to the other. */
export interface Step {
  kind: string;
  lineId?: string | null;
  certificateId?: string | null;
  reason?: string | null;
}

/** Keeps steps in the order given; nothing ever changes one. */
export async function keepSteps(manager: EntityManager, steps: Step[], actor?: Actor) {
  await manager.query(
    `insert into life_step (line_id, certificate_id, kind, reason, person_id, for_person_id)
     select s."lineId", s."certificateId", s.kind, left(s.reason, 300), $2, $3
     from rows from (jsonb_to_recordset($1)
       as ("lineId" uuid, "certificateId" uuid, kind text, reason text)) with ordinality
       as s ("lineId", "certificateId", kind, reason, place) order by place`,
    [JSON.stringify(steps), actor?.personId ?? null, actor?.forPersonId ?? null],
  );
}

/** The steps of a certificate, those of its request first, or of a line alone. */
export function historyOf(
  manager: EntityManager,
  {
    certificateId = null,
    lineId = null,
  }: { certificateId?: string | null; lineId?: string | null },
): Promise<LifeStep[]> {
  return manager.query<LifeStep[]>(
    `select s.id::float8 as id, s.kind, s.at, s.person_id as "personId", p.full_name as person, s.reason
     from life_step s left join known_person p using (person_id)
     where s.certificate_id = $1 or s.line_id = $2 order by s.id limit 500`,
    [certificateId, lineId],
  );
}
