import { contract } from '../language/contract.js';
import { Choice, Moment, Text } from '../language/fields.js';
import { NotFound, problem, TooMany } from '../language/problem.js';
import { Done } from '../language/stored-file.js';

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
export class AccountDisabled extends problem(403, 'accounts/disabled', {
  vi: 'Tài khoản đang bị khóa, hãy liên hệ quản trị viên',
  en: 'The account is disabled, ask an administrator',
}) {}
export class PasswordExpired extends problem(403, 'accounts/password-expired', {
  vi: 'Mật khẩu đã quá hạn, phải đổi mật khẩu mới đăng nhập được',
  en: 'The password is too old and must be changed before you can sign in',
}) {}
export class SessionOver extends problem(401, 'accounts/session-over', {
  vi: 'Phiên đã kết thúc, hãy đăng nhập lại',
  en: 'The session is over, sign in again',
}) {}
export class WeakPassword extends problem(422, 'accounts/weak-password', {
  vi: 'Mật khẩu quá dễ đoán',
  en: 'The password is too easy to guess',
}) {}
export class PasswordReused extends problem(422, 'accounts/password-reused', {
  vi: 'Mật khẩu này đã dùng gần đây',
  en: 'This password was used not long ago',
}) {}
/** The browser's part of a sign-in at the province's provider took too long, or was done already. */
export class SignInOver extends problem(401, 'accounts/sign-in-over', {
  vi: 'Lần đăng nhập này đã quá hạn hoặc đã dùng, hãy bắt đầu lại',
  en: 'This sign-in is over or was used already, begin again',
}) {}
export class ProviderRefused extends problem(401, 'accounts/provider-refused', {
  vi: 'Hệ thống xác thực của tỉnh không xác nhận lần đăng nhập này',
  en: 'The identity provider did not confirm this sign-in',
}) {}
export class NotLinked extends problem(403, 'accounts/not-linked', {
  vi: 'Danh tính này chưa gắn với tài khoản nào, hãy nhờ quản trị viên gắn',
  en: 'This identity belongs to no account yet, ask an administrator to link it',
}) {}

/** The floor of the contract; the length that holds is a row of the sign-in policy. */
export const Password = () => Text({ min: 8, max: 200, secret: true });

export class SignIn {
  @Text({ max: 254, description: 'User name or official e-mail address' }) username: string;
  @Text({ max: 200, secret: true }) password: string;
  @Text({ max: 40, optional: true, secret: true, description: 'TOTP or recovery code' })
  code?: string;
}

export class RenewPassword extends SignIn {
  @Password() next: string;
}

export class Refresh {
  @Text({ max: 200, secret: true }) refreshToken: string;
}

export class ExchangeCode {
  @Text({ max: 100, secret: true, description: 'The code that came back from the provider' })
  code: string;
  @Text({
    max: 40,
    optional: true,
    secret: true,
    description: 'TOTP or recovery code, if the account has one and the provider asked for none',
  })
  secondFactor?: string;
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

const signInProblems = [SignInRefused, CodeRequired, Locked, TooMany, AccountDisabled];

export const sessions = contract('accounts.sessions', {
  open: {
    summary: 'Sign in with a user name and password, and a code if the account has a second factor',
    route: 'POST /sessions',
    permission: 'public',
    input: SignIn,
    output: Session,
    errors: [...signInProblems, PasswordExpired],
    status: 201,
  },
  renewPassword: {
    summary: 'Sign in with a password that is too old, and change it; all other sessions end',
    route: 'POST /sessions/password',
    permission: 'public',
    input: RenewPassword,
    output: Session,
    errors: [...signInProblems, WeakPassword, PasswordReused],
    status: 201,
  },
  exchange: {
    summary: 'Exchange the one-time code of a sign-in at the province’s identity provider (OIDC)',
    route: 'POST /sessions/oidc/exchange',
    permission: 'public',
    input: ExchangeCode,
    output: Session,
    errors: [...signInProblems, SignInOver, NotFound],
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
    summary: 'Sign out: no refresh token of this session is of any more use',
    route: 'POST /sessions/end',
    permission: 'public',
    input: Refresh,
    output: Done,
  },
});
