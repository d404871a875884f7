import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import { parsePolicy, resolvePolicy } from 'mailauth/lib/mta-sts.js';
import { MailSettings } from '../config.js';
import { Names } from './names.js';

/** What a domain demands of whoever brings it mail (RFC 8461). */
export interface TransportPolicy {
  policyId: string;
  mode: 'enforce' | 'testing' | 'none';
  mx: string[];
}

interface Kept extends TransportPolicy {
  expired: boolean;
  fresh: boolean;
}

const timeoutMs = 20_000;
/** RFC 8461, 3.3. */
const maxBytes = 64 * 1024;
const longestAgeS = 31_557_600;
const checkedAgain = '1 hour';

/** Knows the MTA-STS policies of domains: fetched over HTTPS, kept as long as they say. */
@Injectable()
export class TransportPolicies {
  private readonly roots?: string;

  constructor(
    private readonly database: Database,
    private readonly names: Names,
    @Inject(ServiceLog) private readonly log: Log,
    { mailRootsFile }: MailSettings,
  ) {
    this.roots = mailRootsFile && readFileSync(mailRootsFile, 'utf8');
  }

  /**
   * The policy in force for a domain, if it has one. What cannot be fetched anew leaves the old one
   * standing until it expires: to be cut off from DNS or HTTPS takes no protection away (RFC 8461, 5.1).
   */
  async of(domain: string): Promise<TransportPolicy | undefined> {
    const kept = await this.kept(domain);
    if (kept?.fresh) return kept;
    const still = kept && !kept.expired ? kept : undefined;
    try {
      const resolver = (name: string) => this.names.texts(name).then((all) => all.map((t) => [t]));
      const policyId = await resolvePolicy(domain, { resolver });
      if (!policyId) return still;
      const { maxAge, ...policy } = await this.fetch(domain);
      await this.keep(domain, { policyId, ...policy }, maxAge);
      return { policyId, ...policy };
    } catch (error) {
      this.log.info({ err: error, domain }, 'no MTA-STS policy fetched');
      return still;
    }
  }

  private async kept(domain: string): Promise<Kept | undefined> {
    const [row] = await this.database.query<Kept>(
      `select policy_id as "policyId", mode, mx, expires_at <= now() as expired,
         expires_at > now() and checked_at > now() - interval '${checkedAgain}' as fresh
       from mta_sts_policy where domain = $1`,
      [domain],
    );
    return row;
  }

  private async keep(domain: string, { policyId, mode, mx }: TransportPolicy, maxAge: number) {
    await this.database.transaction({}, (manager) =>
      manager.query(
        `insert into mta_sts_policy (domain, policy_id, mode, mx, expires_at, checked_at)
         values ($1, $2, $3, $4, now() + make_interval(secs => $5), now())
         on conflict (domain) do update set policy_id = $2, mode = $3, mx = $4,
           expires_at = excluded.expires_at, checked_at = now()`,
        [domain, policyId, mode, mx, maxAge],
      ),
    );
  }

  private async fetch(domain: string) {
    const host = `mta-sts.${domain}`;
    const { open } = await this.names.addresses(host);
    if (open.length === 0) throw new Error(`${host} has no address that may be asked`);
    return policyIn(await fetchText(host, { addresses: open, roots: this.roots }));
  }
}

/** A policy as it is published. Throws for what is none. */
export function policyIn(text: string) {
  const {
    mode,
    mx = [],
    maxAge = 0,
  } = parsePolicy(text) as Partial<TransportPolicy> & {
    maxAge?: number;
  };
  return { mode: mode ?? 'none', mx: mx.slice(0, 100), maxAge: Math.min(maxAge, longestAgeS) };
}

/** Whether a policy names an exchanger; `*.` stands for exactly one label (RFC 8461, 4.1). */
export function namesExchanger({ mx }: TransportPolicy, host: string): boolean {
  return mx.some((pattern) =>
    pattern.startsWith('*.')
      ? host.slice(host.indexOf('.') + 1) === pattern.slice(2) && host.includes('.')
      : host === pattern,
  );
}

/** The policy file of a host, from its own addresses, without following where it leads (3.3). */
export function fetchText(
  host: string,
  { addresses, roots, port = 443 }: { addresses: string[]; roots?: string; port?: number },
): Promise<string> {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  const lookup: LookupFunction = (_, { all }, done) =>
    all ? done(null, found) : done(null, found[0]!.address, found[0]!.family);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host, port, servername: host, path: '/.well-known/mta-sts.txt', agent: false, lookup },
        ca: roots ? [...rootCertificates, roots] : undefined,
        signal: AbortSignal.timeout(timeoutMs),
      },
      async (reply) => {
        try {
          const { statusCode, headers } = reply;
          if (statusCode !== 200) throw new Error(`${host} answers with status ${statusCode}`);
          if (!/^text\/plain\b/i.test(headers['content-type'] ?? ''))
            throw new Error(`${host} answers with something that is not text/plain`);
          let text = '';
          for await (const chunk of reply.setEncoding('utf8')) {
            text += chunk as string;
            if (text.length > maxBytes) throw new Error(`${host} answers with too much`);
          }
          resolve(text);
        } catch (error) {
          reject(error as Error);
        } finally {
          asked.destroy();
        }
      },
    );
    asked.on('error', reject).end();
  });
}
