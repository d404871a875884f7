import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Log } from '@eoffice/platform/log';
import { Metrics } from '@eoffice/platform/metrics';
import { ServiceLog } from '@eoffice/platform/tokens';
import { Counter } from 'prom-client';
import type { SMTPServerSession } from 'smtp-server';
import { MailSettings } from '../config.js';
import { certificateFor } from './certificate.js';
import { Exchange } from './exchange.js';
import { Presence, Rate, Room } from './limits.js';
import { type Door, envelopeOf, type Ground, MailServer } from './mail-server.js';
import { Refusals } from './refusals.js';
import type { Reply } from './reply.js';
import { Submission } from './submission.js';

/** Octets of messages that may be coming in at once, of all connections together. */
const roomOctets = 192 << 20;

/** Where mail comes in. */
@Injectable()
export class MailEdge implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** The ports it listens on, once it does. */
  readonly ports = { exchange: 0, submission: 0, submissionTls: 0 };
  private readonly servers: MailServer[] = [];
  private readonly replies: Counter;

  constructor(
    private readonly exchange: Exchange,
    private readonly submission: Submission,
    private readonly settings: MailSettings,
    private readonly refusals: Refusals,
    @Inject(ServiceLog) private readonly log: Log,
    { registry }: Metrics,
  ) {
    this.replies = new Counter({
      name: 'eoffice_mail_refusals_total',
      help: 'Negative replies to mail that came in, by way and reason',
      labelNames: ['way', 'reason'],
      registers: [registry],
    });
  }

  async onApplicationBootstrap() {
    const { settings, log } = this;
    const certificate = await certificateFor(settings);
    if (certificate.selfMade)
      log.warn('mail is encrypted with a certificate of our own making: set MAIL_CERTIFICATE_FILE');
    const ground: Ground = {
      ...{ settings, certificate, room: new Room(roomOctets) },
      presence: new Presence(settings.smtpPeerConnections),
      rate: new Rate(settings.smtpPeerPerMinute),
      refused: (reply, door, session) => this.refused(reply, door, session),
      ended: (fault, { way }) => this.replies.inc({ way, reason: fault }),
      failed: (error) => log.warn({ err: error }, 'mail was put off'),
    };
    const listen = (door: Door, port: number, secure = false) => {
      const server = new MailServer(door, ground, secure);
      this.servers.push(server);
      return server.listen(settings.smtpHost, port);
    };
    const { smtpPort, submissionPort, submissionTlsPort } = settings;
    this.ports.exchange = await listen(this.exchange, smtpPort);
    this.ports.submission = await listen(this.submission, submissionPort);
    this.ports.submissionTls = await listen(this.submission, submissionTlsPort, true);
    log.info({ ...this.ports }, 'mail comes in');
  }

  async beforeApplicationShutdown() {
    await Promise.all(this.servers.map((server) => server.close()));
  }

  private refused(reply: Reply, { way }: Door, session: SMTPServerSession) {
    const { rule, responseCode } = reply;
    this.replies.inc({ way, reason: rule?.name ?? String(responseCode) });
    const { personId } = (session.user ?? {}) as { personId?: string };
    const facts = { way, personId, peer: session.remoteAddress, ...envelopeOf(session) };
    this.refusals.announce(reply, facts);
  }
}
