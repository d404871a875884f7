import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** A reply as an outsider sees it. */
export interface Reply<Body = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: Body;
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
}
