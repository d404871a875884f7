import {
  Conflict,
  type Caller,
  contracts,
  type CreateRole,
  type GrantPermission,
  Invalid,
  NotFound,
  type Role,
  roleChanged,
  type RolePermission,
  roles,
  type Roles as RolesReply,
  type Sentence,
  type WithdrawPermission,
  everywhere,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';

const keeping = 'directory.keep-roles';
const asked = new Set(
  contracts.flatMap(({ operations }) =>
    Object.values(operations).map(({ permission }) => permission),
  ),
);

/** Serves what roles let their holders do: rows with validity, so that the past stays as it was. */
@Serves(roles)
export class Roles {
  constructor(private readonly database: Database) {}

  async list(): Promise<RolesReply> {
    return { items: await rolesIn(this.database.manager) };
  }

  create(input: CreateRole, caller: Caller): Promise<Role> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(keeping, everywhere);
      const { code, name, nameEn } = input;
      const made = await manager.query<unknown[]>(
        `insert into role (code, name, name_en) values ($1, $2, $3)
         on conflict do nothing returning 1`,
        [code, name, nameEn],
      );
      if (made.length === 0) throw new Conflict({ vi: 'Đã có vai trò này', en: 'The role exists' });
      emit(roleChanged, code, { code });
      return { ...input, permissions: [] };
    });
  }

  grant(input: GrantPermission, caller: Caller): Promise<Role> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(keeping, everywhere);
      const { code, permission, validFrom, legalBasis } = input;
      const { permissions } = await lockRole(manager, code);
      if (validFrom < localDay()) throw notInThePast('/validFrom');
      await mustExist(manager, permission);
      if (permissions.some((each) => each.permission === permission && lastsOn(each, validFrom))) {
        throw new Conflict({
          vi: 'Vai trò đã có hoặc sẽ có quyền này',
          en: 'The role has this permission, or is to have it',
        });
      }
      await manager.query(
        `insert into role_permission (role, permission, valid_from, legal_basis)
         values ($1, $2, $3, $4)`,
        [code, permission, validFrom, legalBasis],
      );
      emit(roleChanged, code, { code, permission });
      return roleIn(manager, code);
    });
  }

  withdraw({ code, permission, validTo }: WithdrawPermission, caller: Caller): Promise<Role> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(keeping, everywhere);
      const { permissions } = await lockRole(manager, code);
      if (validTo < addDays(localDay(), -1)) throw notInThePast('/validTo');
      const held = permissions.filter((each) => each.permission === permission && !each.validTo);
      if (held.length === 0) {
        throw new NotFound({
          vi: 'Vai trò không có quyền này',
          en: 'The role does not have this permission',
        });
      }
      // What was to begin later never does.
      await manager.query(
        `delete from role_permission
         where role = $1 and permission = $2 and valid_to is null and valid_from > $3`,
        [code, permission, validTo],
      );
      await manager.query(
        `update role_permission set valid_to = $3
         where role = $1 and permission = $2 and valid_to is null`,
        [code, permission, validTo],
      );
      emit(roleChanged, code, { code, permission });
      return roleIn(manager, code);
    });
  }
}

const lastsOn = ({ validTo }: RolePermission, day: string) => !validTo || validTo >= day;

/** Changes of one role come one after the other. */
async function lockRole(manager: EntityManager, code: string): Promise<Role> {
  const found = await manager.query<unknown[]>('select 1 from role where code = $1 for update', [
    code,
  ]);
  if (found.length === 0) {
    throw new NotFound({ vi: `Không có vai trò ${code}`, en: `There is no role ${code}` });
  }
  return roleIn(manager, code);
}

async function roleIn(manager: EntityManager, code: string): Promise<Role> {
  return (await rolesIn(manager, code))[0]!;
}

function rolesIn(manager: EntityManager, code?: string): Promise<Role[]> {
  return manager.query<Role[]>(
    `select code, name, name_en as "nameEn", coalesce((
       select json_agg(json_strip_nulls(json_build_object('permission', permission,
         'validFrom', valid_from, 'validTo', valid_to, 'legalBasis', legal_basis))
         order by permission, valid_from)
       from role_permission where role = code), '[]') as permissions
     from role where $1::text is null or code = $1 order by code limit 200`,
    [code ?? null],
  );
}

/** A permission is what some operation asks for, or what the house began with beside those. */
async function mustExist(manager: EntityManager, permission: string) {
  if (asked.has(permission) && !['public', 'signed-in'].includes(permission)) return;
  const known = await manager.query<unknown[]>(
    'select 1 from role_permission where permission = $1 limit 1',
    [permission],
  );
  if (known.length > 0) return;
  const detail = { vi: 'không thao tác nào cần quyền này', en: 'no operation asks for this' };
  throw new Invalid([{ pointer: '/permission', detail }]);
}

const past: Sentence = { vi: 'không được ở quá khứ', en: 'must not be in the past' };
const notInThePast = (pointer: string) => new Invalid([{ pointer, detail: past }]);
