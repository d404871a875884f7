import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Caller } from '@eoffice/contracts';
import type { JsonObject } from '@eoffice/jmap/json';
import { JmapEdge } from '../jmap/edge/jmap-edge.js';

export const using = ['core', 'mail', 'submission', 'vacationresponse', 'quota'].map(
  (name) => `urn:ietf:params:jmap:${name}`,
);

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- specs look into answers of any shape
type Answered = JsonObject & Record<string, any>;
export type Answer = [name: string, args: Answered, callId: string];

/** Somebody who speaks JMAP without any client in between. */
export class Speaker {
  private constructor(
    readonly url: string,
    readonly token: string,
    readonly accountId: string,
  ) {}

  static of(app: NestFastifyApplication, caller: Caller, accountId: string): Speaker {
    return new Speaker(app.get(JmapEdge).url, caller.request.token!, accountId);
  }

  /** The same person with another of their accounts. */
  in(accountId: string): Speaker {
    return new Speaker(this.url, this.token, accountId);
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, ...init.headers };
    return fetch(path.startsWith('http') ? path : this.url + path, { ...init, headers });
  }

  post(body: unknown, type = 'application/json'): Promise<Response> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.fetch('/jmap/api', {
      method: 'POST',
      body: text,
      headers: { 'content-type': type },
    });
  }

  /** The answers to some calls, each with the account named if it names none. */
  async ask(...calls: [name: string, args: object][]): Promise<Answer[]> {
    const methodCalls = calls.map(([name, args], at) => [
      name,
      name.startsWith('Core/') || name.startsWith('Push')
        ? args
        : { accountId: this.accountId, ...args },
      `c${at}`,
    ]);
    const response = await this.post({ using, methodCalls });
    if (!response.ok) throw new Error(await response.text());
    return ((await response.json()) as { methodResponses: Answer[] }).methodResponses;
  }

  /** The answer to one call, an error too. */
  async call(name: string, args: object = {}) {
    return (await this.ask([name, args]))[0]![1];
  }

  /** Uploads octets and answers the id of the blob. */
  async upload(octets: string | Buffer, type = 'message/rfc822'): Promise<string> {
    const response = await this.fetch(`/jmap/upload/${this.accountId}`, {
      ...{ method: 'POST', headers: { 'content-type': type } },
      body: new Uint8Array(Buffer.from(octets)),
    });
    return ((await response.json()) as { blobId: string }).blobId;
  }

  /** The folder with a role. */
  async folder(role: string): Promise<string> {
    const answer = await this.call('Mailbox/query', { filter: { role } });
    if (!answer.ids) throw new Error(JSON.stringify(answer));
    return answer.ids[0];
  }
}
