import { createPrivateKey } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import addressparser from 'nodemailer/lib/addressparser';
import { MailSettings } from '../config.js';
import { domainOf } from '../outbound/enqueue.js';
import { nameOf, type WireForm } from '../outbound/wire-form.js';
import { unseal } from './sealing.js';
import { type DkimAlgorithm, dkimSignatures, type Signer } from './sign.js';

interface Row {
  id: string;
  domain: string;
  selector: string;
  algorithm: DkimAlgorithm;
  sealed: Buffer;
}

/** Signs what we send with the keys of the domain in From, so that it aligns (RFC 9989). */
@Injectable()
export class Signers {
  constructor(
    private readonly database: Database,
    private readonly settings: MailSettings,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  /** `DKIM-Signature` fields, each with its line end; none when the domain has no key that signs. */
  async sign(message: WireForm): Promise<string> {
    const domain = fromDomain(message);
    return domain ? dkimSignatures(message, await this.of(domain)) : '';
  }

  /** The keys of the longest ending of a domain that has any. */
  private async of(domain: string): Promise<Signer[]> {
    const rows = await this.database.query<Row>(
      `select id, domain, selector, algorithm, sealed from dkim_key
       where valid_from is not null and valid_to is null
         and ($1 = domain or $1 like '%.' || domain)
       order by length(domain) desc, algorithm desc, valid_from desc limit 20`,
      [domain],
    );
    // One key of each kind: the newest.
    const nearest = rows.filter(
      (row, place) =>
        row.domain === rows[0]!.domain &&
        rows.findIndex((other) => other.algorithm === row.algorithm) === place,
    );
    return nearest.flatMap((row) => {
      const octets = unseal(this.settings.mailSecret ?? '', row.sealed, row.id);
      if (!octets) {
        this.log.error({ key: row.id, domain: row.domain }, 'a DKIM key cannot be unsealed');
        return [];
      }
      const key = createPrivateKey({ key: octets, format: 'der', type: 'pkcs8' });
      return [{ ...row, key }];
    });
  }
}

/** The domain of the one author; mail of several authors or none is signed for nobody. */
function fromDomain({ fields }: WireForm): string | undefined {
  const from = fields.filter((field) => nameOf(field) === 'from');
  if (from.length !== 1) return undefined;
  const value = Buffer.from(from[0]!.slice(from[0]!.indexOf(':') + 1), 'latin1').toString();
  const found = addressparser(value.slice(0, 10_000), { flatten: true });
  return found.length === 1 ? domainOf(found[0]!.address ?? '') : undefined;
}
