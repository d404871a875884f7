import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import { TurnGuard } from './turn-guard.js';

const said = {
  'bare-line-end': '5.5.2 Lines end with CR LF, nothing else',
  nul: '5.5.2 There is no NUL in commands',
  'out-of-turn': '5.5.0 Wait for the reply before you go on (RFC 2920)',
};

/** An SMTP server that ends a connection at the first octet which another might read differently. */
export class StrictServer extends SMTPServer {
  private readonly bySession = new WeakMap<SMTPServerSession, StrictConnection>();

  /** @param faulty hears of every connection that was ended so. */
  constructor(
    options: SMTPServerOptions,
    private readonly faulty: (fault: string, session: SMTPServerSession) => void,
  ) {
    super({
      ...options,
      onSecure: (socket, session, next) => {
        this.guard(this.bySession.get(session)!, socket);
        if (options.onSecure) options.onSecure(socket, session, next);
        else next();
      },
    });
  }

  override connect(socket: Socket, options?: SMTPConnectionOptions | null) {
    const connection = new StrictConnection(this, socket, options);
    this.connections.add(connection);
    this.bySession.set(connection.session, connection);
    connection.on('error', (error) => this.emit('error', error));
    this.guard(connection, socket);
    connection.init();
  }

  /** Looks at what comes in before the connection does: who listens first is told first. */
  private guard(connection: StrictConnection, socket: Socket) {
    if (connection.guarded === socket) return;
    connection.guarded = socket;
    const guard = (connection.turn = new TurnGuard());
    socket.on('data', (octets: Buffer) => {
      const fault = guard.see(octets);
      if (!fault || connection.ended) return;
      connection.ended = true;
      this.faulty(fault, connection.session);
      connection.send(554, said[fault]);
      connection.close();
    });
  }
}

/** A connection that tells its guard of its replies, and knows one more way to bear a token. */
class StrictConnection extends SMTPConnection {
  turn = new TurnGuard();
  guarded?: Socket;
  ended = false;

  override send(code: number, data?: string | string[] | null, context?: string | false) {
    this.turn.replied(code);
    // Who names an enhanced status code knows better than the table of usual ones.
    const named = typeof data === 'string' && /^[245]\.\d{1,3}\.\d{1,3} /.test(data);
    super.send(code, data, named ? false : context);
  }

  /** OAUTHBEARER (RFC 7628) says what XOAUTH2 says, in other words. */
  override handler_AUTH(command: Buffer, next: () => void) {
    const [, mechanism = '', response] = command.toString().trim().split(/\s+/);
    if (mechanism.toUpperCase() !== 'OAUTHBEARER') return super.handler_AUTH(command, next);
    if (response) return this.bear(response, next);
    this._nextHandler = (line, then) => this.bear(line.toString().trim(), then);
    this.send(334);
    next();
  }

  private bear(response: string, next: () => void) {
    if (response === '*') {
      this.send(501, '5.7.0 Authentication aborted');
      return next();
    }
    const [header = '', ...pairs] = Buffer.from(response, 'base64').toString().split('\x01');
    const user = /(?:^|,)a=([^,]*)/.exec(header)?.[1]?.replace(/=2C/gi, ',').replace(/=3D/gi, '=');
    const auth = pairs.find((pair) => pair.startsWith('auth=')) ?? '';
    const same = Buffer.from(`user=${user ?? ''}\x01${auth}\x01\x01`).toString('base64');
    super.handler_AUTH(Buffer.from(`AUTH XOAUTH2 ${same}`), next);
  }
}
