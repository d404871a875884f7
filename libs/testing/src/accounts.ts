import { generate } from 'otplib';
import type { Outsider } from './http.js';

/** What signing in gives. */
export interface Tokens {
  accessToken: string;
  accessExpiresAt: string;
  refreshToken: string;
  secondFactor: string;
  /** The type of the problem, when there is one. */
  type: string;
}

/** The first administrator of a gateway that was started with this password, with a second factor. */
export async function administrator(outsider: Outsider, password: string) {
  const { body } = await outsider.post<Tokens>('/v1/sessions', { username: 'admin', password });
  return enrol(outsider, body);
}

/** Sets up a second factor in a session. Returns the person with their new token, and what they keep. */
export async function enrol(outsider: Outsider, { accessToken, refreshToken }: Tokens) {
  const halfway = outsider.bearing(accessToken);
  const begun = await halfway.post<{ secret: string }>('/v1/me/second-factor');
  const { secret } = begun.body;
  const code = await generate({ secret });
  const { body } = await halfway.post<{ codes: string[] }>('/v1/me/second-factor/confirm', {
    code,
  });
  const next = await outsider.post<Tokens>('/v1/sessions/refresh', { refreshToken });
  const { codes } = body;
  return { person: outsider.bearing(next.body.accessToken), tokens: next.body, secret, codes };
}

/** Registers a person and gives them an account. */
export async function account(
  admin: Outsider,
  {
    fullName = 'Trần Thị Bình',
    ...given
  }: { username: string; password?: string; email?: string; fullName?: string },
) {
  const { username, password, email } = given;
  const registered = await admin.post<{ personId: string }>('/v1/people', { fullName, email });
  const { personId } = registered.body;
  const { body } = await admin.post<{ id: string }>('/v1/accounts', {
    personId,
    username,
    password,
  });
  return { id: body.id, personId };
}
