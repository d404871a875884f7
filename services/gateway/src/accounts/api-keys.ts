import { randomBytes, randomUUID } from 'node:crypto';
import {
  type ApiKey,
  type ApiKeyPage,
  apiKeys,
  type Caller,
  type CreateApiKey,
  cursorOf,
  type FindApiKey,
  Forbidden,
  Invalid,
  keyOf,
  NotFound,
  type PageInput,
  type Place,
  type Position,
  Unauthenticated,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { findVersion } from '../directory/organisation-versions.js';
import { reachOf } from '../directory/reach.js';
import { AccessTokens, guarded } from './access-tokens.js';
import { tokenHash } from './passwords.js';

const permission = 'accounts.manage';
const columns = `id, name, scopes, organisation_id as "organisationId",
  expires_at as "expiresAt", revoked_at is not null as revoked`;
const longestDays = 366;
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

/**
 * Serves the API keys of integrations, and exchanges them for short access tokens: behind the
 * gateway there is one kind of caller.
 */
@Serves(apiKeys)
export class ApiKeys {
  private readonly tokens = new Map<string, { token: string; until: number }>();

  constructor(
    private readonly database: Database,
    private readonly accessTokens: AccessTokens,
  ) {}

  /**
   * A key can do no more than who made it, as far and no further, and nothing that asks for a
   * second factor: a key has none.
   */
  create(input: CreateApiKey, caller: Caller): Promise<ApiKey> {
    const { name, scopes, organisationId, reach } = input;
    const expiresAt = lastDay(input.expiresAt);
    return this.database.transaction(caller, async (manager, _, record) => {
      const organisation = await findVersion(manager, organisationId, localDay());
      if (!organisation) throw new NotFound();
      const place: Place = { id: organisationId, bloc: organisation.bloc, reach };
      if (scopes.some((scope) => guarded.includes(scope))) throw onlyForPeople();
      if (!scopes.every((scope) => caller.may(scope, place))) throw new Forbidden();
      caller.acting(permission, place);
      const id = randomUUID();
      const key = `eok_${randomBytes(32).toString('base64url')}`;
      const [made] = await manager.query<ApiKey[]>(
        `insert into api_key (id, name, key_hash, scopes, organisation_id, bloc, reach, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`,
        [id, name, tokenHash(key), scopes, organisationId, place.bloc, reach, expiresAt],
      );
      record('accounts.api-key-created', id, { name, scopes, organisationId, reach });
      return { ...made!, key };
    });
  }

  async list({ limit = 50, after }: PageInput, caller: Caller): Promise<ApiKeyPage> {
    const [id = null] = keyOf(after) ?? [];
    const { everything, blocs, organisations } = reachOf(caller, permission);
    const items = await this.database.query<ApiKey>(
      `select ${columns} from api_key where ($1::uuid is null or id > $1)
         and ($3 or bloc = any ($4) or organisation_id = any ($5))
       order by id limit $2`,
      [id, limit, everything, blocs, organisations],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.id) };
  }

  revoke({ id }: FindApiKey, caller: Caller) {
    return this.database.transaction(caller, async (manager, _, record) => {
      const [row] = await manager.query<KeyRow[]>('select * from api_key where id = $1', [id]);
      if (!row) throw new NotFound();
      caller.acting(permission, { id: row.organisation_id, bloc: row.bloc });
      await manager.query(
        'update api_key set revoked_at = coalesce(revoked_at, now()) where id = $1',
        [id],
      );
      record('accounts.api-key-revoked', id, {});
      return {};
    });
  }

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
    if (!row) throw wrongKey();
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

/** When a key ends. Throws Invalid if that is over already or too far away. */
function lastDay(given: string | undefined): Date {
  const latest = Date.now() + longestDays * 86_400_000;
  const wanted = given ? Date.parse(given) : latest;
  if (wanted > Date.now() && wanted <= latest) return new Date(wanted);
  throw new Invalid([
    {
      pointer: '/expiresAt',
      detail: { vi: 'phải trong vòng một năm tới', en: 'must be within the year to come' },
    },
  ]);
}

const onlyForPeople = () =>
  new Forbidden({
    vi: `Quyền cần xác thực hai lớp không cấp được cho khóa API: ${guarded.join(', ')}`,
    en: `What asks for a second factor cannot be given to an API key: ${guarded.join(', ')}`,
  });
const wrongKey = () =>
  new Unauthenticated({
    vi: 'Khóa API không đúng, đã thu hồi hoặc hết hạn',
    en: 'The API key is wrong, revoked or expired',
  });
