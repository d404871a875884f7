import { Injectable } from '@nestjs/common';
import { type Caller, Unauthenticated } from '@eoffice/contracts';
import { Callers } from '@eoffice/platform/callers';
import { languageOf } from '@eoffice/platform/http-problems';
import type { FastifyRequest } from 'fastify';

/** Who asks by HTTP: with the gateway's access token, or a name and an app password (RFC 7617). */
@Injectable()
export class Authentication {
  constructor(private readonly callers: Callers) {}

  /** Throws Unauthenticated. */
  async callerOf(request: FastifyRequest): Promise<Caller> {
    const { authorization = '' } = request.headers;
    const [, scheme, credentials] =
      /^(Bearer|Basic) +([\w.~+/=-]{8,12000})$/i.exec(authorization) ?? [];
    const facts = { id: request.id, language: languageOf(request), address: request.ip };
    if (scheme?.toLowerCase() === 'bearer') {
      return this.callers.callerOf({ ...facts, token: credentials });
    }
    throw new Unauthenticated();
  }

  /** When what a caller came with no longer counts, in milliseconds since 1970. */
  async endOf({ request }: Caller): Promise<number> {
    if (!request.token) return Date.now() + 3_600_000;
    return (await this.callers.claimsOf(request.token)).exp * 1000;
  }
}
