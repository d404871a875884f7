import { setTimeout as wait } from 'node:timers/promises';

/** What one attempt was told. */
export interface Told {
  /** 0 when the connection broke. */
  status: number;
  mediaType: string;
  retryAfter?: string;
  body: string;
  sentAt: number;
  answeredAt: number;
}

/** Sends each request until it is answered, always with the same idempotency key. */
export class PersistentClient {
  readonly told: Told[] = [];

  constructor(private readonly url: string) {}

  /** The answer, however long it takes. Throws what no retry would mend. */
  async post<T>(
    path: string,
    body: object,
    { token, key, version }: { token: string; key: string; version?: number },
  ): Promise<T> {
    const headers = {
      ...{ authorization: `Bearer ${token}`, 'idempotency-key': key },
      ...{ 'content-type': 'application/json' },
      ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
    };
    for (;;) {
      const told = await this.attempt(path, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      this.told.push(told);
      if (told.status >= 200 && told.status < 300) return JSON.parse(told.body) as T;
      if (![0, 429, 502, 503, 504].includes(told.status))
        throw new Error(`POST ${path}: ${told.status} ${told.body}`);
      await wait(100);
    }
  }

  private async attempt(path: string, init: RequestInit): Promise<Told> {
    const sentAt = performance.now();
    const told = await fetch(this.url + path, init)
      .then(async (reply) => ({
        status: reply.status,
        mediaType: reply.headers.get('content-type') ?? '',
        retryAfter: reply.headers.get('retry-after') ?? undefined,
        body: await reply.text(),
      }))
      .catch(() => ({ status: 0, mediaType: '', body: '' }));
    return { ...told, sentAt, answeredAt: performance.now() };
  }
}
