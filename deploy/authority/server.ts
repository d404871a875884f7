import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as encode from '@eoffice/signing/asn1/encode';
import { CmsSigner, LocalKey } from '@eoffice/signing/cms/sign-cms';
import { answerTimeStampRequest } from '@eoffice/signing/cms/time-stamp-authority';
import { keyPurposes } from '@eoffice/signing/oids';
import type { Log } from '@eoffice/platform/log';
import { answerStatus } from './certificate-status.js';
import { issue, usages } from './issuing.js';
import type { Parties } from './parties.js';
import type { Register } from './register.js';
import {
  bodyOf,
  isUnreadable,
  json,
  pem,
  problem,
  type Reply,
  requestOf,
  same,
  TooLarge,
} from './replies.js';
import { revocationList } from './revocation-list.js';
import { readSigningRequest } from './signing-request.js';

type Route = (body: Buffer) => Reply | Promise<Reply>;

const certificateDays = 365;
/** A policy of the arc for examples (X.660, 2.999). */
const stampPolicy = '2.999.1.1';
/** Reasons for which a certificate ends (RFC 5280, 5.3.1). */
const reasons = [0, 1, 3, 4, 5, 9];

/** Serves certificates, CRLs, OCSP and time stamps; who may issue and revoke knows the token. */
export class AuthorityServer {
  private readonly stamper: LocalKey;
  private readonly open: Record<string, Route>;
  private readonly kept: Record<string, Route>;

  constructor(
    private readonly parties: Parties,
    private readonly register: Register,
    private readonly options: { url: string; token: string; log: Log },
  ) {
    const { root, issuing, stamper } = parties;
    const { certificate } = stamper;
    const chain = [issuing.certificate, root.certificate];
    this.stamper = new LocalKey(stamper.key, new CmsSigner({ certificate, chain }));
    const send = (type: string, body: Uint8Array) => ({ type: `application/${type}`, body });
    this.open = {
      'GET /root.crt': () => send('pkix-cert', root.certificate.bytes),
      'GET /issuing.crt': () => send('pkix-cert', issuing.certificate.bytes),
      'GET /root.crl': () => send('pkix-crl', revocationList(root, [])),
      'GET /issuing.crl': () => send('pkix-crl', revocationList(issuing, register.revoked)),
      'POST /ocsp': (body) => send('ocsp-response', answerStatus(body, register, parties)),
      'POST /tsa': (body) => send('timestamp-reply', this.stamp(body)),
    };
    this.kept = {
      'POST /certificates': (body) => this.certify(body),
      'POST /revocations': (body) => this.revoke(body),
    };
  }

  listener(): Server {
    const server = createServer((request, response) => void this.serve(request, response));
    server.requestTimeout = 10_000;
    server.headersTimeout = 5_000;
    server.maxHeadersCount = 50;
    return server;
  }

  private async serve(request: IncomingMessage, response: ServerResponse) {
    const reply = await this.answer(request).catch((error: Error) => this.wrong(error));
    const { status = 200, type, body } = reply;
    const asked = `${request.method} ${(request.url ?? '').slice(0, 60)}`;
    this.options.log.info({ asked, status }, 'answered');
    // What was not read to its end would be taken for the next request.
    const close = request.complete ? {} : { connection: 'close' };
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...close });
    response.end(body);
  }

  private async answer(request: IncomingMessage): Promise<Reply> {
    const { method = '', url = '', headers } = request;
    const encoded = method === 'GET' && /^\/ocsp\/(.+)$/.exec(url)?.[1];
    if (encoded) {
      return this.open['POST /ocsp']!(Buffer.from(decodeURIComponent(encoded), 'base64'));
    }
    const name = `${method} ${url}`;
    if (Object.hasOwn(this.open, name)) return this.open[name]!(await bodyOf(request));
    if (!Object.hasOwn(this.kept, name)) return problem(404, 'there is nothing here');
    if (!same(headers.authorization, `Bearer ${this.options.token}`)) {
      return problem(401, 'only who knows the token may do this');
    }
    return this.kept[name]!(await bodyOf(request));
  }

  private stamp(request: Buffer): Buffer {
    const [time, serial] = [new Date(), randomBytes(12)];
    const options = { time, serial, policy: stampPolicy, accuracySeconds: 1 };
    try {
      return answerTimeStampRequest(request, this.stamper, options);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      // Rejected as badDataFormat (RFC 3161, 2.4.2).
      return encode.sequence(encode.sequence(encode.integer(2), encode.namedBits(1 << 5)));
    }
  }

  /** Issues for the key and the name of a PKCS #10 request. */
  private async certify(body: Buffer): Promise<Reply> {
    const { subject, spki } = readSigningRequest(requestOf(body));
    const { url, log } = this.options;
    const { issuing, root } = this.parties;
    const purposes = [keyPurposes.documentSigning, keyPurposes.emailProtection];
    const days = certificateDays;
    const wish = { subject, spki, days, purposes, usage: usages.document, url };
    const certificate = issue(wish, issuing);
    await this.register.keep(certificate);
    log.info({ subject: certificate.subject.toString() }, 'issued');
    return json(201, {
      ...{ serial: certificate.serial.toString('hex'), certificate: pem(certificate.bytes) },
      chain: [issuing, root].map((each) => pem(each.certificate.bytes)),
    });
  }

  private async revoke(body: Buffer): Promise<Reply> {
    const { serial, reason } = JSON.parse(body.toString()) as { serial?: string; reason?: number };
    if (reason !== undefined && !reasons.includes(reason)) {
      return problem(400, 'the reason is none of RFC 5280, 5.3.1');
    }
    const done = await this.register.revoke(String(serial), reason);
    if (!done) return problem(404, 'this certificate was not issued here');
    this.options.log.info({ serial, reason }, 'revoked');
    return json(200, { serial });
  }

  private wrong(error: Error): Reply {
    if (error instanceof TooLarge) return problem(413, 'it is too large');
    if (isUnreadable(error)) return problem(400, error.message);
    this.options.log.error({ err: error }, 'unexpected');
    return problem(500, 'unexpected');
  }
}
