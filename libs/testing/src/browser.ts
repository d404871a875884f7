/** A page as a browser shows it. */
export interface Shown {
  status: number;
  /** Where it ended up after all redirects. */
  url: URL;
  headers: Headers;
  html: string;
}

/** A browser without a screen: keeps cookies, follows redirects and fills forms in. */
export class Browser {
  /** Cookies by host, then by name. Paths are left aside: no spec needs two of one name. */
  readonly cookies = new Map<string, Map<string, string>>();
  /** The `Set-Cookie` lines met on the way. */
  readonly set: string[] = [];

  /**
   * @param places where an origin really is: the gateway's public address is not on this machine.
   * @param accept what it asks for; programs say nothing.
   */
  constructor(
    private readonly places: Record<string, string> = {},
    private readonly accept = 'text/html',
  ) {}

  /** Opens an address and follows redirects until a page, or an origin that is not to be opened. */
  async open(address: string | URL, stopAt?: string, form?: URLSearchParams): Promise<Shown> {
    let url = new URL(address);
    let body = form;
    for (let hops = 0; hops < 20; hops++) {
      const reply = await this.fetch(url, body);
      const location = reply.headers.get('location');
      if (!location) {
        return { status: reply.status, url, headers: reply.headers, html: await reply.text() };
      }
      url = new URL(location, url);
      body = undefined;
      if (url.href.startsWith(stopAt ?? '\0')) {
        return { status: reply.status, url, headers: reply.headers, html: '' };
      }
    }
    throw new Error(`too many redirects, last ${url.href}`);
  }

  /** Submits the form of a page. */
  submit({ url, html }: Shown, fields: Record<string, string>, stopAt?: string) {
    const action = /<form[^>]* action="([^"]*)"/.exec(html)![1]!;
    return this.open(new URL(action, url), stopAt, new URLSearchParams(fields));
  }

  private async fetch(url: URL, body?: URLSearchParams): Promise<Response> {
    const place = this.places[url.origin] ?? url.origin;
    const jar = this.jarOf(url.host);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(place + url.pathname + url.search, {
      method: body ? 'POST' : 'GET',
      body,
      redirect: 'manual',
      headers: { accept: this.accept, ...(cookie ? { cookie } : {}) },
    });
    for (const line of reply.headers.getSetCookie()) {
      this.set.push(line);
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value === '' || /max-age=0\b/i.test(line)) jar.delete(name!);
      else jar.set(name!, value!);
    }
    return reply;
  }

  jarOf(host: string): Map<string, string> {
    if (!this.cookies.has(host)) this.cookies.set(host, new Map());
    return this.cookies.get(host)!;
  }
}
