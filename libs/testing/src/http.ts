import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** A reply as an outsider sees it. */
export interface Reply<Body = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: Body;
}

/** A stream of events as somebody outside reads it. */
export interface Listening {
  status: number;
  /** The next events, as many as asked for; fewer if the stream ends before. */
  take(count: number): Promise<{ id: string; data: string }[]>;
  close(): void;
}

/** Speaks to a gateway over real HTTP, as a district's frontend does. */
export class Outsider {
  constructor(
    readonly url: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  static async of(app: NestFastifyApplication): Promise<Outsider> {
    return new Outsider((await app.getUrl()).replace('[::1]', 'localhost'));
  }

  /** The same outsider with more headers, such as a token. */
  with(headers: Record<string, string>): Outsider {
    return new Outsider(this.url, { ...this.headers, ...headers });
  }

  bearing(token: string): Outsider {
    return this.with({ authorization: `Bearer ${token}` });
  }

  async send<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply<Body>> {
    const form = body instanceof FormData;
    const reply = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...this.headers,
        ...(body === undefined || form ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body:
        body === undefined
          ? undefined
          : form || typeof body === 'string'
            ? body
            : JSON.stringify(body),
    });
    const text = await reply.text();
    const json = /json/.test(reply.headers.get('content-type') ?? '');
    return { status: reply.status, headers: reply.headers, body: json ? JSON.parse(text) : text };
  }

  get<Body = Record<string, unknown>>(path: string, headers?: Record<string, string>) {
    return this.send<Body>('GET', path, undefined, headers);
  }

  post<Body = Record<string, unknown>>(
    path: string,
    body: unknown = {},
    headers?: Record<string, string>,
  ) {
    return this.send<Body>('POST', path, body, headers);
  }

  /** Uploads one file. */
  upload<Body = { files: { ticket: string; name: string; mediaType: string; sha256: string }[] }>(
    name: string,
    content: Uint8Array | string,
  ) {
    const form = new FormData();
    form.append('file', new Blob([content as string]), name);
    return this.send<Body>('POST', '/v1/files', form);
  }

  /** Opens a stream of server-sent events. */
  async listen(path: string, headers: Record<string, string> = {}): Promise<Listening> {
    const stop = new AbortController();
    const reply = await fetch(this.url + path, {
      headers: { ...this.headers, ...headers },
      signal: stop.signal,
    });
    const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const take = async (count: number) => {
      const found: { id: string; data: string }[] = [];
      while (found.length < count) {
        const end = text.indexOf('\n\n');
        if (end < 0) {
          const { value, done } = await reader.read();
          if (done) break;
          text += value;
          continue;
        }
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const line = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
        if (line('data')) found.push({ id: line('id')!, data: line('data')! });
      }
      return found;
    };
    return { status: reply.status, take, close: () => stop.abort() };
  }
}
