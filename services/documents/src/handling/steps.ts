import type { Caller, Step, TaskRole } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

interface NewStep {
  documentId: string;
  kind: Step['kind'];
  toUnitId?: string;
  toPersonId?: string;
  role?: TaskRole | 'present';
  note?: string;
}

/** Writes down who did what, for whom, and where it went; rows are only ever added. */
export async function addStep(manager: EntityManager, caller: Caller, step: NewStep) {
  const { actor, personId } = caller;
  await manager.query(
    `insert into step (document_id, kind, person_id, for_person_id, to_unit_id, to_person_id, role, note)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      step.documentId,
      step.kind,
      personId,
      actor?.forPersonId ?? null,
      step.toUnitId ?? null,
      step.toPersonId ?? null,
      step.role ?? null,
      step.note ?? null,
    ],
  );
}

/** Every step of a document, oldest first, with the names people have now and units had then. */
export async function stepsOf(manager: EntityManager, documentId: string): Promise<Step[]> {
  const steps = await manager.query<Step[]>(
    `select s.id::int as id, s.kind, s.at, s.person_id as "personId", p.full_name as person,
       s.for_person_id as "forPersonId", f.full_name as "forPerson", s.to_unit_id as "toUnitId",
       s.to_person_id as "toPersonId", coalesce(t.full_name, (
         select o.name from known_organisation o where o.organisation_id = s.to_unit_id
           and o.valid_from <= (s.at at time zone 'Asia/Ho_Chi_Minh')::date
         order by o.valid_from desc limit 1)) as "to",
       nullif(s.role, 'present') as role, s.note
     from step s
     left join known_person p on p.person_id = s.person_id
     left join known_person f on f.person_id = s.for_person_id
     left join known_person t on t.person_id = s.to_person_id
     where s.document_id = $1 order by s.id limit 1000`,
    [documentId],
  );
  return steps.map((step) => ({ ...step, name: names[step.kind] }));
}

const names: Record<Step['kind'], string> = {
  registered: 'Đăng ký',
  presented: 'Trình lãnh đạo',
  assigned: 'Giao xử lý',
  opinion: 'Cho ý kiến',
  returned: 'Trả lại',
  transferred: 'Chuyển xử lý',
  completed: 'Hoàn thành',
  answered: 'Có văn bản trả lời',
};
