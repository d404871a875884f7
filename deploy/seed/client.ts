import { setTimeout as wait } from 'node:timers/promises';

/** What a problem says, thrown. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: {
      type?: string;
      title?: string;
      detail?: string;
      errors?: { pointer: string; detail: string }[];
    },
    request: string,
  ) {
    const { title, detail, errors } = problem;
    super(
      `${request}: ${status} ${title ?? ''} ${detail ?? ''} ${errors ? JSON.stringify(errors) : ''}`,
    );
  }
}

const retries = 100;

/** A small client of the REST API: waits when told to, and throws what is refused. */
export class Client {
  constructor(
    readonly url: string,
    private readonly token?: string,
  ) {}

  bearing(token: string): Client {
    return new Client(this.url, token);
  }

  get<T = Record<string, unknown>>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  post<T = Record<string, unknown>>(path: string, body: object = {}): Promise<T> {
    return this.send<T>('POST', path, body);
  }

  /** Changes what has a version: the one read travels as If-Match. */
  change<T = Record<string, unknown>>(
    path: string,
    version: number,
    body: object = {},
  ): Promise<T> {
    return this.send<T>('POST', path, body, { 'if-match': `"${version}"` });
  }

  /** Whether it was done; a conflict means that it was there already. */
  async tryPost(path: string, body: object): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.post(path, body);
        return true;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.status === 409) return false;
        // What the directory has just announced may not have reached the other service yet.
        if (error.status !== 404 || attempt > retries) throw error;
        await wait(100);
      }
    }
  }

  /** Every item of a list, page by page. */
  async *pages<T>(path: string): AsyncGenerator<T> {
    let after: string | undefined;
    do {
      const query = `limit=200${after ? `&after=${after}` : ''}`;
      const { items, next } = await this.get<{ items: T[]; next?: string }>(
        `${path}${path.includes('?') ? '&' : '?'}${query}`,
      );
      yield* items;
      after = next;
    } while (after);
  }

  /** Uploads a file. Returns its ticket. */
  async upload(name: string, content: Uint8Array): Promise<string> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(content)]), name);
    const { files } = await this.send<{ files: { ticket: string }[] }>('POST', '/v1/files', form);
    return files[0]!.ticket;
  }

  /** The bytes of a file. */
  async download(path: string): Promise<Buffer> {
    return Buffer.from(await (await this.ask('GET', path)).arrayBuffer());
  }

  /** Sends a request and reads the answer: JSON as an object, anything else as text. */
  async send<T>(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const reply = await this.ask(method, path, body, headers);
    const json = reply.headers.get('content-type')?.includes('json');
    return (json ? await reply.json() : await reply.text()) as T;
  }

  /** The answer to a request; what is busy or away for a moment is asked again. */
  private async ask(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const form = body instanceof FormData;
    for (let attempt = 1; ; attempt++) {
      const reply = await fetch(this.url + path, {
        method,
        headers: {
          ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
          ...(body && !form ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        body: form || body === undefined ? (body as FormData | undefined) : JSON.stringify(body),
      });
      if (reply.ok) return reply;
      const type = reply.headers.get('content-type') ?? '';
      const again = reply.status === 429 || reply.status === 503;
      const problem = type.includes('json') ? ((await reply.json()) as Refused['problem']) : {};
      if (!again || attempt > retries)
        throw new Refused(reply.status, problem, `${method} ${path}`);
      await wait(Math.min(2_000, Number(reply.headers.get('retry-after') ?? 1) * 1000));
    }
  }
}
