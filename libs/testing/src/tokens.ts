import { randomUUID } from 'node:crypto';
import { Caller, type Position, type StoredFile } from '@eoffice/contracts';
import { issuer } from '@eoffice/platform/callers';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

const { publicKey, privateKey } = await generateKeyPair('ES256');
const kid = 'spec';

/** The key set that answers for the gateway's in specs of other services. */
export const keySet: { keys: JWK[] } = {
  keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }],
};

export interface Identity {
  accountId?: string;
  personId?: string;
  name?: string;
  language?: 'vi' | 'en';
  idempotencyKey?: string;
  /** Short form of one position: these permissions at this organisation. */
  permissions?: string[];
  organisationId?: string;
  unitId?: string;
  postId?: string;
  reach?: Position['reach'];
  bloc?: Position['bloc'];
  positions?: Position[];
}

/** What signs tokens: the key of the specs, or the gateway's own where one runs. */
export interface Signer {
  sign(typ: 'at+jwt' | 'file+jwt', claims: JWTPayload, seconds: number): Promise<string>;
}

const specSigner: Signer = {
  sign: (typ, claims, seconds) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid, typ })
      .setIssuer(issuer)
      .setIssuedAt()
      .setExpirationTime(`${seconds}s`)
      .sign(privateKey),
};

/** A caller with a token that services accept; without an organisation its reach is everything. */
export async function callerWith(identity: Identity, signer = specSigner): Promise<Caller> {
  const { accountId = randomUUID(), personId = randomUUID(), name = 'Nguyễn Văn An' } = identity;
  const organisationId = identity.organisationId ?? randomUUID();
  const positions = identity.positions ?? [
    {
      postId: identity.postId ?? randomUUID(),
      unitId: identity.unitId ?? organisationId,
      organisationId,
      bloc: identity.bloc ?? 'government',
      reach: identity.reach ?? (identity.organisationId ? 'organisation' : 'all'),
      permissions: identity.permissions ?? [],
    },
  ];
  const claims = { sub: accountId, person: personId, name, positions };
  const token = await signer.sign('at+jwt', claims, 600);
  const { language = 'vi', idempotencyKey } = identity;
  return new Caller(accountId, personId, name, positions, {
    id: randomUUID(),
    token,
    language,
    idempotencyKey,
  });
}

/** Somebody without a token. */
export function stranger(): Caller {
  return Caller.nobody({ id: randomUUID(), language: 'vi' });
}

/** A ticket for a stored file, as the gateway gives after an upload. */
export function ticketFor(
  file: StoredFile,
  uploader: Caller,
  signer = specSigner,
): Promise<string> {
  return signer.sign('file+jwt', { ...file, sub: uploader.accountId }, 3600);
}
