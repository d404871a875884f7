import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import type { Domains } from './address.js';

/** The domains that are official or private on this day. */
export async function domainsToday(manager: EntityManager): Promise<Domains> {
  const rows = await manager.query<{ domain: string; verdict: 'official' | 'private' }[]>(
    `select domain, verdict from mail_domain
     where valid_from <= $1 and (valid_to is null or valid_to >= $1)`,
    [localDay()],
  );
  return new Map(rows.map(({ domain, verdict }) => [domain, verdict]));
}
