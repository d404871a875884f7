import { Agent as PlainAgent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as SafeAgent, request as safeRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { Unavailable } from '@eoffice/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TokenOf } from '../http/token-of.js';

/** What of a request mail needs to know; who sent it and by which address is said anew. */
const passedOn = [
  ...['accept', 'accept-language', 'content-type', 'content-length', 'last-event-id'],
];
/** What of an answer is about one connection only, or is the gateway's to say. */
const keptBack =
  /^(connection|keep-alive|transfer-encoding|trailer|upgrade|x-request-id|access-control-.*|x-ratelimit-.*)$/;

const answerMs = 60_000;

/**
 * Hands JMAP (RFC 8620) on to mail as it comes and streams what is answered: octets of mail never
 * pass through NATS, and outsiders need one address only. Who may do what, mail decides itself.
 */
export async function passJmapOn(http: FastifyInstance, url: string, tokenOf: TokenOf) {
  const target = new URL(url);
  const safe = target.protocol === 'https:';
  const agent = safe ? new SafeAgent({ keepAlive: true }) : new PlainAgent({ keepAlive: true });
  const send = safe ? safeRequest : plainRequest;
  http.addHook('onClose', async () => agent.destroy());

  await http.register(async (plain: FastifyInstance) => {
    plain.removeAllContentTypeParsers();
    plain.addContentTypeParser('*', (_, payload, done) => done(null, payload));
    for (const path of ['/.well-known/jmap', '/jmap/*']) {
      plain.route({
        ...{ method: ['GET', 'POST'], url: path, exposeHeadRoute: false },
        config: { bodyMayTakeLong: true },
        handler: (request, reply) => pass(request, reply),
      });
    }
  });

  async function pass(request: FastifyRequest, reply: FastifyReply) {
    const headers = await headersFor(request, tokenOf);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method } = request;
      const asked = send(new URL(request.url, target), { method, headers, agent }, resolve);
      asked.setTimeout(answerMs, () => asked.destroy(new Error('no answer')));
      asked.once('error', reject);
      reply.raw.once('close', () => asked.destroy());
      const body = request.body as NodeJS.ReadableStream | undefined;
      if (body) pipeline(body, asked).catch(reject);
      else asked.end();
    }).catch((error: unknown) => {
      throw Object.assign(new Unavailable(), { cause: error });
    });
    answer.setTimeout(0);
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined && !keptBack.test(name)) reply.header(name, value);
    }
    return reply.status(answer.statusCode!).send(answer);
  }
}

async function headersFor(request: FastifyRequest, tokenOf: TokenOf) {
  const own = Object.entries(request.headers).filter(([name]) => passedOn.includes(name));
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    ...(await authorizationOf(request, tokenOf)),
    'x-request-id': request.id,
    'x-forwarded-for': request.ip,
    'x-forwarded-proto': request.protocol,
    'x-forwarded-host': request.host,
  };
}

/** An API key is known only here: mail is shown the token that it stands for. */
async function authorizationOf(request: FastifyRequest, tokenOf: TokenOf) {
  const { authorization } = request.headers;
  if (!authorization) return {};
  if (!/^Bearer +eok_/i.test(authorization)) return { authorization };
  return { authorization: `Bearer ${await tokenOf(request)}` };
}
