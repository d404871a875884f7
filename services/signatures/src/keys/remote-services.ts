import { randomUUID } from 'node:crypto';
import {
  type AddRemoteService,
  type Caller,
  type EndRemoteService,
  NotFound,
  RemoteService,
  type RemoteServiceList,
  remoteServices,
  TooManyRemoteServices,
  everywhere,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf, present } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { SignaturesSettings } from '../config.js';
import { sealingSecret, sealOwn } from './sealing.js';

const permission = 'signatures.keep-trust';
const most = 100;

/** What is read of a service to ask it. */
export interface ServiceRow {
  name: string;
  url: string;
  tokenUrl: string | null;
  clientId: string;
  timeoutSeconds: number;
  clientSecret: Buffer;
}

/** What a sealed secret is for: who changes the addresses in the database does not get it sent there. */
export const boundOf = ({
  url,
  tokenUrl,
  clientId,
}: Pick<ServiceRow, 'url' | 'clientId'> & {
  tokenUrl?: string | null;
}) => Buffer.from(JSON.stringify([url, tokenUrl ?? null, clientId]));

/** Keeps the remote services that may sign for holders. Our secret there is sealed, never shown. */
@Serves(remoteServices)
export class RemoteServices {
  constructor(
    private readonly database: Database,
    private readonly settings: SignaturesSettings,
  ) {}

  async list(): Promise<RemoteServiceList> {
    const items = await this.database.query<RemoteService>(
      `select ${columnsOf(RemoteService)} from remote_service order by name, valid_from, id
       limit ${most}`,
    );
    return { items: items.map(present) };
  }

  add({ clientSecret, ...terms }: AddRemoteService, caller: Caller): Promise<RemoteService> {
    const row: RemoteService = { ...terms, id: randomUUID() };
    return this.database.transaction(caller, async (manager, _, record) => {
      caller.acting(permission, everywhere);
      const secret = sealingSecret(this.settings);
      const sealed = sealOwn(secret, Buffer.from(clientSecret), boundOf(row));
      await manager.query(`select pg_advisory_xact_lock(hashtext('remote services'))`);
      const [count] = await manager.query<{ all: number }[]>(
        'select count(*)::int as all from remote_service',
      );
      if (count!.all >= most) throw new TooManyRemoteServices();
      await manager.query(
        `insert into remote_service (id, name, url, token_url, client_id, timeout_seconds,
           valid_from, legal_basis, client_secret)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          ...[row.id, row.name, row.url, row.tokenUrl ?? null, row.clientId, row.timeoutSeconds],
          ...[row.validFrom, row.legalBasis, sealed],
        ],
      );
      record('signatures.remote-services.added', row.id, { url: row.url });
      return row;
    });
  }

  end({ id, validTo }: EndRemoteService, caller: Caller): Promise<RemoteService> {
    return this.database.transaction(caller, async (manager, _, record) => {
      caller.acting(permission, everywhere);
      const [row] = await manager.query<RemoteService[]>(
        `select ${columnsOf(RemoteService)} from remote_service where id = $1 for update`,
        [id],
      );
      if (!row) throw new NotFound();
      await manager.query('update remote_service set valid_to = $2 where id = $1', [id, validTo]);
      record('signatures.remote-services.ended', id, { validTo });
      return present({ ...row, validTo });
    });
  }
}
