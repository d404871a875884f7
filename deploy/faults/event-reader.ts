import { setTimeout as wait } from 'node:timers/promises';
import type { CloudEvent } from '@eoffice/contracts';

/** Follows `GET /v1/events` as a browser's EventSource does: comes back and names the last event. */
export class EventReader {
  /** Every event heard, as often as it was. */
  readonly heard: CloudEvent[] = [];
  /** How often it had to come back. */
  returns = 0;
  /** Whatever it was told that was not a stream. */
  readonly refusals: number[] = [];
  private lastId = '0';
  private readonly stop = new AbortController();
  private readonly loop: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {
    this.loop = this.follow();
  }

  async close() {
    this.stop.abort();
    await this.loop;
  }

  private async follow() {
    const { signal } = this.stop;
    for (; !signal.aborted; this.returns++) {
      await this.listen().catch(() => undefined);
      await wait(200, undefined, { signal }).catch(() => undefined);
    }
  }

  private async listen() {
    const headers = { authorization: `Bearer ${this.token}`, 'last-event-id': this.lastId };
    const { signal } = this.stop;
    const reply = await fetch(`${this.url}/v1/events`, { headers, signal });
    if (!reply.ok) {
      this.refusals.push(reply.status);
      return;
    }
    let text = '';
    for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        this.take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  }

  private take(block: string) {
    const line = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const data = line('data');
    if (!data) return;
    this.heard.push(JSON.parse(data) as CloudEvent);
    this.lastId = line('id')!;
  }
}
