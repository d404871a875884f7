import { Resolver } from 'node:dns/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { MailServer, type Taken } from '@eoffice/testing/mail-servers';
import { NameServer } from '@eoffice/testing/name-server';

const domain = 'so-khcn.example';

/** An office elsewhere, with a mail server and a DNS server of its own on this machine. */
export class Neighbour {
  readonly address = `vanthu@${domain}`;

  private constructor(
    private readonly server: MailServer,
    private readonly names: NameServer,
  ) {}

  static async open(): Promise<Neighbour> {
    const names = await NameServer.open({
      [domain]: { mx: [[10, `mx.${domain}`]], txt: ['v=spf1 ip4:127.0.0.1 -all'] },
      [`mx.${domain}`]: { a: ['127.0.0.1'] },
    });
    return new Neighbour(await MailServer.open(), names);
  }

  /** By which a stack that is started now finds it. */
  get settings(): Record<string, string> {
    return {
      MAIL_DNS_SERVERS: this.names.address,
      MAIL_PEER_PORT: String(this.server.port),
      MAIL_PRIVATE_NETWORKS: '127.0.0.0/8',
    };
  }

  /** Has DNS answer with a TXT record. */
  publish(name: string, text: string) {
    this.names.records[name] = { txt: [text] };
  }

  /** The mail with this Message-ID, once it has come; undefined after half a minute. */
  async taken(messageId: string): Promise<Taken | undefined> {
    for (let tries = 0; tries < 300; tries++) {
      const found = this.server.taken.find(({ text }) => text.includes(`<${messageId}>`));
      if (found) return found;
      await wait(100);
    }
    return undefined;
  }

  /** Asks its DNS as whoever verifies a signature does. */
  resolver() {
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    resolver.setServers([this.names.address]);
    return (name: string, type: string) => resolver.resolve(name, type);
  }

  async close() {
    await this.server.close();
    await this.names.close();
  }
}
