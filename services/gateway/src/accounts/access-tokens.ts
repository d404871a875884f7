import { Injectable } from '@nestjs/common';
import type { Position } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { positionsOf } from '../directory/positions.js';
import type { AccountRow } from './account.js';
import { SigningKeys } from './signing-keys.js';

/** Permissions that nobody may use without a second factor. */
export const guarded = ['accounts.manage', 'directory.manage', 'upkeep.operate'];
const nowhere = '00000000-0000-0000-0000-000000000000';

/** Makes access tokens: who it is, and what their posts let them do today. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly database: Database,
    private readonly keys: SigningKeys,
  ) {}

  /** Every position of an account on this day, its posts' and those it has without a post. */
  async positionsOf(account: AccountRow): Promise<Position[]> {
    const { manager } = this.database;
    const positions = await positionsOf(manager, account.person_id, localDay());
    if (account.roles.length === 0) return positions;
    const permissions = await permissionsOf(manager, account.roles);
    return [
      {
        postId: account.id,
        unitId: nowhere,
        organisationId: nowhere,
        bloc: 'government',
        reach: 'all',
        permissions,
      },
      ...positions,
    ];
  }

  /** Whether what these positions allow asks for a second factor. */
  needsSecondFactor(positions: Position[]): boolean {
    return positions.some(({ permissions }) => guarded.some((each) => permissions.includes(each)));
  }

  /** An API key has no session. */
  sign(
    { id, personId, name }: { id: string; personId: string; name: string },
    positions: Position[],
    seconds: number,
    session?: string,
  ): Promise<string> {
    const claims = { sub: id, person: personId, name, positions, sid: session };
    return this.keys.sign('at+jwt', claims, seconds);
  }
}

async function permissionsOf(manager: EntityManager, roles: string[]): Promise<string[]> {
  const rows = await manager.query<{ permission: string }[]>(
    `select distinct permission from role_permission where role = any ($1)
     and valid_from <= $2 and (valid_to is null or valid_to >= $2) order by permission`,
    [roles, localDay()],
  );
  return rows.map(({ permission }) => permission);
}
