import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { PersistentClient } from './persistent-client.js';
import type { SmallProvince } from './province.js';

/** What a document was promised to be. */
export interface Promised {
  id: string;
  number: number;
}

interface Draft {
  id: string;
  version: number;
}

/** An office at work: clerks register what comes in, others draft, check, approve and issue. */
export class OfficeWork {
  /** What was answered, by the idempotency key that was sent. */
  readonly incoming = new Map<string, Promised>();
  readonly outgoing = new Map<string, Promised>();
  /** How many comments were made on drafts. */
  comments = 0;
  readonly client: PersistentClient;
  private working: Promise<void>[] = [];
  private closed = false;

  constructor(
    url: string,
    private readonly province: SmallProvince,
  ) {
    this.client = new PersistentClient(url);
  }

  start({ registering, issuing }: { registering: number; issuing: number }) {
    this.closed = false;
    this.working = [
      ...Array.from({ length: registering }, () => this.registerOn()),
      ...Array.from({ length: issuing }, () => this.issueOn()),
    ];
  }

  /** Everybody finishes what they have begun. */
  async stop() {
    this.closed = true;
    await Promise.all(this.working);
  }

  /** Registers a document under a key; the same key is the same document. */
  register(key: string): Promise<Promised> {
    const { tokens, inBookId: bookId } = this.province;
    const document = { bookId, author: 'Sở Nội vụ', abstract: `Về việc ${key}` };
    return this.client.post('/v1/incoming-documents', document, { token: tokens.clerk, key });
  }

  private async registerOn() {
    while (!this.closed) {
      const key = randomUUID();
      this.incoming.set(key, await this.register(key));
      await wait(20);
    }
  }

  private async issueOn() {
    const { tokens, outBookId: bookId } = this.province;
    while (!this.closed) {
      let draft = await this.draft();
      await this.comment(draft);
      draft = await this.decide(draft, 'content-check', tokens['unit-head']);
      draft = await this.decide(draft, 'format-check', tokens.clerk);
      draft = await this.decide(draft, 'approval', tokens.leader);
      const key = randomUUID();
      const options = { token: tokens.clerk, key, version: draft.version };
      const issued = this.client.post<Promised>(
        `/v1/drafts/${draft.id}/issue`,
        { bookId },
        options,
      );
      this.outgoing.set(key, await issued);
    }
  }

  private draft(): Promise<Draft> {
    const { tokens, unitId, leaderId: signerId, ticket } = this.province;
    const content = { type: 'QĐ', abstract: 'Phê duyệt', recipients: ['Lưu: VT'], signerId };
    const options = { token: tokens.official, key: randomUUID() };
    return this.client.post('/v1/drafts', { ...content, unitId, files: [ticket] }, options);
  }

  private async comment({ id }: Draft) {
    const options = { token: this.province.tokens['unit-head'], key: randomUUID() };
    await this.client.post(`/v1/drafts/${id}/comments`, { text: 'Đã xem' }, options);
    this.comments++;
  }

  private decide({ id, version }: Draft, step: string, token: string): Promise<Draft> {
    return this.client.post(`/v1/drafts/${id}/${step}`, {}, { token, key: randomUUID(), version });
  }
}
