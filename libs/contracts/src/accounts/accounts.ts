import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Flag, Id, Moment, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Conflict, NotFound } from '../language/problem.js';
import { Password, PasswordReused, WeakPassword } from './sessions.js';

export class CreateAccount {
  @Id() personId: string;
  @Text({ min: 3, max: 254, pattern: /^[\p{L}\p{N}._@+-]+$/u }) username: string;
  @Text({
    min: 8,
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
  @Flag({ description: 'Not used for so long that it must be enabled again' }) dormant: boolean;
  @Moment({ description: 'Last sign-in or refresh, or when it was created or enabled' })
  usedAt: Date;
  @Flag() secondFactor: boolean;
  @Moment({ optional: true, description: 'Closed until then, to some or all addresses' })
  lockedUntil?: Date;
  @Text({ max: 300, optional: true, description: 'The identity provider it is linked to' })
  issuer?: string;
  @Text({ max: 255, optional: true, description: 'Who it is there' }) subject?: string;
}

export class FindAccount {
  @Id() id: string;
}

export class ResetPassword extends FindAccount {
  @Password() password: string;
  @Flag({ description: 'Also forget the second factor' }) forgetSecondFactor: boolean = false;
}

export class LinkIdentity extends FindAccount {
  @Text({
    max: 255,
    description: 'The `sub` that the province’s identity provider gives this person',
  })
  subject: string;
}

export class AccountPage extends pageOf(Account) {}

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
    summary: 'List the accounts of the people you reach',
    route: 'GET /accounts',
    permission: 'accounts.manage',
    input: PageInput,
    output: AccountPage,
  },
  disable: {
    summary: 'Disable an account and end its sessions; what they have in hand dies within minutes',
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
    errors: [NotFound, WeakPassword, PasswordReused],
  },
  link: {
    summary: 'Link an account to an identity at the province’s identity provider',
    route: 'POST /accounts/:id/identity',
    permission: 'accounts.manage',
    input: LinkIdentity,
    output: Account,
    errors: [NotFound, Conflict],
  },
  unlink: {
    summary: 'Unlink an account from the identity provider and end its sessions',
    route: 'POST /accounts/:id/identity/unlink',
    permission: 'accounts.manage',
    input: FindAccount,
    output: Account,
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
