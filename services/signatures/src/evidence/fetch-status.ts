import { lookup } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { StatusHost } from '@eoffice/contracts';
import { isInside } from '@eoffice/platform/addresses';

/** Why nothing was fetched. */
export class NotFetched extends Error {
  override name = 'NotFetched';
}

/** Nobody was asked, because the name leads inside. */
export class PrivateAddress extends NotFetched {
  constructor() {
    super('a private address');
  }
}

const timeoutMs = 5_000;
/** Lists of revoked certificates of a large authority have a few megabytes. */
const maxBytes = 10 * 1024 * 1024;

/** The row that lets a URL be asked, by its host and port. */
export function rowFor(url: URL, hosts: readonly StatusHost[]): StatusHost | undefined {
  if (!/^https?:$/.test(url.protocol) || url.username || url.password) return undefined;
  return hosts.find(({ host }) => host === url.host);
}

/**
 * Fetches from a host that may be asked, without following where it leads: GET, or POST of an OCSP
 * request. Names are resolved once, and what they lead to is looked at before it is connected to.
 * Throws NotFetched.
 */
export async function fetchStatus(
  url: URL,
  { inside }: Pick<StatusHost, 'inside'>,
  body?: Buffer,
): Promise<Buffer> {
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) && !inside && isInside(bare)) throw new PrivateAddress();
  const options = {
    method: body ? 'POST' : 'GET',
    headers: body
      ? { 'content-type': 'application/ocsp-request', 'content-length': body.length }
      : {},
    agent: false as const,
    lookup: inside ? undefined : openLookup,
    signal: AbortSignal.timeout(timeoutMs),
  };
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const failed = (error: Error) =>
      reject(error instanceof NotFetched ? error : new NotFetched(error.message));
    const asked: ClientRequest = ask(url, options, (reply) => {
      collect(reply)
        .then(resolve, failed)
        .finally(() => asked.destroy());
    });
    asked.on('error', failed);
    asked.end(body);
  });
}

async function collect(reply: IncomingMessage): Promise<Buffer> {
  if (reply.statusCode !== 200) throw new NotFetched(`status ${reply.statusCode}`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new NotFetched('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Resolves a name unless anything that it resolves to leads inside. */
const openLookup: LookupFunction = (host, options, done) =>
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, []);
    if (addresses.some(({ address }) => isInside(address))) {
      return done(new PrivateAddress(), []);
    }
    if (options.all) return done(null, addresses);
    const [{ address, family }] = addresses as [{ address: string; family: number }];
    done(null, address, family);
  });
