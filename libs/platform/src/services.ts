import type { Caller, RequestFacts } from '@eoffice/contracts/language/caller';
import { NoAnswer, Problem, Unavailable } from '@eoffice/contracts/language/problem';
import {
  errors,
  headers as natsHeaders,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
} from '@nats-io/transport-node';
import { ConnectionLost, whileConnected } from './nats.js';

/** How long an answer is waited for when the operation does not say, in milliseconds. */
export const defaultTimeoutMs = 5_000;

const absences = [
  ConnectionLost,
  errors.RequestError,
  errors.NoRespondersError,
  errors.ClosedConnectionError,
  errors.DrainingConnectionError,
];

/** Asks other services, by subject. Every failure comes back as a Problem. */
export class Services {
  constructor(private readonly nats: NatsConnection) {}

  /** Sends an input and reads the reply. */
  async ask(
    subject: string,
    input: object,
    { request }: Caller,
    timeoutMs?: number,
  ): Promise<object> {
    const reply = await this.send(subject, JSON.stringify(input), headersOf(request), timeoutMs);
    const body = reply.json<object>();
    if (reply.headers?.get('problem')) throw Problem.from(body as Problem);
    return body;
  }

  /** Sends bytes and returns the reply as it came: the gateway passes bodies on unread. */
  async send(
    subject: string,
    body: string,
    headers: MsgHdrs,
    timeout = defaultTimeoutMs,
  ): Promise<Msg> {
    try {
      const ask = () => this.nats.request(subject, body, { headers, timeout });
      return await whileConnected(this.nats, ask);
    } catch (error) {
      if (error instanceof errors.TimeoutError) throw new NoAnswer();
      if (absences.some((kind) => error instanceof kind)) {
        throw Object.assign(new Unavailable(), { cause: error });
      }
      throw error;
    }
  }
}

/** The facts of a request as NATS headers. */
export function headersOf(request: RequestFacts): MsgHdrs {
  const headers = natsHeaders();
  headers.set('request-id', request.id);
  headers.set('language', request.language);
  if (request.token) headers.set('token', request.token);
  if (request.address) headers.set('address', request.address);
  if (request.agent) headers.set('agent', request.agent);
  if (request.idempotencyKey) headers.set('key', request.idempotencyKey);
  if (request.traceparent) headers.set('traceparent', request.traceparent);
  return headers;
}

/** The facts of a request from NATS headers. */
export function factsOf(headers: MsgHdrs | undefined): RequestFacts {
  const get = (name: string) => headers?.get(name) || undefined;
  return {
    id: get('request-id') ?? 'unknown',
    language: get('language') === 'en' ? 'en' : 'vi',
    token: get('token'),
    address: get('address'),
    agent: get('agent'),
    idempotencyKey: get('key'),
    traceparent: get('traceparent'),
  };
}
