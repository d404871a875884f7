import { randomUUID } from 'node:crypto';
import {
  type Caller,
  type Certificate,
  type CertificatePage,
  certificateRegistered,
  certificateRevoked,
  certificates,
  Changed,
  Conflict,
  type Coverage,
  type CoverageInput,
  cursorOf,
  keyOf,
  type ListCertificates,
  NotFound,
  type Place,
  type RegisterCertificate,
  type RevokeCertificate,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { coverageOf } from './coverage.js';
import { readCertificate } from './read-certificate.js';

const permission = 'signatures.manage';

const columns = `c.id, c.holder_kind as "holderKind", c.holder_id as "holderId",
  c.agency_id as "agencyId", c.device, c.serial, c.subject, c.issuer, c.not_before as "notBefore",
  c.not_after as "notAfter", c.fingerprint, c.revocation_reason as "revocationReason", c.version,
  case when c.revoked_at is not null then 'revoked' when c.not_after < now() then 'expired'
    when c.not_before > now() then 'not_yet'
    when c.not_after < now() + make_interval(days => (
      select days from renewal_window where valid_from <= current_date
      order by valid_from desc limit 1)) then 'expiring'
    else 'valid' end as state`;

/** Keeps the register of certificates, and shows who lacks one. */
@Serves(certificates)
export class Certificates {
  constructor(private readonly database: Database) {}

  register(input: RegisterCertificate, caller: Caller): Promise<Certificate> {
    const read = readCertificate(input.pem);
    return this.database.transaction(caller, async (manager, emit) => {
      const { holderKind, holderId, agencyId, device, pem } = input;
      caller.acting(permission, await placeOf(manager, agencyId));
      await mustHold(manager, input);
      const known = await manager.query<unknown[]>(
        'select 1 from certificate where fingerprint = $1',
        [read.fingerprint],
      );
      if (known.length > 0) throw alreadyThere();
      const id = randomUUID();
      await manager.query(
        `insert into certificate (id, holder_kind, holder_id, agency_id, device, serial, subject,
           issuer, not_before, not_after, fingerprint, pem, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)`,
        [
          ...[id, holderKind, holderId, agencyId, device, read.serial, read.subject, read.issuer],
          ...[read.notBefore, read.notAfter, read.fingerprint, pem],
        ],
      );
      emit(certificateRegistered, id, { certificateId: id, agencyId });
      return find(manager, id);
    });
  }

  async list(input: ListCertificates, caller: Caller): Promise<CertificatePage> {
    const { limit = 50, after, agencyId, expiringWithinDays } = input;
    const [at = null, id = null] = keyOf(after) ?? [];
    const { wide, agencies } = reachOf(caller);
    const items = await this.database.query<Certificate & { sortKey: string }>(
      `select ${columns}, c.not_after::text as "sortKey" from certificate c
       where ($1 or c.agency_id = any ($2::uuid[])) and ($3::uuid is null or c.agency_id = $3)
         and ($4::int is null or (c.revoked_at is null
           and c.not_after between now() and now() + make_interval(days => $4)))
         and ($5::timestamptz is null or (c.not_after, c.id) > ($5, $6::uuid))
       order by c.not_after, c.id limit $7`,
      [wide, agencies, agencyId ?? null, expiringWithinDays ?? null, at, id, limit],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.sortKey, last.id) };
  }

  revoke({ id, version, reason }: RevokeCertificate, caller: Caller): Promise<Certificate> {
    return this.database.transaction(caller, async (manager, emit) => {
      const [row] = await manager.query<{ agencyId: string; version: number; revoked: boolean }[]>(
        `select agency_id as "agencyId", version, revoked_at is not null as revoked
         from certificate where id = $1 for update`,
        [id],
      );
      if (!row) throw new NotFound();
      caller.acting(permission, await placeOf(manager, row.agencyId));
      if (row.version !== version) throw new Changed();
      if (row.revoked) throw new Conflict();
      await manager.query(
        `update certificate set revoked_at = now(), revocation_reason = $2, version = version + 1
         where id = $1`,
        [id, reason],
      );
      emit(certificateRevoked, id, { certificateId: id, agencyId: row.agencyId });
      return find(manager, id);
    });
  }

  async coverage({ agencyId, on = localDay() }: CoverageInput, caller: Caller): Promise<Coverage> {
    const place = await placeOf(this.database.manager, agencyId);
    if (!caller.may('signatures.read', place)) throw noAgency();
    return coverageOf(this.database, agencyId, on);
  }
}

async function find(manager: EntityManager, id: string): Promise<Certificate> {
  const [found] = await manager.query<Certificate[]>(
    `select ${columns} from certificate c where c.id = $1`,
    [id],
  );
  return found!;
}

async function placeOf(manager: EntityManager, agencyId: string): Promise<Place> {
  const [place] = await manager.query<Place[]>(
    'select organisation_id as id, bloc from known_organisation where organisation_id = $1 limit 1',
    [agencyId],
  );
  if (!place) throw noAgency();
  return place;
}

/** The holder must belong to the agency: a certificate of somebody unknown covers nobody. */
async function mustHold(
  manager: EntityManager,
  { holderKind, holderId, agencyId }: RegisterCertificate,
) {
  if (holderKind === 'agency') {
    if (holderId !== agencyId) throw noHolder();
    return;
  }
  const [held] = await manager.query<unknown[]>(
    'select 1 from known_assignment where person_id = $1 and agency_id = $2 limit 1',
    [holderId, agencyId],
  );
  if (!held) throw noHolder();
}

function reachOf({ positions }: Caller) {
  const reading = positions.filter(({ permissions }) => permissions.includes('signatures.read'));
  return {
    wide: reading.some(({ reach }) => reach !== 'organisation'),
    agencies: reading.map(({ organisationId }) => organisationId),
  };
}

const noAgency = () => new NotFound({ vi: 'Không có cơ quan này', en: 'There is no such agency' });
const noHolder = () =>
  new NotFound({ vi: 'Người giữ không thuộc cơ quan', en: 'The holder does not belong there' });
const alreadyThere = () =>
  new Conflict({
    vi: 'Chứng thư này đã có trong sổ',
    en: 'This certificate is registered already',
  });
