import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Flag, Id, List, Moment, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Conflict, NotFound } from '../language/problem.js';
import { Done } from '../language/stored-file.js';
import { WeakPassword } from './sessions.js';

export class CreateAccount {
  @Id() personId: string;
  @Text({ min: 3, max: 254, pattern: /^[\p{L}\p{N}._@+-]+$/u }) username: string;
  @Text({
    min: 12,
    max: 200,
    optional: true,
    secret: true,
    description: 'Absent: only OpenID Connect',
  })
  password?: string;
}

export class Account {
  @Id() id: string;
  @Id() personId: string;
  @Text({ max: 254 }) username: string;
  @Flag() disabled: boolean;
  @Flag() secondFactor: boolean;
  @Moment({ optional: true }) lockedUntil?: Date;
}

export class FindAccount {
  @Id() id: string;
}

export class ResetPassword extends FindAccount {
  @Text({ min: 12, max: 200, secret: true }) password: string;
  @Flag({ description: 'Also forget the second factor' }) forgetSecondFactor: boolean = false;
}

export class CreateApiKey {
  @Text({ max: 100, description: 'Which system will use it' }) name: string;
  @List(Text({ max: 60 }), { min: 1, max: 50, description: 'Permissions you have yourself' })
  scopes: string[];
  @Id({ description: 'The agency it acts at' }) organisationId: string;
  @Choice(['organisation', 'bloc', 'all']) reach: 'organisation' | 'bloc' | 'all' = 'organisation';
  @Moment({ optional: true, description: 'A year from now if not said' }) expiresAt?: string;
}

export class ApiKey {
  @Id() id: string;
  @Text({ max: 100 }) name: string;
  @List(Text({ max: 60 }), { max: 50 }) scopes: string[];
  @Id() organisationId: string;
  @Moment() expiresAt: Date;
  @Flag() revoked: boolean;
  @Text({ max: 100, optional: true, secret: true, description: 'Shown only when it is created' })
  key?: string;
}

export class AccountPage extends pageOf(Account) {}
export class ApiKeyPage extends pageOf(ApiKey) {}

export const accounts = contract('accounts.accounts', {
  create: {
    summary: 'Create the account of a person',
    route: 'POST /accounts',
    permission: 'accounts.manage',
    input: CreateAccount,
    output: Account,
    errors: [NotFound, Conflict, WeakPassword],
    status: 201,
  },
  list: {
    summary: 'List accounts',
    route: 'GET /accounts',
    permission: 'accounts.manage',
    input: PageInput,
    output: AccountPage,
  },
  disable: {
    summary: 'Disable an account and end its sessions',
    route: 'POST /accounts/:id/disable',
    permission: 'accounts.manage',
    input: FindAccount,
    output: Account,
    errors: [NotFound],
  },
  enable: {
    summary: 'Enable an account again, and unlock it',
    route: 'POST /accounts/:id/enable',
    permission: 'accounts.manage',
    input: FindAccount,
    output: Account,
    errors: [NotFound],
  },
  resetPassword: {
    summary: 'Give an account a new password and end its sessions',
    route: 'POST /accounts/:id/password',
    permission: 'accounts.manage',
    input: ResetPassword,
    output: Account,
    errors: [NotFound, WeakPassword],
  },
  createApiKey: {
    summary: 'Create an API key for an integration',
    route: 'POST /api-keys',
    permission: 'accounts.manage',
    input: CreateApiKey,
    output: ApiKey,
    errors: [NotFound],
    status: 201,
  },
  apiKeys: {
    summary: 'List API keys',
    route: 'GET /api-keys',
    permission: 'accounts.manage',
    input: PageInput,
    output: ApiKeyPage,
  },
  revokeApiKey: {
    summary: 'Revoke an API key',
    route: 'POST /api-keys/:id/revoke',
    permission: 'accounts.manage',
    input: FindAccount,
    output: Done,
    errors: [NotFound],
  },
});

export class AccountFact {
  @Id() accountId: string;
  @Id({ optional: true }) personId?: string;
}

export const accountCreated = event(
  'accounts.accounts.created.v1',
  'An account was created',
  AccountFact,
);
export const accountDisabled = event(
  'accounts.accounts.disabled.v1',
  'An account was disabled',
  AccountFact,
);
