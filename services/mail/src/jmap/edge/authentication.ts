import { Injectable } from '@nestjs/common';
import { Caller, TooMany, Unauthenticated } from '@eoffice/contracts';
import { Callers } from '@eoffice/platform/callers';
import { Database } from '@eoffice/platform/database';
import { languageOf } from '@eoffice/platform/http-problems';
import type { FastifyRequest } from 'fastify';
import { KnownPasswords } from '../../app-passwords/known-passwords.js';
import { peerOf, Rate } from '../../smtp/limits.js';
import { addressesOf } from '../../smtp/senders.js';
import { addressKey } from '../../store/recipients.js';

/** Who asks, and which of their mailboxes what they came with opens; all if not said. */
export interface Asker {
  caller: Caller;
  mailboxIds?: string[];
}

const quarterMs = 900_000;
const mostFailures = 10;

/** Who asks by HTTP: with the gateway's access token, or an address and an app password (RFC 7617). */
@Injectable()
export class Authentication {
  private readonly failures = new Rate(mostFailures, quarterMs);

  constructor(
    private readonly callers: Callers,
    private readonly passwords: KnownPasswords,
    private readonly database: Database,
  ) {}

  /** Throws Unauthenticated, or TooMany after too many failures. */
  async askerOf(request: FastifyRequest): Promise<Asker> {
    const { authorization = '' } = request.headers;
    const [, scheme, credentials = ''] =
      /^(Bearer|Basic) +([\w.~+/=-]{8,12000})$/i.exec(authorization) ?? [];
    const facts = { id: request.id, language: languageOf(request), address: request.ip };
    if (scheme?.toLowerCase() === 'bearer') {
      return { caller: await this.callers.callerOf({ ...facts, token: credentials }) };
    }
    if (!scheme) throw new Unauthenticated();
    const peer = peerOf(request.ip);
    if (this.failures.full(peer)) throw new TooMany();
    const [name = '', ...rest] = Buffer.from(credentials, 'base64').toString().split(':');
    const opened = await this.passwords.open(rest.join(':'), 'jmap', request.ip);
    const theirs = opened && (await addressesOf(this.database.manager, opened));
    if (opened && theirs!.has(addressKey(name))) {
      const caller = new Caller('', opened.personId, name, [], facts);
      return { caller, mailboxIds: opened.mailboxIds };
    }
    this.failures.exceeded(peer);
    throw new Unauthenticated();
  }

  /** When what a caller came with no longer counts, in milliseconds since 1970. */
  async endOf({ request }: Caller): Promise<number> {
    if (!request.token) return Date.now() + 3_600_000;
    return (await this.callers.claimsOf(request.token)).exp * 1000;
  }
}
