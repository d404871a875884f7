import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { keys, type KeySet } from '@eoffice/contracts';
import { issuer } from '@eoffice/platform/callers';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import {
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { EntityManager } from 'typeorm';
import { GatewaySettings } from '../config.js';
import { Sealing } from './sealing.js';

/** A key signs for its days and at most one more, and is published until the last token of it has expired. */
const overlapDays = 3;
/** How long a new key is published before it signs: those who keep our keys have looked again by then. */
const leadMinutes = 15;
const lookAgainMs = 60_000;

interface KeyRow {
  kid: string;
  private_key: string;
}

/** Signs tokens (ES256) with a key that is replaced in time; knows what still verifies them. */
@Injectable()
export class SigningKeys {
  private readonly sealing: Sealing;
  private current_?: { kid: string; key: Awaited<ReturnType<typeof importPKCS8>>; until: number };

  constructor(
    private readonly database: Database,
    { gatewaySecret }: GatewaySettings,
  ) {
    this.sealing = new Sealing(gatewaySecret);
  }

  /** The public halves, newest first. */
  async published(): Promise<KeySet> {
    await this.key();
    const rows = await this.database.query<{ jwk: Record<string, unknown> }>(
      `select public_jwk as jwk from signing_key order by created_at desc limit 10`,
    );
    return { keys: rows.map(({ jwk }) => jwk) };
  }

  /** Signs a token of a purpose (`typ`), for so many seconds. */
  async sign(typ: 'at+jwt' | 'file+jwt', claims: JWTPayload, seconds: number): Promise<string> {
    const { kid, key } = await this.key();
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid, typ })
      .setIssuer(issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .sign(key);
  }

  private async key() {
    if (this.current_ && this.current_.until > Date.now()) return this.current_;
    const row = await this.database.transaction({}, async (manager) => {
      await manager.query('lock table signing_key in exclusive mode');
      await manager.query(
        `delete from signing_key where created_at < now() - make_interval(
           days => (select signing_key_days from sign_in_rules) + ${overlapDays})`,
      );
      const [newest] = await manager.query<{ fresh: boolean }[]>(
        `select created_at > now() - make_interval(
           days => (select signing_key_days from sign_in_rules)) as fresh
         from signing_key order by created_at desc limit 1`,
      );
      if (!newest?.fresh) await this.makeKey(manager);
      const [key] = await manager.query<KeyRow[]>(
        `select kid, private_key from signing_key
         order by created_at between now() - make_interval(
             days => (select signing_key_days from sign_in_rules) + 1)
           and now() - make_interval(mins => ${leadMinutes}) desc, created_at desc limit 1`,
      );
      return key!;
    });
    const key = await importPKCS8(this.sealing.open(row.private_key), 'ES256');
    this.current_ = { kid: row.kid, key, until: Date.now() + lookAgainMs };
    return this.current_;
  }

  private async makeKey(manager: EntityManager) {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const kid = randomUUID();
    const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
    await manager.query(
      'insert into signing_key (kid, public_jwk, private_key) values ($1, $2, $3)',
      [kid, jwk, this.sealing.seal(await exportPKCS8(privateKey))],
    );
  }
}

/** Publishes the public keys to services and to whoever verifies tokens outside. */
@Serves(keys)
export class PublishedKeys {
  constructor(private readonly keys: SigningKeys) {}

  current() {
    return this.keys.published();
  }
}
