import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Day, List, Text } from '../language/fields.js';
import { Conflict, NotFound } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';

const code = { pattern: /^[a-z][a-z0-9-]{1,39}$/, max: 40 };
const Permission = () =>
  Text({ max: 60, description: 'As the operation asks for it: documents.read' });

export class CreateRole {
  @Text({ ...code, description: 'What posts and tables name it by' }) code: string;
  @Text({ max: 100 }) name: string;
  @Text({ max: 100, description: 'Its name in English' }) nameEn: string;
}

/** Who holds a permission through a role, and since when. */
export class RolePermission {
  @Permission() permission: string;
  @Day() validFrom: string;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** A role that posts may carry (vai trò). */
export class Role extends CreateRole {
  @List(() => RolePermission, { max: 1_000, description: 'Also those that are to come, or ended' })
  permissions: RolePermission[];
}

export class Roles {
  @List(() => Role, { max: 200 }) items: Role[];
}

export class GrantPermission {
  @Text(code) code: string;
  @Permission() permission: string;
  @Day({ description: 'Today or later' }) validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

export class WithdrawPermission {
  @Text(code) code: string;
  @Permission() permission: string;
  @Day({ description: 'Last day; yesterday takes it at once. Tokens last some minutes more' })
  validTo: string;
}

export const roles = contract('directory.roles', {
  list: {
    summary: 'List the roles that posts may carry, with what each lets its holder do',
    route: 'GET /roles',
    permission: 'signed-in',
    input: Nothing,
    output: Roles,
  },
  create: {
    summary: 'Create a role',
    route: 'POST /roles',
    permission: 'directory.keep-roles',
    input: CreateRole,
    output: Role,
    errors: [Conflict],
    status: 201,
  },
  grant: {
    summary: 'Give a role a permission from a day on',
    route: 'POST /roles/:code/permissions',
    permission: 'directory.keep-roles',
    input: GrantPermission,
    output: Role,
    errors: [NotFound, Conflict],
  },
  withdraw: {
    summary: 'Take a permission from a role after a day',
    route: 'POST /roles/:code/permissions/:permission/withdraw',
    permission: 'directory.keep-roles',
    input: WithdrawPermission,
    output: Role,
    errors: [NotFound],
  },
});

export class RoleFact {
  @Text(code) code: string;
  @Text({ max: 60, optional: true }) permission?: string;
}

export const roleChanged = event(
  'directory.roles.changed.v1',
  'A role was created, or given or denied a permission',
  RoleFact,
);
