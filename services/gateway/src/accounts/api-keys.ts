import { Injectable } from '@nestjs/common';
import { type Position, Unauthenticated } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { AccessTokens } from './access-tokens.js';
import { tokenHash } from './passwords.js';

const accessSeconds = 300;
const renewBeforeMs = 60_000;
const maxRemembered = 5_000;

interface KeyRow {
  id: string;
  name: string;
  scopes: string[];
  organisation_id: string;
  bloc: Position['bloc'];
  reach: Position['reach'];
}

/** Exchanges API keys for short access tokens: behind the gateway there is one kind of caller. */
@Injectable()
export class ApiKeys {
  private readonly tokens = new Map<string, { token: string; until: number }>();

  constructor(
    private readonly database: Database,
    private readonly accessTokens: AccessTokens,
  ) {}

  /** The access token of a key; a revoked one dies within minutes. Throws Unauthenticated. */
  async tokenOf(key: string): Promise<string> {
    const hash = tokenHash(key);
    const known = this.tokens.get(hash);
    if (known && known.until > Date.now()) return known.token;
    this.tokens.delete(hash);
    const [row] = await this.database.query<KeyRow>(
      `select id, name, scopes, organisation_id, bloc, reach from api_key
       where key_hash = $1 and revoked_at is null and expires_at > now()`,
      [hash],
    );
    if (!row) {
      throw new Unauthenticated({
        vi: 'Khóa API không đúng, đã thu hồi hoặc hết hạn',
        en: 'The API key is wrong, revoked or expired',
      });
    }
    const position: Position = {
      postId: row.id,
      unitId: row.organisation_id,
      organisationId: row.organisation_id,
      bloc: row.bloc,
      reach: row.reach,
      permissions: row.scopes,
    };
    const who = { id: row.id, personId: row.id, name: row.name };
    const token = await this.accessTokens.sign(who, [position], accessSeconds);
    if (this.tokens.size >= maxRemembered) this.tokens.delete(this.tokens.keys().next().value!);
    const until = Date.now() + accessSeconds * 1000 - renewBeforeMs;
    this.tokens.set(hash, { token, until });
    return token;
  }
}
