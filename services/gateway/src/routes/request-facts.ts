import { isIP } from 'node:net';
import type { RequestFacts } from '@eoffice/contracts';
import type { FastifyRequest } from 'fastify';
import { languageOf } from '@eoffice/platform/http-problems';

const agentLength = 200;

/** What a request says of itself, whoever sent it. */
export function factsOf(
  request: FastifyRequest,
): Pick<RequestFacts, 'id' | 'language' | 'address' | 'agent'> {
  return {
    id: request.id,
    language: languageOf(request),
    address: addressOf(request),
    agent: agentOf(request),
  };
}

/** A proxy passes on what it was told, so an address is one only if it looks like one. */
function addressOf({ ip, socket }: FastifyRequest): string | undefined {
  return isIP(ip) ? ip : socket.remoteAddress;
}

function agentOf({ headers }: FastifyRequest): string | undefined {
  return headers['user-agent']
    ?.replace(/[^\x20-\x7e]/g, '')
    .slice(0, agentLength)
    .trim();
}
