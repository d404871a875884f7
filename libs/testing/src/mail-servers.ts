import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { certificateOf } from './certificates.js';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as another server took it over. */
export interface Taken {
  from: string;
  to: string[];
  text: string;
  /** Whether the line was encrypted. */
  secure: boolean;
}

/** What a server says; nothing said is 250. Codes as `[550, '5.1.1 no such user']`. */
export interface Script {
  greeting?: () => Reply | undefined;
  rcpt?: (address: string) => Reply | undefined;
  /** After the octets; `drop` ends the line without a word, `silent` never answers. */
  data?: (taken: Taken) => Promise<Outcome> | Outcome;
}
export type Reply = [code: number, text: string];
type Outcome = Reply | 'drop' | 'silent' | undefined;

/** Another mail server, with words of its own. */
export class MailServer {
  readonly taken: Taken[] = [];
  script: Script = {};
  /** Most mails taken over side by side. */
  mostAtOnce = 0;

  private constructor(private readonly server: SMTPServer) {}

  static async open(
    options: SMTPServerOptions = {},
    { host = '127.0.0.1', port = 0 } = {},
  ): Promise<MailServer> {
    let atOnce = 0;
    const { key, pem: cert } = options.key ? { key: '', pem: '' } : certificateOf('/CN=mx', 1);
    const server: SMTPServer = new SMTPServer({
      ...{ authOptional: true, disableReverseLookup: true, size: 50_000_000 },
      ...{ key, cert },
      ...options,
      onConnect: (_, done) => {
        done(refusal(self.script.greeting?.()));
      },
      onRcptTo: ({ address }, _, done) => done(refusal(self.script.rcpt?.(address))),
      onData: (stream, session, done) => {
        void stream.toArray().then(async (chunks: Buffer[]) => {
          const { mailFrom, rcptTo } = session.envelope;
          const taken = {
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString('latin1'),
            secure: session.secure,
          };
          self.mostAtOnce = Math.max(self.mostAtOnce, ++atOnce);
          const outcome = await self.script.data?.(taken);
          atOnce--;
          if (outcome === 'silent') return;
          if (outcome === 'drop') return dropAll(server);
          if (!outcome || outcome[0] < 400) self.taken.push(taken);
          done(refusal(outcome));
        });
      },
    });
    const self: MailServer = new MailServer(server);
    server.on('error', () => {});
    server.listen(port, host);
    await once(server.server, 'listening');
    return self;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    dropAll(this.server);
    return new Promise((resolve) => this.server.close(resolve));
  }
}

function dropAll({ connections }: SMTPServer) {
  for (const each of connections as Set<{ _socket: { destroy(): void } }>) each._socket.destroy();
}

const refusal = (reply: Reply | undefined) =>
  reply && reply[0] >= 400 ? Object.assign(new Error(reply[1]), { responseCode: reply[0] }) : null;
