import { Readable } from 'node:stream';
import { rootCertificates, type TLSSocket } from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Host } from './routes.js';

/** How a line to another server must be protected. */
export type Protection = 'opportunistic' | 'encrypted' | 'verified';

/** What one server said about one recipient. */
export interface Answer {
  kind: 'sent' | 'refused' | 'deferred';
  /** The server's words, with its code; or ours when it said nothing. */
  reply: string;
  /** Of RFC 3463, such as 5.1.1: the server's, or what fits its code. */
  status: string;
  host: string;
  tls?: string;
}

export interface Envelope {
  from: string;
  to: string[];
  size: number;
  /** Comes back in reports about the mail (RFC 3461). */
  envelopeId: string;
}

/** Nothing was handed over, and nobody said anything about the mail: another server may be asked. */
export class NotReached extends Error {
  override name = 'NotReached';
  constructor(
    message: string,
    readonly tlsFailed: boolean,
  ) {
    super(message);
  }
}

export interface Line {
  protection: Protection;
  /** How we greet. */
  name: string;
  silenceMs: number;
  /** PEM of roots beside the usual ones. */
  roots?: string;
  /** Ends the conversation wherever it is. */
  signal: AbortSignal;
}

interface Refusal extends Error {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
  recipient?: string;
  rejectedErrors?: Refusal[];
}

/** Setting a session up, from connecting to the end of STARTTLS. */
const setUpMs = 60_000;
const pieceBytes = 64 * 1024;
const maxReply = 1_000;

/**
 * Hands a message to one server at one address, for all recipients in one transaction, and says what it
 * answered for each. In opportunistic mode a line that cannot be encrypted goes on in the clear.
 * Throws NotReached.
 */
export async function handOver(
  host: Host,
  address: string,
  line: Line,
  envelope: Envelope,
  message: readonly Buffer[],
): Promise<Map<string, Answer>> {
  try {
    return await converse(host, address, line, envelope, message, false);
  } catch (error) {
    const plainAgain =
      error instanceof NotReached && error.tlsFailed && line.protection === 'opportunistic';
    if (!plainAgain || host.user || host.implicitTls) throw error;
    return converse(host, address, line, envelope, message, true);
  }
}

async function converse(
  host: Host,
  address: string,
  line: Line,
  envelope: Envelope,
  message: readonly Buffer[],
  inTheClear: boolean,
): Promise<Map<string, Answer>> {
  // A password is never shown to a server that has not proved its name.
  const verified = line.protection === 'verified' || host.user !== undefined;
  const connection = new SMTPConnection({
    ...{ host: address, port: host.port, servername: host.name, name: line.name },
    secure: host.implicitTls ?? false,
    ignoreTLS: inTheClear,
    requireTLS: verified || line.protection === 'encrypted',
    opportunisticTLS: !verified && line.protection === 'opportunistic',
    ...{ connectionTimeout: setUpMs, greetingTimeout: setUpMs, socketTimeout: line.silenceMs },
    ...{ maxResponseSize: 64 * 1024, logger: false },
    tls: {
      rejectUnauthorized: verified,
      ca: line.roots ? [...rootCertificates, line.roots] : undefined,
    },
  });
  const cut = () => connection.close();
  line.signal.addEventListener('abort', cut, { once: true });
  try {
    await opened(connection, line.signal);
    if (host.user) await signedIn(connection, host);
    const place = { host: `${host.name} (${address})`, tls: tlsOf(connection) };
    const said = await transaction(connection, line.signal, envelope, message);
    return new Map([...said].map(([recipient, answer]) => [recipient, { ...answer, ...place }]));
  } finally {
    line.signal.removeEventListener('abort', cut);
    connection.quit();
    setTimeout(() => connection.close(), 2_000).unref();
  }
}

const cutOff = (reason = 'cut off here') => Object.assign(new Error(reason), { code: 'ECUT' });

/** Rejects with NotReached: whatever happens before MAIL is about the server, not about the mail. */
function opened(connection: SMTPConnection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Refusal) => {
      const words = error.response ? oneLine(error.response) : error.message;
      const handshake = error.code === 'ETLS' || error.command === 'STARTTLS';
      reject(new NotReached(words, handshake || connection.upgrading === true));
    };
    connection.on('error', failed);
    connection.on('end', () => failed(cutOff()));
    if (signal.aborted) return failed(cutOff());
    connection.connect((error) => (error ? failed(error) : resolve()));
  });
}

function signedIn(connection: SMTPConnection, { user, password }: Host): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.login({ user, credentials: { user, pass: password } }, (error) =>
      error ? reject(new NotReached(oneLine(error.response ?? error.message), false)) : resolve(),
    );
  });
}

type Said = Pick<Answer, 'kind' | 'reply' | 'status'>;

async function transaction(
  connection: SMTPConnection,
  signal: AbortSignal,
  { from, to, size, envelopeId }: Envelope,
  message: readonly Buffer[],
): Promise<Map<string, Said>> {
  const foreign = [from, ...to].some((each) => /[^\x00-\x7f]/.test(each));
  if (foreign && !/^250[ -]SMTPUTF8\b/im.test(String(connection.lastServerResponse))) {
    const reply = 'the server does not take addresses with marks (SMTPUTF8, RFC 6531)';
    return new Map(to.map((each) => [each, { kind: 'refused', reply, status: '5.6.7' }]));
  }
  const dsn = { id: envelopeId, return: 'headers' };
  const sent = await new Promise<{ response: string; rejectedErrors?: Refusal[] } | Refusal>(
    (resolve) => {
      // Whoever knows why it ended speaks first.
      connection.on('end', () =>
        setImmediate(() => resolve(cutOff(signal.aborted ? undefined : 'connection lost'))),
      );
      connection.send(
        { from, to, size, dsn, use8BitMime: true },
        Readable.from(inPieces(message)),
        (error, info) => resolve((error as Refusal | null) ?? info),
      );
    },
  );
  const whole = sent instanceof Error ? heard(sent) : accepted(sent.response);
  const alone = new Map(
    (sent.rejectedErrors ?? []).map((each) => [each.recipient!, heard(each)] as const),
  );
  return new Map(to.map((each) => [each, alone.get(each) ?? whole]));
}

function* inPieces(message: readonly Buffer[]) {
  for (const part of message) {
    for (let at = 0; at < part.length; at += pieceBytes) yield part.subarray(at, at + pieceBytes);
  }
}

const accepted = (response: string): Said => ({
  kind: 'sent',
  reply: oneLine(response),
  status: statusIn(response, '2'),
});

/** 4yz is a matter of time, 5yz is not (RFC 5321, 4.2.1); a line that broke is a matter of time. */
function heard({ message, response, responseCode, code }: Refusal): Said {
  if (!responseCode) {
    const status = { EMESSAGE: '5.3.4', EENVELOPE: '5.1.3' }[code ?? ''];
    return {
      kind: status ? 'refused' : 'deferred',
      reply: oneLine(message),
      status: status ?? '4.4.2',
    };
  }
  const permanent = responseCode >= 500 && responseCode < 600;
  return {
    kind: permanent ? 'refused' : 'deferred',
    reply: oneLine(response ?? message),
    status: statusIn(response ?? '', permanent ? '5' : '4'),
  };
}

const statusIn = (response: string, family: string) => {
  const found = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  return found?.startsWith(family) ? found : `${family}.0.0`;
};

/** Replies of many lines in one, without what would disturb a page or a mail. */
const oneLine = (text: string) =>
  text
    .replace(/\r?\n\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3} )?/g, ' ')
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, maxReply)
    .trim();

function tlsOf(connection: SMTPConnection): string | undefined {
  if (!connection.secure || !connection._socket) return undefined;
  const socket = connection._socket as TLSSocket;
  const proved = socket.authorized ? 'verified' : 'unverified';
  return `${socket.getProtocol()} ${socket.getCipher().standardName} ${proved}`;
}
