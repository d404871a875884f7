import {
  type BlockCertificate,
  type Caller,
  type Certificate as CertificateReply,
  certificateBlocked,
  type CertificatePage,
  certificateRegistered,
  certificateRevoked,
  certificates,
  type CertificateStatus,
  certificateUnblocked,
  type Coverage,
  type CoverageInput,
  cursorOf,
  type FindCertificate,
  keyOf,
  type LifeHistory,
  type ListCertificates,
  NotFound,
  type RegisterCertificate,
  type RevokeCertificate,
  type StatusInput,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { placeOf, reachOf, withinReach } from '../directory/known-organisations.js';
import { historyOf, keepSteps } from '../life/steps.js';
import { refreshWorkList, settleRevoked } from '../work-list/misfits.js';
import { Certificate } from './certificate.js';
import { coverageOf } from './coverage.js';
import { registerCertificate } from './registration.js';
import { statusOf } from './status.js';

const permission = 'signatures.manage';
const prepare = 'signatures.prepare';

const columns = `c.id, c.holder_kind as "holderKind", c.holder_id as "holderId",
  c.system_name as "systemName", c.agency_id as "agencyId", c.device, c.serial, c.subject, c.issuer,
  c.not_before as "notBefore", c.not_after as "notAfter", c.fingerprint, c.renewals, c.version,
  c.revocation_reason as "revocationReason", c.block_reason as "blockReason",
  case when c.revoked_at is not null then 'revoked' when c.blocked_at is not null then 'blocked'
    when c.not_after < now() then 'expired' when c.not_before > now() then 'not_yet'
    when c.not_after < now() + make_interval(days => widest_alarm()) then 'expiring'
    else 'valid' end as state`;

/** Keeps the register of certificates, and shows who lacks one. */
@Serves(certificates)
export class Certificates {
  constructor(private readonly database: Database) {}

  register(input: RegisterCertificate, caller: Caller): Promise<CertificateReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, await placeOf(manager, input.agencyId));
      const { id, agencyId } = await registerCertificate(manager, input, caller);
      emit(certificateRegistered, id, { certificateId: id, agencyId });
      return find(manager, id);
    });
  }

  async list(input: ListCertificates, caller: Caller): Promise<CertificatePage> {
    const { limit = 50, after, agencyId, expiringWithinDays } = input;
    const [at = null, id = null] = keyOf(after) ?? [];
    const { everywhere, agencies, blocs } = reachOf(caller, ['signatures.read']);
    const items = await this.database.query<CertificateReply & { sortKey: string }>(
      `select ${columns}, c.not_after::text as "sortKey" from certificate c
       where ${withinReach('c.agency_id')} and ($4::uuid is null or c.agency_id = $4)
         and ($5::int is null or (c.revoked_at is null
           and c.not_after between now() and now() + make_interval(days => $5)))
         and ($6::timestamptz is null or (c.not_after, c.id) > ($6, $7::uuid))
       order by c.not_after, c.id limit $8`,
      [
        ...[everywhere, agencies, blocs, agencyId ?? null, expiringWithinDays ?? null],
        ...[at, id, limit],
      ],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.sortKey, last.id) };
  }

  revoke({ id, version, reason }: RevokeCertificate, caller: Caller): Promise<CertificateReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const certificate = await lock(manager, id);
      const { agencyId } = certificate;
      const actor = caller.acting(permission, await placeOf(manager, agencyId));
      certificate.revoke(reason, version);
      await manager.save(certificate);
      await keepSteps(manager, [{ kind: 'revoked', certificateId: id, reason }], actor);
      await settleRevoked(manager, emit, { certificateId: id, note: reason, actor });
      emit(certificateRevoked, id, { certificateId: id, agencyId });
      return find(manager, id);
    });
  }

  block({ id, reason }: BlockCertificate, caller: Caller): Promise<CertificateReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const certificate = await lock(manager, id);
      const { agencyId, holderId } = certificate;
      const place = await placeOf(manager, agencyId);
      const actor = holderId === caller.personId ? caller.actor : caller.acting(prepare, place);
      certificate.block(reason);
      await manager.save(certificate);
      await keepSteps(manager, [{ kind: 'blocked', certificateId: id, reason }], actor);
      await refreshWorkList(manager, emit, { certificateId: id });
      emit(certificateBlocked, id, { certificateId: id, agencyId });
      return find(manager, id);
    });
  }

  unblock({ id, version, reason }: RevokeCertificate, caller: Caller): Promise<CertificateReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const certificate = await lock(manager, id);
      const { agencyId } = certificate;
      const actor = caller.acting(permission, await placeOf(manager, agencyId));
      certificate.unblock(version);
      await manager.save(certificate);
      await keepSteps(manager, [{ kind: 'unblocked', certificateId: id, reason }], actor);
      await refreshWorkList(manager, emit, { certificateId: id });
      emit(certificateUnblocked, id, { certificateId: id, agencyId });
      return find(manager, id);
    });
  }

  status(input: StatusInput): Promise<CertificateStatus> {
    return statusOf(this.database, input);
  }

  async history({ id }: FindCertificate, caller: Caller): Promise<LifeHistory> {
    const { manager } = this.database;
    const certificate = await manager.findOneBy(Certificate, { id });
    if (!certificate) throw noCertificate();
    const place = await placeOf(manager, certificate.agencyId);
    if (!caller.may('signatures.read', place)) throw noCertificate();
    const { requestLineId: lineId } = certificate;
    return { items: await historyOf(manager, { certificateId: id, lineId }) };
  }

  async coverage({ agencyId, on = localDay() }: CoverageInput, caller: Caller): Promise<Coverage> {
    const place = await placeOf(this.database.manager, agencyId);
    if (!caller.may('signatures.read', place)) throw new NotFound();
    return coverageOf(this.database.manager, agencyId, on);
  }
}

async function find(manager: EntityManager, id: string): Promise<CertificateReply> {
  const [found] = await manager.query<CertificateReply[]>(
    `select ${columns} from certificate c where c.id = $1`,
    [id],
  );
  return found!;
}

async function lock(manager: EntityManager, id: string): Promise<Certificate> {
  const lock = { mode: 'pessimistic_write' } as const;
  const certificate = await manager.findOne(Certificate, { where: { id }, lock });
  if (!certificate) throw noCertificate();
  return certificate;
}

const noCertificate = () =>
  new NotFound({ vi: 'Không có chứng thư này', en: 'There is no such certificate' });
