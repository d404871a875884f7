import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { personChanged } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import { GatewaySettings } from '../config.js';
import { keepPassword, mustBeAllowed } from './password-rules.js';
import { hashOf } from './passwords.js';

/** Makes the account `admin` when nobody could sign in otherwise. */
@Injectable()
export class FirstAdministrator implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly settings: GatewaySettings,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  async onApplicationBootstrap() {
    const { initialAdminPassword } = this.settings;
    if (!initialAdminPassword) return;
    const [found] = await this.database.query('select 1 from account limit 1');
    if (found) return;
    const owner = { username: 'admin', totp_confirmed: false };
    await mustBeAllowed(this.database.manager, initialAdminPassword, owner);
    const hash = await hashOf(initialAdminPassword);
    await this.database.transaction({}, async (manager, emit, record) => {
      await manager.query('lock table account in exclusive mode');
      const [other] = await manager.query<unknown[]>('select 1 from account limit 1');
      if (other) return;
      const personId = randomUUID();
      const fullName = 'Quản trị hệ thống';
      await manager.query('insert into person values ($1, $2, null, true)', [personId, fullName]);
      const id = randomUUID();
      await manager.query(
        `insert into account (id, person_id, username, roles)
         values ($1, $2, 'admin', '{administrator}')`,
        [id, personId],
      );
      await keepPassword(manager, id, hash);
      emit(personChanged, personId, { personId, fullName, active: true });
      record('accounts.first-administrator', id, {});
    });
    this.log.info('the account admin was made');
  }
}
