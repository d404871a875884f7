import type { CertificateStatus, StatusInput } from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';

interface Row {
  notBefore: Date;
  notAfter: Date;
  revokedAt: Date | null;
  blockedAt: Date | null;
}

/**
 * The state of a certificate at a moment as the register knows it. A block is looked up among the
 * steps, so that one lifted later still counts for what was signed while it lasted.
 */
export async function statusOf(
  database: Database,
  { fingerprint, at }: StatusInput,
): Promise<CertificateStatus> {
  const moment = at ? new Date(at) : new Date();
  const [row] = await database.query<Row>(
    `select c.not_before as "notBefore", c.not_after as "notAfter",
       case when c.revoked_at <= $2 then c.revoked_at end as "revokedAt",
       (select case s.kind when 'blocked' then s.at end from life_step s
        where s.certificate_id = c.id and s.kind in ('blocked', 'unblocked') and s.at <= $2
        order by s.id desc limit 1) as "blockedAt"
     from certificate c where c.fingerprint = $1`,
    [fingerprint, moment],
  );
  if (!row) return { fingerprint, state: 'unknown' };
  const { notBefore, notAfter, revokedAt, blockedAt } = row;
  if (revokedAt) return { fingerprint, state: 'revoked', since: revokedAt };
  if (blockedAt) return { fingerprint, state: 'blocked', since: blockedAt };
  if (notBefore > moment) return { fingerprint, state: 'not_yet' };
  if (notAfter <= moment) return { fingerprint, state: 'expired', since: notAfter };
  return { fingerprint, state: 'good', since: notBefore };
}
