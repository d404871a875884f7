import { contract } from '../language/contract.js';
import { Choice, Flag, Id, List, Moment, Text } from '../language/fields.js';
import { Conflict, NotFound, problem, TooMany } from '../language/problem.js';
import { Done, Nothing } from '../language/stored-file.js';
import {
  Locked,
  Password,
  PasswordReused,
  SessionOver,
  SignInRefused,
  WeakPassword,
} from './sessions.js';

export class SignInAgain extends problem(403, 'accounts/sign-in-again', {
  vi: 'Hãy đăng nhập lại rồi thực hiện ngay việc này',
  en: 'Sign in again, then do this at once',
}) {}

/** One post of the signed-in person. */
export class OwnPost {
  @Id() postId: string;
  @Id() unitId: string;
  @Id() organisationId: string;
  @Choice(['organisation', 'bloc', 'all']) reach: 'organisation' | 'bloc' | 'all';
  @Id({ optional: true, description: 'The absent person stood in for' }) forPersonId?: string;
  @List(Text({ max: 60 }), { max: 100 }) permissions: string[];
}

export class Me {
  @Id() accountId: string;
  @Id() personId: string;
  @Text({ max: 100 }) name: string;
  @List(() => OwnPost, { max: 50 }) positions: OwnPost[];
}

export class NewPassword {
  @Text({ max: 200, secret: true }) current: string;
  @Password() next: string;
}

export class SecondFactor {
  @Text({ max: 500, secret: true, description: 'otpauth:// address for an authenticator app' })
  address: string;
  @Text({ max: 100, secret: true, description: 'The same secret, to type in' }) secret: string;
}

export class ConfirmSecondFactor {
  @Text({ max: 10, secret: true }) code: string;
}

export class RecoveryCodes {
  @List(Text({ max: 30 }), { max: 20, description: 'Each opens the account once; shown only now' })
  codes: string[];
  @Flag({ description: 'Refresh or sign in again to use your permissions' }) signInAgain: boolean;
}

/** A place where the person is signed in. */
export class OwnSession {
  @Id() id: string;
  @Moment() startedAt: Date;
  @Moment({ description: 'Last sign-in or refresh' }) usedAt: Date;
  @Moment() expiresAt: Date;
  @Text({ max: 50, optional: true, description: 'The network it was begun from' }) address?: string;
  @Text({ max: 200, optional: true, description: 'The program, as it calls itself' })
  agent?: string;
  @Flag() secondFactor: boolean;
  @Flag({ description: 'The session that asks' }) current: boolean;
}

export class OwnSessions {
  @List(() => OwnSession, { max: 50 }) items: OwnSession[];
}

export class FindSession {
  @Id() id: string;
}

export const ownAccount = contract('accounts.own-account', {
  me: {
    summary: 'Who am I, and what may I do in which post',
    route: 'GET /me',
    permission: 'signed-in',
    input: Nothing,
    output: Me,
  },
  changePassword: {
    summary: 'Change your own password; all other sessions end',
    route: 'POST /me/password',
    permission: 'signed-in',
    input: NewPassword,
    output: Done,
    errors: [SignInRefused, Locked, TooMany, WeakPassword, PasswordReused, SessionOver, Conflict],
  },
  enrol: {
    summary:
      'Set up a second factor (TOTP, RFC 6238) soon after signing in; it counts once confirmed',
    route: 'POST /me/second-factor',
    permission: 'signed-in',
    input: Nothing,
    output: SecondFactor,
    errors: [Conflict, SignInAgain, SessionOver],
  },
  confirm: {
    summary: 'Confirm the second factor with its first code; all other sessions end',
    route: 'POST /me/second-factor/confirm',
    permission: 'signed-in',
    input: ConfirmSecondFactor,
    output: RecoveryCodes,
    errors: [SignInRefused, Conflict, SessionOver],
  },
  renewRecoveryCodes: {
    summary: 'Get new recovery codes, with a code of the authenticator app; the old ones are void',
    route: 'POST /me/second-factor/recovery-codes',
    permission: 'signed-in',
    input: ConfirmSecondFactor,
    output: RecoveryCodes,
    errors: [SignInRefused, Locked, TooMany, Conflict, SessionOver],
  },
  sessions: {
    summary: 'Where am I signed in',
    route: 'GET /me/sessions',
    permission: 'signed-in',
    input: Nothing,
    output: OwnSessions,
  },
  endSession: {
    summary: 'End one of your own sessions; what it has in hand dies within minutes',
    route: 'POST /me/sessions/:id/end',
    permission: 'signed-in',
    input: FindSession,
    output: Done,
    errors: [NotFound],
  },
});
