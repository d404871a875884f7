import { Unauthenticated } from '@eoffice/contracts';
import type { FastifyRequest } from 'fastify';
import type { ApiKeys } from '../accounts/api-keys.js';

export type TokenOf = (request: FastifyRequest) => Promise<string | undefined>;

/** The access token of a request: sent as it is, or stood for by an API key. Throws Unauthenticated. */
export function tokenReader(apiKeys: ApiKeys): TokenOf {
  return async ({ headers }) => {
    const { authorization } = headers;
    if (!authorization) return undefined;
    const [, token] = /^Bearer ([\w.~+/=-]{8,12000})$/i.exec(authorization) ?? [];
    if (!token) {
      throw new Unauthenticated({
        vi: 'Tiêu đề Authorization phải có dạng “Bearer …”',
        en: 'The Authorization header must have the form "Bearer …"',
      });
    }
    return token.startsWith('eok_') ? apiKeys.tokenOf(token) : token;
  };
}
