import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Der, tags } from '@eoffice/signing/asn1/der';
import { pssOf } from '@eoffice/signing/x509/algorithms';
import type { Party } from '@eoffice/signing/testing/authority';
import { requireProgram } from './programs.js';

const run = promisify(execFile);
const sha = { '2.16.840.1.101.3.4.2.1': 'sha256', '2.16.840.1.101.3.4.2.2': 'sha384' } as const;

/** How a service keeps a key. */
export interface Keeping {
  party: Party;
  /** Who it belongs to there. */
  user?: string;
  /** OIDs that it says it signs with. */
  algorithms: string[];
  /** Absent: the service asks the holder by itself. */
  pin?: string;
  /** Whether a one-time code is wanted besides: one that the service sends, or that a device makes. */
  otp?: 'sent' | 'made';
  /** The code that is right next. */
  code?: string;
  /** Whether something is answered elsewhere, which nobody can ask for here. */
  elsewhere?: boolean;
  status?: string;
  /** ECDSA as r and s alone. */
  raw?: boolean;
}

type Fields = Record<string, unknown>;

/** What went wrong, as the API says it. */
class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

/** Ways in which a service is down, slow or lying, each at one method. */
export const faults = {
  down: 'signatures/signHash',
  gone: 'info',
  slow: 'signatures/signHash',
  dripping: 'credentials/authorize',
  huge: 'signatures/signHash',
  malformed: 'signatures/signHash',
  redirecting: 'oauth2/token',
  'of another version': 'info',
  'without authorisation': 'credentials/authorize',
  'signing something else': 'signatures/signHash',
  'signing twice': 'signatures/signHash',
  'signing nothing': 'signatures/signHash',
} as const;
export type Fault = keyof typeof faults;

/**
 * A remote signing service with an API of the Cloud Signature Consortium, which signs with OpenSSL and
 * takes nothing but what that API says.
 */
export class SigningService {
  readonly clientId = 'tinh-lam-dong';
  readonly clientSecret = randomBytes(16).toString('hex');
  /** Methods asked so far. */
  readonly asked: string[] = [];
  fault?: Fault;
  private readonly kept = new Map<string, Keeping>();
  private readonly authorised = new Map<string, string>();
  private readonly token = randomBytes(16).toString('hex');
  private readonly folder = mkdtempSync(join(tmpdir(), 'eoffice-csc-'));
  private server!: Server;

  private constructor(readonly version: 1 | 2) {}

  static async open(version: 1 | 2): Promise<SigningService> {
    const self = new SigningService(version);
    self.server = createServer((request, response) => {
      self.answer(request, response).catch((error: unknown) => {
        const { status, code } =
          error instanceof Refused ? error : { status: 500, code: 'server_error' };
        response.writeHead(status).end(JSON.stringify({ error: code, error_description: code }));
      });
    }).listen(0, '127.0.0.1');
    await once(self.server, 'listening');
    return self;
  }

  get url(): string {
    const { port } = this.server.address() as { port: number };
    return `http://127.0.0.1:${port}/csc/v${this.version}`;
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Keeps a key. Returns it, to be changed. */
  keep(keeping: Keeping): Keeping {
    this.kept.set(`credential-${this.kept.size + 1}`, keeping);
    return keeping;
  }

  private async answer(request: IncomingMessage, response: ServerResponse) {
    const method = (request.url ?? '').replace(`/csc/v${this.version}/`, '');
    this.asked.push(method);
    const said = await text(request);
    if (this.fault && faults[this.fault] === method && broken(this.fault, response)) return;
    if (method === 'oauth2/token') return this.reply(response, this.grant(said));
    const fields = JSON.parse(said) as Fields;
    if (method !== 'info' && request.headers.authorization !== `Bearer ${this.token}`) {
      throw new Refused(401, 'invalid_token');
    }
    const answer = await this.called(method, fields);
    if (answer) this.reply(response, answer);
    else response.writeHead(204).end();
  }

  private reply(response: ServerResponse, answer: object) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  private grant(said: string) {
    const form = new URLSearchParams(said);
    const known =
      form.get('grant_type') === 'client_credentials' &&
      form.get('client_id') === this.clientId &&
      form.get('client_secret') === this.clientSecret;
    if (!known) throw new Refused(400, 'invalid_client');
    return { access_token: this.token, token_type: 'Bearer', expires_in: 3_600 };
  }

  private async called(method: string, fields: Fields): Promise<object | undefined> {
    switch (method) {
      case 'info':
        return { specs: this.version === 1 ? '1.0.4.0' : '2.0.0.2', authType: ['oauth2client'] };
      case 'credentials/list':
        return { credentialIDs: this.list(fields) };
      case 'credentials/info':
        return this.info(this.keeping(fields));
      case 'credentials/authorize':
        return this.authorise(fields);
      case 'credentials/sendOTP':
      case 'credentials/getChallenge':
        return this.sendCode(method, fields);
      case 'signatures/signHash':
        return this.sign(fields);
      default:
        throw new Refused(404, 'invalid_request');
    }
  }

  private list({ userID, maxResults }: Fields): string[] {
    const theirs = [...this.kept].filter(([, { user }]) => user === userID);
    return theirs.slice(0, Number(maxResults)).map(([id]) => id);
  }

  private keeping({ credentialID }: Fields): Keeping {
    const found = this.kept.get(String(credentialID));
    if (!found) throw new Refused(400, 'invalid_request');
    return found;
  }

  private info({ party, algorithms, pin, otp, elsewhere, status = 'enabled' }: Keeping) {
    const certificates = [party.certificate.bytes.toString('base64')];
    const mode = pin || otp || elsewhere ? 'explicit' : 'implicit';
    const common = { key: { status, algo: algorithms, len: 2048 }, cert: { certificates } };
    const presence = (needed: boolean) => ({ presence: String(needed) });
    if (this.version === 1) {
      const code = { ...presence(otp !== undefined), type: otp === 'sent' ? 'online' : 'offline' };
      const authMode = elsewhere ? 'oauth2code' : mode;
      return { ...common, authMode, PIN: presence(pin !== undefined), OTP: code, multisign: 1 };
    }
    const objects = [
      ...(pin ? [{ type: 'Password', id: 'object-0', format: 'N', label: 'Mã PIN ký' }] : []),
      ...(otp === 'sent'
        ? [{ type: 'ChallengeResponse', id: 'OTP', label: 'Mã gửi qua SMS' }]
        : []),
      ...(otp === 'made' ? [{ type: 'Password', id: 'OTP', generator: 'totp' }] : []),
      ...(elsewhere ? [{ type: 'ChallengeResponseOOB', id: 'SMS' }] : []),
    ];
    const auth = mode === 'explicit' ? { mode, objects } : { mode };
    return { ...common, auth, multisign: 1 };
  }

  /** Sends a new code, which is right once. */
  private sendCode(method: string, fields: Fields) {
    const keeping = this.keeping(fields);
    const named = this.version === 1 || fields.authObjectID === 'OTP';
    const own = this.version === 1 ? 'credentials/sendOTP' : 'credentials/getChallenge';
    if (keeping.otp !== 'sent' || !named || method !== own)
      throw new Refused(400, 'invalid_request');
    keeping.code = String(randomInt(100_000, 1_000_000));
    return undefined;
  }

  private hashes(fields: Fields): string {
    const { hash, hashes } = fields;
    const given = this.version === 1 ? hash : hashes;
    const other = this.version === 1 ? hashes : hash;
    if (!Array.isArray(given) || given.length !== 1 || other !== undefined) {
      throw new Refused(400, 'invalid_request');
    }
    return String(given[0]);
  }

  private authorise(fields: Fields) {
    const keeping = this.keeping(fields);
    const { pin, otp, code } = keeping;
    const { PIN, OTP, authData = [] } = fields;
    const given = authData as { id: string; value: string }[];
    const told = (id: string, field: unknown) =>
      this.version === 1 ? field : given.find((one) => one.id === id)?.value;
    const wrong = (kind: string) =>
      new Refused(400, this.version === 1 ? `invalid_${kind}` : 'invalid_authentication_data');
    if (told('object-0', PIN) !== pin) throw wrong('pin');
    if (otp && (!code || told('OTP', OTP) !== code)) throw wrong('otp');
    keeping.code = undefined;
    if (fields.numSignatures !== 1) throw new Refused(400, 'invalid_request');
    const SAD = randomBytes(24).toString('base64');
    this.authorised.set(SAD, `${String(fields.credentialID)} ${this.hashes(fields)}`);
    return { SAD, expiresIn: 300 };
  }

  private async sign(fields: Fields) {
    const { party, algorithms, raw } = this.keeping(fields);
    const hash = this.hashes(fields);
    const sad = String(fields.SAD);
    const bound = this.authorised.get(sad);
    this.authorised.delete(sad);
    if (bound !== `${String(fields.credentialID)} ${hash}`) throw new Refused(400, 'invalid_sad');
    const oid = this.version === 1 ? fields.hashAlgo : fields.hashAlgorithmOID;
    const digest = sha[oid as keyof typeof sha];
    if (!algorithms.includes(String(fields.signAlgo)) || !digest) {
      throw new Refused(400, 'invalid_request');
    }
    const octets = Buffer.from(hash, 'base64');
    if (this.fault === 'signing something else') octets[0]! ^= 1;
    const made = await this.signature(party, octets, [
      `digest:${digest}`,
      ...(fields.signAlgoParams ? pssOptions(String(fields.signAlgoParams)) : []),
    ]);
    const signature = (raw ? halves(made) : made).toString('base64');
    if (this.fault === 'signing nothing') return { signatures: [] };
    return { signatures: this.fault === 'signing twice' ? [signature, signature] : [signature] };
  }

  private async signature({ keys }: Party, hash: Buffer, how: string[]): Promise<Buffer> {
    const path = (name: string) => join(this.folder, name);
    writeFileSync(path('key.pem'), keys.privateKey.export({ format: 'pem', type: 'pkcs8' }));
    writeFileSync(path('hash'), hash);
    const files = ['-inkey', path('key.pem'), '-in', path('hash')];
    const options = { encoding: 'buffer' } as const;
    const pkeyOptions = how.flatMap((option) => ['-pkeyopt', option]);
    const parameters = ['pkeyutl', '-sign', ...files, ...pkeyOptions];
    return (await run(requireProgram('openssl'), parameters, options)).stdout;
  }
}

/** Answers wrongly, where that does not take a signature. Returns whether it did. */
function broken(fault: Fault, response: ServerResponse): boolean {
  switch (fault) {
    case 'down':
      response.writeHead(503).end();
      return true;
    case 'gone':
      response.destroy();
      return true;
    case 'slow':
      return true;
    case 'dripping': {
      response.writeHead(200).write('{');
      const drops = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(drops));
      return true;
    }
    case 'huge':
      response.writeHead(200).end(`{"signatures":["${'A'.repeat(200_000)}"]}`);
      return true;
    case 'malformed':
      response.writeHead(200).end('{"signatures":["AAAA"');
      return true;
    case 'redirecting':
      response.writeHead(307, { location: '/csc/elsewhere' }).end();
      return true;
    case 'of another version':
      response.writeHead(200).end('{"specs":"3.0"}');
      return true;
    case 'without authorisation':
      response.writeHead(200).end('{"SAD":{}}');
      return true;
    default:
      return false;
  }
}

/** How OpenSSL is told of RSASSA-PSS with these parameters. */
function pssOptions(parameters: string): string[] {
  const { saltLength, maskDigest } = pssOf(Der.read(Buffer.from(parameters, 'base64')));
  return [
    ...['rsa_padding_mode:pss', `rsa_pss_saltlen:${saltLength}`, `rsa_mgf1_md:${maskDigest}`],
  ];
}

/** r and s side by side, as IEEE P1363 has an ECDSA signature. */
function halves(signature: Buffer): Buffer {
  const parts = Der.read(signature, tags.sequence).list(2);
  const padded = parts.map((part) => {
    const hex = BigInt(`0x${part.integerBytes().toString('hex')}`).toString(16);
    return Buffer.from(hex.padStart(64, '0'), 'hex');
  });
  return Buffer.concat(padded);
}
