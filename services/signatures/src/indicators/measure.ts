import type { EntityManager } from 'typeorm';
import { holdsAt } from '../certificates/certificate.js';
import { lookedAt } from '../certificates/coverage.js';
import { withinReach } from '../directory/known-organisations.js';

/** What was measured of one agency on a day. */
export interface AgencyMeasure {
  agencyId: string;
  /** 1 when the agency itself holds a certificate, else 0. */
  sealed: number;
  signers: number;
  covered: number;
  certificates: number;
  /** Of those, how many end soon without a request to renew or a newer one. */
  ending: number;
}

/** Which agencies are measured: a reach, and perhaps only some of them. */
export interface Measured {
  reach: { everywhere: boolean; agencies: string[]; blocs: string[] };
  only?: string[];
}

/** Measures the agencies that there were on a day, at most 1000, from the register and the directory. */
export function measureOn(manager: EntityManager, day: string, { reach, only }: Measured) {
  const { everywhere, agencies, blocs } = reach;
  const moment = '$6::timestamptz';
  return manager.query<AgencyMeasure[]>(
    `with asked as (
       select distinct organisation_id as id from known_organisation
       where agency and valid_from <= $5::date and (valid_to is null or valid_to >= $5)
         and ${withinReach('organisation_id')}
         and ($4::uuid[] is null or organisation_id = any ($4)) limit 1000)
     select a.id as "agencyId", s.*, e.*,
       (exists (select from certificate c where c.holder_kind = 'agency' and c.agency_id = a.id
         and ${holdsAt(moment)}))::int as sealed
     from asked a,
     lateral (
       select count(*)::int as signers, count(*) filter (where exists (select from certificate c
         where c.holder_id = signer.person_id and ${holdsAt(moment)}))::int as covered
       from (select distinct h.person_id from known_assignment h join known_post p using (post_id)
         join known_person n on n.person_id = h.person_id and n.active
         where h.agency_id = a.id and p.signs and h.valid_from <= $5
           and (h.valid_to is null or h.valid_to >= $5)) signer) s,
     lateral (
       select count(*)::int as certificates, count(*) filter (where
         c.not_after < ${moment} + make_interval(days => policy_number('indicator-days'))
         and not exists (select from request_line l join certificate_request r on r.id = l.request_id
           where l.certificate_id = c.id and l.form = '04' and l.state <> 'rejected'
             and r.sent_at <= ${moment})
         and not exists (select from certificate newer where newer.holder_kind = c.holder_kind
           and newer.holder_id = c.holder_id and newer.not_after > c.not_after
           and newer.system_name is not distinct from c.system_name
           and newer.not_before <= ${moment} and newer.revoked_at is null))::int as ending
       from certificate c where c.agency_id = a.id and ${holdsAt(moment)}) e`,
    [everywhere, agencies, blocs, only ?? null, day, lookedAt(day)],
  );
}
