import { createHash } from 'node:crypto';
import { Caller, type Position, type RequestFacts } from '@eoffice/contracts/language/caller';
import { keys } from '@eoffice/contracts/language/keys';
import { Unauthenticated } from '@eoffice/contracts/language/problem';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { clientOf } from './client-of.js';
import type { Services } from './services.js';

/** What an access token says beside the registered claims (RFC 7519). */
export interface TokenClaims {
  sub: string;
  exp: number;
  person: string;
  name: string;
  positions: Position[];
}

/** Who may have issued a token, and for whom it is meant. */
export const issuer = 'eoffice';

/** Tokens remembered, in characters together: about twenty thousand of the usual ones. */
const maxRemembered = 30_000_000;
const keysFreshMs = 30_000;

/** The public keys of the gateway, fetched when first needed and again when they have rotated. */
export class TokenKeys {
  private keySet?: ReturnType<typeof createLocalJWKSet>;
  private fetchedAt = 0;

  constructor(private readonly services: Services) {}

  /** The payload of a token of the given purpose (`typ`) that holds. Throws Unauthenticated. */
  async verify(token: string, typ: 'at+jwt' | 'file+jwt', again = true): Promise<JWTPayload> {
    try {
      this.keySet ??= await this.fetchKeys();
      const { payload } = await jwtVerify(token, this.keySet, {
        issuer,
        typ,
        algorithms: ['ES256'],
      });
      return payload;
    } catch (error) {
      const rotated = error instanceof errors.JWKSNoMatchingKey;
      if (rotated && again && Date.now() - this.fetchedAt > keysFreshMs) {
        this.keySet = await this.fetchKeys();
        return this.verify(token, typ, false);
      }
      if (error instanceof errors.JOSEError) throw new Unauthenticated(why(error));
      throw error;
    }
  }

  private async fetchKeys() {
    const set = await clientOf(keys, this.services).current({}, Caller.nobody(systemRequest()));
    this.fetchedAt = Date.now();
    return createLocalJWKSet(set as unknown as JSONWebKeySet);
  }
}

/**
 * Turns access tokens into callers. The signature is checked once and remembered until the token
 * expires: checking each time would cost more than the rest of the request.
 */
export class Callers {
  private readonly verified = new Map<string, TokenClaims>();
  private remembered = 0;

  constructor(private readonly tokenKeys: TokenKeys) {}

  /** The caller a token names. Throws Unauthenticated. */
  async callerOf(request: RequestFacts): Promise<Caller> {
    if (!request.token) return Caller.nobody(request);
    const { sub, person, name, positions } = await this.claimsOf(request.token);
    return new Caller(sub, person, name, positions, request);
  }

  /** The claims of a token that holds. Throws Unauthenticated. */
  async claimsOf(token: string): Promise<TokenClaims> {
    const known = this.verified.get(token);
    if (known && known.exp * 1000 > Date.now()) return known;
    this.forget(token);
    const claims = (await this.tokenKeys.verify(token, 'at+jwt')) as unknown as TokenClaims;
    this.remember(token, claims);
    return claims;
  }

  private remember(token: string, claims: TokenClaims) {
    this.forget(token);
    this.verified.set(token, claims);
    this.remembered += token.length;
    while (this.remembered > maxRemembered) this.forget(this.verified.keys().next().value!);
  }

  private forget(token: string) {
    if (this.verified.delete(token)) this.remembered -= token.length;
  }
}

function why(error: errors.JOSEError) {
  return error instanceof errors.JWTExpired
    ? {
        vi: 'Mã truy cập đã hết hạn, hãy làm mới hoặc đăng nhập lại',
        en: 'The access token has expired; refresh it or sign in again',
      }
    : { vi: 'Mã truy cập không hợp lệ', en: 'The access token does not hold' };
}

/** The facts of a request that the system makes for itself. */
export function systemRequest(id = 'system'): RequestFacts {
  return { id, language: 'vi' };
}

/** A name for a secret in logs and keys of caches, from which the secret cannot be found. */
export function fingerprintOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
