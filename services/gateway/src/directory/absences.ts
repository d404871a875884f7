import { AbsenceVersion, Invalid, NotFound, type RecordAbsence } from '@eoffice/contracts';
import { columnsOf } from '@eoffice/platform/keep';
import type { EntityManager } from 'typeorm';
import { placesOf } from './holding.js';

/**
 * Who stands in is somebody else, with a post in each bloc where the absent person has one: nobody
 * comes into the other bloc by standing in. Throws Invalid.
 */
export async function mustStandIn(
  manager: EntityManager,
  { personId, substituteId, validFrom }: RecordAbsence,
) {
  const absent = await placesOf(manager, personId, validFrom);
  const substitute = await placesOf(manager, substituteId, validFrom);
  const missing = absent.some(({ bloc }) => !substitute.some((each) => each.bloc === bloc));
  if (personId !== substituteId && !missing) return;
  const detail = {
    vi: 'phải là người khác, đang giữ chức vụ trong cùng khối',
    en: 'must be somebody else who holds a post in the same bloc',
  };
  throw new Invalid([{ pointer: '/substituteId', detail }]);
}

/** An absence, locked. Throws NotFound. */
export async function lockAbsence(manager: EntityManager, id: string): Promise<AbsenceVersion> {
  const [absence] = await manager.query<AbsenceVersion[]>(
    `select ${columnsOf(AbsenceVersion)} from absence where absence_id = $1 for update`,
    [id],
  );
  if (absence) return absence;
  throw new NotFound({ vi: 'Không có đợt vắng mặt này', en: 'There is no such absence' });
}
