import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

/** The client that both providers know. */
export const client = { id: 'eoffice', secret: 'a secret of the province, 32 characters' };

const algorithm = 'RS256';
const keyPair = () => generateKeyPair(algorithm, { extractable: true });

async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const stopping = (server: Server) => async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

/**
 * A real OpenID Connect provider, on a free port. Its sign-in form has the fields `login`, `amr` and
 * `acr`, and believes what is written in them.
 */
export async function startProvider(redirectUri: string) {
  let handle: RequestListener = (_, reply) => reply.writeHead(503).end();
  const server = createServer((request, reply) => handle(request, reply));
  const issuer = await listen(server);
  const { privateKey } = await keyPair();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
      },
    ],
    jwks: {
      keys: [{ ...(await exportJWK(privateKey)), kid: 'province', alg: algorithm, use: 'sig' }],
    },
    adapter: createMemoryAdapter(0),
    cookies: { keys: ['a key for cookies'] },
    claims: { openid: ['sub', 'amr', 'acr'] },
    acrValues: ['urn:province:high'],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    ttl: { Session: 60, Interaction: 60, Grant: 60, AccessToken: 60, IdToken: 60 },
    interactions: { url: (_: object, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: object, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    loadExistingGrant: async ({ oidc }: { oidc: { account: { accountId: string } } }) => {
      const grant = new provider.Grant({ accountId: oidc.account.accountId, clientId: client.id });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next();
    if (context.method === 'GET') {
      context.type = 'html';
      context.body = `<form method="post" action="${context.path}"><input name="login"></form>`;
      return;
    }
    const form = new URLSearchParams(await text(context.req));
    const [accountId, amr, acr] = ['login', 'amr', 'acr'].map((name) => form.get(name));
    const result = accountId
      ? { login: { accountId, amr: ['pwd', ...(amr ? [amr] : [])], acr: acr ?? undefined } }
      : { error: 'access_denied', error_description: 'the person said no' };
    await provider.interactionFinished(context.req, context.res, result);
  });
  handle = provider.callback();
  return { issuer, stop: stopping(server) };
}

/** What the provider below says instead of the truth. */
export interface Lie {
  claims?: JWTPayload;
  strangeKey?: boolean;
  unsigned?: boolean;
  tokenStatus?: number;
}

/** A provider that lies when told to: everybody is `sub-1`, at once, and the ID token says what the lie says. */
export async function startLyingProvider() {
  const [own, strange] = await Promise.all([keyPair(), keyPair()]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'own', alg: algorithm, use: 'sig' };
  const state = { lie: {} as Lie, nonce: '' };
  const idToken = async () => {
    const { claims, strangeKey, unsigned } = state.lie;
    const now = Math.floor(Date.now() / 1000);
    const basis = { iss: issuer, aud: client.id, sub: 'sub-1', nonce: state.nonce };
    const payload = { ...basis, iat: now, exp: now + 60, ...claims };
    const header = { alg: algorithm, kid: 'own' };
    if (!unsigned) {
      const key = strangeKey ? strange.privateKey : own.privateKey;
      return new SignJWT(payload).setProtectedHeader(header).sign(key);
    }
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'none' })}.${part(payload)}.`;
  };
  const pages: Record<string, (query: URLSearchParams) => object | Promise<object>> = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: [algorithm],
    }),
    '/jwks': () => ({ keys: [jwk] }),
    '/token': async () => ({
      access_token: 'for nothing',
      token_type: 'bearer',
      id_token: await idToken(),
    }),
  };
  const server = createServer(async (request, reply) => {
    const { pathname, searchParams } = new URL(request.url!, issuer);
    if (pathname === '/authorize') {
      state.nonce = searchParams.get('nonce')!;
      const back = new URL(searchParams.get('redirect_uri')!);
      back.search = new URLSearchParams({
        code: 'c',
        state: searchParams.get('state')!,
      }).toString();
      return reply.writeHead(302, { location: back.href }).end();
    }
    const page = pages[pathname];
    const status = !page ? 404 : pathname === '/token' ? (state.lie.tokenStatus ?? 200) : 200;
    reply.writeHead(status, { 'content-type': 'application/json' });
    return reply.end(JSON.stringify((await page?.(searchParams)) ?? {}));
  });
  const issuer = await listen(server);
  return {
    issuer,
    tell: (lie: Lie) => (state.lie = lie),
    stop: stopping(server),
    start: () => listen(server, Number(new URL(issuer).port)),
  };
}
