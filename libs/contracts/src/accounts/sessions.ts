import { contract } from '../language/contract.js';
import { Choice, Flag, Id, List, Moment, Text } from '../language/fields.js';
import { problem } from '../language/problem.js';
import { Done, Nothing } from '../language/stored-file.js';

export class SignInRefused extends problem(401, 'accounts/sign-in-refused', {
  vi: 'Tên đăng nhập, mật khẩu hoặc mã xác thực không đúng',
  en: 'The user name, password or code is not right',
}) {}
export class CodeRequired extends problem(401, 'accounts/code-required', {
  vi: 'Cần mã xác thực của ứng dụng (TOTP) hoặc mã khôi phục',
  en: 'The code of your authenticator app, or a recovery code, is required',
}) {}
export class Locked extends problem(429, 'accounts/locked', {
  vi: 'Tài khoản tạm khóa vì đăng nhập sai nhiều lần',
  en: 'The account is locked for a while after too many failures',
}) {}
export class SessionOver extends problem(401, 'accounts/session-over', {
  vi: 'Phiên đã kết thúc, hãy đăng nhập lại',
  en: 'The session is over, sign in again',
}) {}
export class WeakPassword extends problem(422, 'accounts/weak-password', {
  vi: 'Mật khẩu quá dễ đoán',
  en: 'The password is too easy to guess',
}) {}

export class SignIn {
  @Text({ max: 254, description: 'User name or official e-mail address' }) username: string;
  @Text({ max: 200, secret: true }) password: string;
  @Text({ max: 40, optional: true, secret: true, description: 'TOTP or recovery code' })
  code?: string;
}

export class Refresh {
  @Text({ max: 200, secret: true }) refreshToken: string;
}

/** A pair of tokens: a short one for requests, a longer one that is exchanged once. */
export class Session {
  @Text({ max: 10_000, secret: true, description: 'Send as `Authorization: Bearer …`' })
  accessToken: string;
  @Moment() accessExpiresAt: Date;
  @Text({ max: 200, secret: true, description: 'Exchange once at POST /v1/sessions/refresh' })
  refreshToken: string;
  @Moment() refreshExpiresAt: Date;
  @Choice(['none', 'used', 'enrol'], {
    description: '`enrol`: this account must set up a second factor before it may do anything else',
  })
  secondFactor: 'none' | 'used' | 'enrol';
}

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
  @Text({ min: 12, max: 200, secret: true }) next: string;
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
  @List(Text({ max: 20 }), { max: 20, description: 'Each opens the account once; shown only now' })
  codes: string[];
  @Flag({ description: 'Sign in again to use your permissions' }) signInAgain: boolean;
}

export const sessions = contract('accounts.sessions', {
  open: {
    summary: 'Sign in with a user name and password, and a code if the account has a second factor',
    route: 'POST /sessions',
    permission: 'public',
    input: SignIn,
    output: Session,
    errors: [SignInRefused, CodeRequired, Locked],
    status: 201,
  },
  refresh: {
    summary: 'Exchange a refresh token for a new pair; a token used twice ends the session',
    route: 'POST /sessions/refresh',
    permission: 'public',
    input: Refresh,
    output: Session,
    errors: [SessionOver],
    status: 201,
  },
  end: {
    summary: 'Sign out: the refresh token is of no more use',
    route: 'POST /sessions/end',
    permission: 'public',
    input: Refresh,
    output: Done,
  },
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
    errors: [SignInRefused, WeakPassword],
  },
  enrol: {
    summary: 'Set up a second factor (TOTP, RFC 6238); it counts once confirmed',
    route: 'POST /me/second-factor',
    permission: 'signed-in',
    input: Nothing,
    output: SecondFactor,
  },
  confirm: {
    summary: 'Confirm the second factor with its first code',
    route: 'POST /me/second-factor/confirm',
    permission: 'signed-in',
    input: ConfirmSecondFactor,
    output: RecoveryCodes,
    errors: [SignInRefused],
  },
});
