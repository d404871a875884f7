import { generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import {
  type Caller,
  Conflict,
  dkim,
  type DkimCheck,
  type DkimKey,
  dkimKeyActivated,
  type DkimKeyOf,
  dkimKeyRetired,
  type DkimKeys,
  DkimNotPublished,
  DkimRetired,
  MailKeysNotSetUp,
  type MakeDkimKey,
  NotFound,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { MailSettings } from '../config.js';
import { Names, NoAnswer } from '../outbound/names.js';
import { seal } from './sealing.js';
import { recordName, recordValue, saysKey } from './record.js';

const generate = promisify(generateKeyPair) as unknown as (
  type: string,
  options: object,
) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>;

type Row = Omit<DkimKey, 'recordName' | 'recordValue'> & { publicKey: string };

const columns = `id, domain, selector, algorithm, public_key as "publicKey",
  created_at as "createdAt", checked_at as "checkedAt", found, valid_from as "validFrom",
  valid_to as "validTo"`;

/** Keeps the keys by which mail of our domains is signed. */
@Serves(dkim)
export class Dkim {
  constructor(
    private readonly database: Database,
    private readonly names: Names,
    private readonly settings: MailSettings,
  ) {}

  async list(): Promise<DkimKeys> {
    const rows = await this.database.query<Row>(
      `select ${columns} from dkim_key order by domain, created_at desc limit 1000`,
    );
    return { items: rows.map(shown) };
  }

  async make(input: MakeDkimKey, caller: Caller): Promise<DkimKey> {
    const { mailSecret } = this.settings;
    if (!mailSecret) throw new MailKeysNotSetUp();
    const { domain, selector, algorithm } = input;
    const { publicKey, privateKey } = await (algorithm === 'rsa-sha256'
      ? generate('rsa', { modulusLength: 2048 })
      : generate('ed25519', {}));
    const id = randomUUID();
    const sealed = seal(mailSecret, privateKey.export({ format: 'der', type: 'pkcs8' }), id);
    return this.database.transaction(caller, async (manager, _, record) => {
      const rows = await manager.query<Row[]>(
        `insert into dkim_key (id, domain, selector, algorithm, public_key, sealed)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning ${columns}`,
        [id, domain, selector, algorithm, published(publicKey), sealed],
      );
      if (!rows[0]) throw new Conflict();
      record('mail.dkim.make', id, { domain, selector, algorithm });
      return shown(rows[0]);
    });
  }

  async check({ id }: DkimKeyOf, caller: Caller): Promise<DkimCheck> {
    const row = await keyIn(this.database.manager, id);
    const answer = await this.ask(row);
    await this.database.transaction(caller, async (manager) => {
      await manager.query('update dkim_key set checked_at = now(), found = $2 where id = $1', [
        id,
        answer.found,
      ]);
      return {};
    });
    return answer;
  }

  async activate({ id }: DkimKeyOf, caller: Caller): Promise<DkimKey> {
    const { published, found } = await this.ask(await keyIn(this.database.manager, id));
    return this.database.transaction(caller, async (manager, emit) => {
      const row = await keyIn(manager, id, 'for update');
      if (row.validTo) throw new DkimRetired();
      if (!published) throw new DkimNotPublished();
      const { domain, selector } = row;
      const changed = await update(
        manager,
        'valid_from = coalesce(valid_from, now()), checked_at = now(), found = $2',
        [id, found],
      );
      if (!row.validFrom) emit(dkimKeyActivated, id, { keyId: id, domain, selector });
      return shown(changed);
    });
  }

  retire({ id }: DkimKeyOf, caller: Caller): Promise<DkimKey> {
    return this.database.transaction(caller, async (manager, emit) => {
      const row = await keyIn(manager, id, 'for update');
      if (row.validTo) return shown(row);
      const changed = await update(manager, 'valid_to = now(), sealed = null', [id]);
      emit(dkimKeyRetired, id, { keyId: id, domain: row.domain, selector: row.selector });
      return shown(changed);
    });
  }

  private async ask(row: Row): Promise<DkimCheck> {
    const texts = await this.names.texts(recordName(row)).catch((error: unknown) => {
      if (error instanceof NoAnswer) return [];
      throw error;
    });
    const found = texts.join(' | ').slice(0, 1_000);
    return { published: texts.length === 1 && saysKey(texts[0]!, row), found };
  }
}

async function keyIn(manager: EntityManager, id: string, lock = ''): Promise<Row> {
  const [row] = await manager.query<Row[]>(
    `select ${columns} from dkim_key where id = $1 ${lock}`,
    [id],
  );
  if (!row) throw new NotFound();
  return row;
}

async function update(manager: EntityManager, changes: string, values: unknown[]): Promise<Row> {
  const [rows] = await manager.query<[Row[], number]>(
    `update dkim_key set ${changes} where id = $1 returning ${columns}`,
    values,
  );
  return rows[0]!;
}

/** `p=` of the record: the whole SPKI of RSA (RFC 6376, 3.6.1), the bare key of Ed25519 (RFC 8463). */
function published(key: KeyObject): string {
  const spki = key.export({ format: 'der', type: 'spki' });
  return (key.asymmetricKeyType === 'ed25519' ? spki.subarray(-32) : spki).toString('base64');
}

const shown = ({ publicKey, ...row }: Row): DkimKey => ({
  ...row,
  recordName: recordName(row),
  recordValue: recordValue({ ...row, publicKey }),
});
