import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { domainToASCII } from 'node:url';
import type {
  SMTPServerAddress,
  SMTPServerAuthentication,
  SMTPServerOptions,
  SMTPServerSession,
} from 'smtp-server';
import type { MailSettings } from '../config.js';
import type { Accepted } from '../raw/accept.js';
import type { ServerCertificate } from './certificate.js';
import { peerOf, type Presence, type Rate, type Room } from './limits.js';
import { readMessage, type Sent } from './read-message.js';
import { Reply, tryAgain } from './reply.js';
import { StrictServer } from './strict-server.js';

/** What differs between mail of other servers and mail of our own people. Every member may throw a Reply. */
export interface Door {
  readonly way: 'exchange' | 'submission';
  readonly options: SMTPServerOptions;
  /** Who somebody is; only where people sign in. */
  signIn?(given: SMTPServerAuthentication, session: SMTPServerSession): Promise<object>;
  sender(address: string, session: SMTPServerSession): Promise<void>;
  recipient(address: string, session: SMTPServerSession): Promise<void>;
  /** Takes a message over; answers by which name. */
  take(sent: Sent, envelope: Envelope, session: SMTPServerSession): Promise<string>;
}

export type Envelope = Pick<Accepted, 'reversePath' | 'recipients'>;

/** What the doors of one service share. */
export interface Ground {
  settings: MailSettings;
  certificate: ServerCertificate;
  presence: Presence;
  rate: Rate;
  room: Room;
  /** Hears of what was refused, and of what nobody foresaw. */
  refused(reply: Reply, door: Door, session: SMTPServerSession): void;
  ended(fault: string, door: Door, session: SMTPServerSession): void;
  failed(error: unknown): void;
}

type Done = (error?: Error | null) => void;

const idleMs = 300_000;
const messageWithinMs = 600_000;
const mostRecipients = 1_000;
const mostUnknown = 20;
const unused = ['WIZ', 'SHELL', 'KILL', 'HELP', 'XCLIENT', 'XFORWARD'];

/** One port that mail comes in by. */
export class MailServer {
  private readonly server: StrictServer;
  private readonly present = new WeakSet<SMTPServerSession>();
  private readonly refusals = new WeakMap<SMTPServerSession, number>();

  constructor(
    private readonly door: Door,
    private readonly ground: Ground,
    /** TLS from the start (RFC 8314), instead of by STARTTLS. */
    secure = false,
  ) {
    const { settings, certificate } = ground;
    const options: SMTPServerOptions = {
      ...{ name: settings.mailHostname, banner: 'eOffice', logger: false, closeTimeout: 5_000 },
      ...{ key: certificate.key, cert: certificate.cert, minVersion: 'TLSv1.2' },
      ...{ size: settings.messageLimitMb << 20, maxRecipients: mostRecipients },
      ...{ maxClients: settings.smtpConnections, socketTimeout: idleMs },
      ...{ disableReverseLookup: true, hideENHANCEDSTATUSCODES: false, noDelay: true },
      ...door.options,
      secure,
      disabledCommands: [...unused, ...((door.options.disabledCommands as string[]) ?? [])],
      onConnect: (session, done) => done(this.meet(session)),
      onSecure: (_, session, done) => {
        session.disabledCommands = undefined;
        done();
      },
      onClose: (session) => this.part(session),
      onAuth: (given, session, done) => {
        void this.answer(session, () => door.signIn!(given, session)).then(
          (user) => done(null, { user }),
          (error: Reply) =>
            done(null, { message: error.message, responseCode: error.responseCode }),
        );
      },
      onMailFrom: (address, session, done) =>
        this.reply(session, done, () => this.from(address, session)),
      onRcptTo: (address, session, done) =>
        this.reply(session, done, () => this.to(address, session)),
      onData: (stream, session, done) => {
        void this.answer(session, async () => {
          const { room } = ground;
          const limits = { maxOctets: settings.messageLimitMb << 20, withinMs: messageWithinMs };
          const { sent, release } = await readMessage(stream, { ...limits, room });
          return door.take(sent, envelopeOf(session), session).finally(release);
        }).then((id) => done(null, `2.0.0 ${id} accepted`), done);
      },
    };
    this.server = new StrictServer(options, (fault, session) => ground.ended(fault, door, session));
    // A connection that broke is no concern of the service.
    this.server.on('error', () => {});
  }

  /** Listens; answers on which port. */
  async listen(host: string, port: number): Promise<number> {
    const { server } = this.server;
    this.server.listen(port, host);
    if (!server.listening) await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Takes nobody in any more, ends what is idle, and lets messages in hand come to their end. */
  async close() {
    const closed = new Promise<void>((resolve) => this.server.close(resolve));
    for (const connection of this.server.connections) {
      if (!connection.session.envelope?.mailFrom) connection.send(421, '4.3.2 Closing');
    }
    await closed;
  }

  private meet(session: SMTPServerSession): Error | null {
    // Nobody is asked for a password before it is safe to say.
    if (this.door.signIn && !session.secure) session.disabledCommands = [...unused, 'AUTH'];
    if (!this.ground.presence.enter(peerOf(session.remoteAddress)))
      return new Reply(421, '4.7.0', 'Quá nhiều kết nối', 'Too many connections from your address');
    this.present.add(session);
    return null;
  }

  private part(session: SMTPServerSession) {
    if (this.present.delete(session)) this.ground.presence.leave(peerOf(session.remoteAddress));
  }

  private async from({ address, args }: SMTPServerAddress, session: SMTPServerSession) {
    mustBeSayable(address, !!args && args.SMTPUTF8 === true);
    if (this.ground.rate.exceeded(peerOf(session.remoteAddress)))
      throw new Reply(450, '4.7.0', 'Gửi quá nhanh, hãy gửi lại sau', 'Too fast, try again later');
    await this.door.sender(inAscii(address), session);
  }

  private async to(to: SMTPServerAddress, session: SMTPServerSession) {
    // Whoever is in charge is reached without a domain (RFC 5321, 4.5.1).
    const { postmasterAddress } = this.ground.settings;
    if (/^postmaster(@|$)/i.test(to.address) && postmasterAddress) to.address = postmasterAddress;
    const { address } = to;
    mustBeSayable(address, session.envelope.smtpUtf8);
    try {
      await this.door.recipient(inAscii(address), session);
    } catch (error) {
      const count = (this.refusals.get(session) ?? 0) + 1;
      this.refusals.set(session, count);
      if (count < mostUnknown) throw error;
      throw new Reply(421, '4.7.0', 'Quá nhiều địa chỉ sai', 'Too many wrong recipients');
    }
  }

  private reply(session: SMTPServerSession, done: Done, work: () => Promise<void>) {
    void this.answer(session, work).then(() => done(), done);
  }

  /** Whatever goes wrong is a Reply in the end: a message is never refused for good by mistake. */
  private async answer<T>(session: SMTPServerSession, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const reply = error instanceof Reply ? error : tryAgain();
      if (reply !== error) this.ground.failed(error);
      this.ground.refused(reply, this.door, session);
      throw session.envelope.smtpUtf8 ? reply.inUtf8() : reply;
    }
  }
}

/** The envelope of a message in hand. */
export const envelopeOf = ({ envelope: { mailFrom, rcptTo } }: SMTPServerSession): Envelope => ({
  reversePath: mailFrom ? inAscii(mailFrom.address) : '',
  recipients: rcptTo.map(({ address }) => inAscii(address)),
});

/** The domain as DNS knows it; what stands before it stays as it was said. */
function inAscii(address: string): string {
  const at = address.lastIndexOf('@') + 1;
  if (at === 0) return address;
  return address.slice(0, at) + (domainToASCII(address.slice(at)) || address.slice(at));
}

function mustBeSayable(address: string, utf8: boolean | undefined) {
  if (utf8 || !/[^\0-\x7f]/.test(address.slice(0, address.lastIndexOf('@') + 1))) return;
  throw new Reply(553, '5.6.7', 'Địa chỉ này cần SMTPUTF8', 'This address needs SMTPUTF8');
}
