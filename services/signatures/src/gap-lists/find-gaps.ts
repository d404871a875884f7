import type { HolderKind, SubscriberFields } from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { holdsAt } from '../certificates/certificate.js';
import { sealsOf, type Signer, signersOf, whyOf } from '../certificates/coverage.js';
import { nameOn } from '../directory/known-organisations.js';
import type { FoundGap } from './gap-line.js';

interface Ending {
  certificateId: string;
  serial: string;
  holderKind: HolderKind;
  holderId: string;
  systemName: string | null;
  unitId: string | null;
  fullName: string | null;
  title: string | null;
  email: string | null;
  renewable: boolean;
}

/**
 * What an agency lacks today: people in posts that sign without a certificate that holds, a
 * certificate of the agency itself, and renewals of what ends within so many days.
 */
export async function findGaps(
  manager: EntityManager,
  agencyId: string,
  withinDays: number,
): Promise<FoundGap[]> {
  const today = localDay();
  const [known] = await manager.query<{ name: string }[]>(`select ${nameOn('$1::uuid')} as name`, [
    agencyId,
  ]);
  const { name } = known!;
  const signers = await signersOf(manager, agencyId, today);
  const lacking = signers.filter(({ covered }) => !covered).map((each) => newPerson(each, name));
  const sealed = await sealsOf(manager, agencyId, today);
  const ending = await endingWithin(manager, agencyId, withinDays);
  return [
    ...(sealed > 0 ? [] : [newAgency(agencyId, name, 'none')]),
    ...lacking,
    ...ending.map((each) => ended(each, agencyId, name)),
  ];
}

/** Certificates in use that end soon, without a newer one and without a request under way. */
function endingWithin(manager: EntityManager, agencyId: string, withinDays: number) {
  return manager.query<Ending[]>(
    `select c.id as "certificateId", c.serial, c.holder_kind as "holderKind",
       c.holder_id as "holderId", c.system_name as "systemName", p.unit_id as "unitId",
       p.full_name as "fullName", p.title, p.email,
       c.not_after >= now() + make_interval(days => policy_number('renewal-min-days'))
         and c.renewals < policy_number('renewal-max-count') as renewable
     from certificate c
     left join lateral (
       select a.unit_id, n.full_name, n.email, k.title from known_assignment a
       join known_person n using (person_id) join known_post k using (post_id)
       where a.person_id = c.holder_id and a.agency_id = c.agency_id and n.active
         and a.valid_from <= local_day() and (a.valid_to is null or a.valid_to >= local_day())
       order by k.signs desc limit 1) p on c.holder_kind = 'person'
     where c.agency_id = $1 and ${holdsAt('now()')}
       and c.not_after < now() + make_interval(days => $2)
       and (c.holder_kind <> 'person' or p.unit_id is not null)
       and not exists (select from certificate newer
         where newer.holder_kind = c.holder_kind and newer.holder_id = c.holder_id
           and newer.system_name is not distinct from c.system_name
           and newer.revoked_at is null and newer.not_after > c.not_after)
       and not exists (select from request_line l where l.certificate_id = c.id
         and l.form = '04' and l.state in ('requested', 'accepted', 'device_ready', 'delivered'))
     order by c.not_after, c.id limit 500`,
    [agencyId, withinDays],
  );
}

function ended(each: Ending, agencyId: string, agency: string): FoundGap {
  const { holderKind, holderId, certificateId, serial, renewable } = each;
  const name = each.fullName ?? each.systemName ?? agency;
  const email = each.email ?? undefined;
  const unitId = each.unitId ?? agencyId;
  if (renewable) {
    const fields: SubscriberFields = { name, certificateSerial: serial, change: 'renew', email };
    return { unitId, why: 'expiring', form: '04', holderKind, holderId, certificateId, fields };
  }
  if (holderKind === 'agency') return newAgency(agencyId, agency, 'expiring');
  if (holderKind === 'device') {
    const fields = { name, organisation: agency };
    return { unitId, why: 'expiring', form: '03', holderKind, holderId, fields };
  }
  const position = each.title ?? undefined;
  const fields = { fullName: name, email, position, organisation: agency, keyKind: 'token' };
  return { unitId, why: 'expiring', form: '01', holderKind, holderId, fields };
}

function newPerson(signer: Signer, organisation: string): FoundGap {
  const { unitId, personId: holderId, fullName, title: position, email } = signer;
  const why = whyOf(signer) as FoundGap['why'];
  const fields = { fullName, position, organisation, email: email ?? undefined, keyKind: 'token' };
  return { unitId, why, form: '01', holderKind: 'person', holderId, fields };
}

function newAgency(agencyId: string, name: string, why: FoundGap['why']): FoundGap {
  const holder = { holderKind: 'agency', holderId: agencyId, unitId: agencyId } as const;
  return { ...holder, why, form: '02', fields: { name } };
}
