import type { Client } from '../seed/client.js';

const started = performance.now();
const say = (text: string) => process.stdout.write(`${text}\n`);
const elapsed = () => `${((performance.now() - started) / 1000).toFixed(2)} s`.padStart(9);

/** A heading of the timeline. */
export const act = (title: string) => say(`\n${title}`);

/** One line of the timeline: who did what. */
export const tell = (who: string, what: string) => say(`${elapsed()}  ${who.padEnd(30)} ${what}`);

/** Follows the events as an integration does, over HTTP, and counts them by type. */
export class Follower {
  readonly seen = new Map<string, number>();
  private readonly stop = new AbortController();
  private reading?: Promise<void>;

  /** @param key the API key of the integration */
  async follow({ url }: Client, key: string) {
    const reply = await fetch(`${url}/v1/events`, {
      headers: { authorization: `Bearer ${key}` },
      signal: this.stop.signal,
    });
    if (!reply.ok) throw new Error(`GET /v1/events: ${reply.status} ${await reply.text()}`);
    this.reading = this.read(reply.body!).catch(() => {});
  }

  async end() {
    this.stop.abort();
    await this.reading;
  }

  private async read(body: ReadableStream<Uint8Array>) {
    let text = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) this.hear(block);
    }
  }

  /** Each type is shown at its first event; five hundred lines of one would hide the others. */
  private hear(block: string) {
    const [, type] = /^event: (.+)$/m.exec(block) ?? [];
    if (!type) return;
    const count = (this.seen.get(type) ?? 0) + 1;
    this.seen.set(type, count);
    if (count === 1) say(`${' '.repeat(11)}${'· integration hears'.padEnd(30)} ${type}`);
  }
}
