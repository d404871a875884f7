import type { Sentence } from '@eoffice/contracts';
import { digestOid, type DigestName } from '@eoffice/signing/x509/algorithms';
import { bytesOf } from '../signing/trusted-certificate.js';

/** Where a remote service is, and who we are there. */
export interface CscTerms {
  url: string;
  tokenUrl?: string;
  clientId: string;
  clientSecret: string;
}

/** A key that the service keeps, as it describes it. */
export interface CscCredential {
  id: string;
  /** The certificate in DER; what it says is to be compared, not believed. */
  certificate: Buffer;
  /** OIDs of the signatures that it makes, or of its kind of key alone. */
  algorithms: string[];
  enabled: boolean;
  /** What authorises a signature besides us; undefined when it takes what we cannot give. */
  factors?: CscFactors;
}

/** What the holder authorises with, by its name there; neither, where the service asks by itself. */
export interface CscFactors {
  pin?: string;
  /** A one-time code, and whether the service sends it when asked to. */
  code?: { name: string; sent: boolean };
}

/** What was given of them. */
export interface CscGiven {
  pin: string;
  code?: string;
}

/** What a service is asked to sign. */
export interface CscQuestion {
  digest: DigestName;
  hash: Buffer;
  /** OID of the signature algorithm, and its parameters in DER where it has any. */
  algorithm: string;
  parameters?: Buffer;
}

/** Why a service gave no answer that can be used. */
export class CscError extends Error {
  override name = 'CscError';
  constructor(
    readonly reason: Sentence,
    /** The error code of the service (CSC API, 10.1). */
    readonly code?: string,
  ) {
    super(reason.en);
  }
}

type Answer = Record<string, unknown>;

const maxBytes = 64 * 1024;
const maxCredentials = 20;
const maxAlgorithms = 50;
const printable = /^[\x21-\x7e]{1,8000}$/;
const identifier = /^[\x20-\x7e]{1,200}$/;
const objectIdentifier = /^\d(\.\d{1,20}){1,20}$/;
const base64 = /^[A-Za-z0-9+/\r\n]+={0,2}\s*$/;

/**
 * Speaks the API of the Cloud Signature Consortium, 1.0.4 or 2.x, to one service within one span of
 * time: client credentials (RFC 6749, 4.4) let us in, and each signature is authorised for its hash
 * alone. All methods throw CscError.
 */
export class CscClient {
  private constructor(
    private readonly terms: CscTerms,
    private readonly version: 1 | 2,
    private readonly token: string,
  ) {}

  static async open(terms: CscTerms, signal: AbortSignal): Promise<CscClient> {
    const info = await ask(`${terms.url}/info`, {}, signal);
    const version = /^([12])\./.exec(text(info, 'specs', /^[\d.]{1,20}$/))?.[1];
    if (!version) throw malformed('specs');
    const form = new URLSearchParams({
      ...{ grant_type: 'client_credentials', client_id: terms.clientId },
      client_secret: terms.clientSecret,
    });
    const granted = await ask(terms.tokenUrl ?? `${terms.url}/oauth2/token`, form, signal);
    const token = text(granted, 'access_token', printable);
    return new CscClient(terms, version === '1' ? 1 : 2, token);
  }

  async credentialIds(userId: string | undefined, signal: AbortSignal): Promise<string[]> {
    const question = { userID: userId, maxResults: maxCredentials };
    const { credentialIDs: ids } = await this.ask('credentials/list', question, signal);
    if (!Array.isArray(ids)) throw malformed('credentialIDs');
    return ids.slice(0, maxCredentials).map((id) => text({ id }, 'id', identifier));
  }

  async credential(id: string, signal: AbortSignal): Promise<CscCredential> {
    const question = { credentialID: id, certificates: 'single', authInfo: true };
    const info = await this.ask('credentials/info', question, signal);
    const key = object(info, 'key');
    const certificates = object(info, 'cert').certificates;
    if (!Array.isArray(key.algo) || !Array.isArray(certificates)) throw malformed('key, cert');
    return {
      id,
      certificate: octets({ certificate: certificates[0] }, 'certificate', 32_000),
      algorithms: key.algo
        .slice(0, maxAlgorithms)
        .map((oid) => text({ oid }, 'oid', objectIdentifier)),
      enabled: key.status === 'enabled',
      ...(this.version === 1 ? authorisation1(info) : authorisation2(info)),
    };
  }

  /** Has one hash authorised and signed. What comes back is the service's word, no more. */
  async sign(
    { id, factors }: Pick<CscCredential, 'id' | 'factors'>,
    given: CscGiven,
    { digest, hash, algorithm, parameters }: CscQuestion,
    signal: AbortSignal,
  ): Promise<Buffer> {
    const oid = digestOid(digest);
    const hashes = [hash.toString('base64')];
    const first = this.version === 1;
    const named = first ? { hash: hashes } : { hashes, hashAlgorithmOID: oid };
    const told = toldOf(factors ?? {}, given);
    const factor = first
      ? Object.fromEntries(told.map(({ id, value }) => [id, value]))
      : { authData: told };
    const { SAD } = await this.ask(
      'credentials/authorize',
      { credentialID: id, numSignatures: 1, ...named, ...(told.length > 0 ? factor : {}) },
      signal,
    );
    const question = {
      ...{ credentialID: id, SAD: text({ SAD }, 'SAD', printable), ...named },
      ...(first ? { hashAlgo: oid } : { operationMode: 'S' }),
      signAlgo: algorithm,
      signAlgoParams: parameters?.toString('base64'),
    };
    const { signatures } = await this.ask('signatures/signHash', question, signal);
    if (!Array.isArray(signatures) || signatures.length !== 1) throw malformed('signatures');
    return octets({ signature: signatures[0] }, 'signature', 4_096);
  }

  /** Has the service send its holder a one-time code. Throws also for a challenge to be answered. */
  async sendCode(credentialID: string, authObjectID: string, signal: AbortSignal): Promise<void> {
    const answer =
      this.version === 1
        ? await this.ask('credentials/sendOTP', { credentialID }, signal)
        : await this.ask('credentials/getChallenge', { credentialID, authObjectID }, signal);
    if (answer.challenge !== undefined) throw malformed('challenge');
  }

  private ask(method: string, question: object, signal: AbortSignal): Promise<Answer> {
    return ask(`${this.terms.url}/${method}`, question, signal, this.token);
  }
}

/** CSC API 1.0.4, 11.5. */
function authorisation1(info: Answer): Pick<CscCredential, 'factors'> {
  const wanted = (name: string) => {
    const factor = info[name] === undefined ? {} : object(info, name);
    return factor.presence === 'true' ? factor : undefined;
  };
  const [pin, code] = [wanted('PIN'), wanted('OTP')];
  const sent = code?.type === 'online';
  return factorsOf(info.authMode, {
    ...(pin && { pin: 'PIN' }),
    ...(code && { code: { name: 'OTP', sent } }),
  });
}

/**
 * CSC API 2, 8.3.1 and 11.5: objects that are asked for by name, all of them whatever an expression
 * says. A password that something generates is a code; what the holder answers elsewhere is not ours.
 */
function authorisation2(info: Answer): Pick<CscCredential, 'factors'> {
  const { mode, objects = [] } = object(info, 'auth');
  if (!Array.isArray(objects)) throw malformed('auth');
  const factors: CscFactors = {};
  for (const one of objects as unknown[]) {
    const { type, id, generator } = object({ one }, 'one');
    const name = text({ id }, 'id', identifier);
    const sent = type === 'ChallengeResponse';
    if (type === 'Password' && !generator && !factors.pin) factors.pin = name;
    else if ((sent || type === 'Password') && !factors.code) factors.code = { name, sent };
    else return {};
  }
  return factorsOf(mode, factors);
}

function factorsOf(mode: unknown, factors: CscFactors): Pick<CscCredential, 'factors'> {
  if (mode === 'implicit') return { factors: {} };
  return mode === 'explicit' ? { factors } : {};
}

function toldOf({ pin, code }: CscFactors, given: CscGiven): { id: string; value: string }[] {
  return [
    ...(pin ? [{ id: pin, value: given.pin }] : []),
    ...(code ? [{ id: code.name, value: given.code ?? '' }] : []),
  ];
}

async function ask(
  url: string,
  question: object,
  signal: AbortSignal,
  token?: string,
): Promise<Answer> {
  const form = question instanceof URLSearchParams;
  const headers = {
    ...(form ? {} : { 'content-type': 'application/json' }),
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  const body = form ? question : JSON.stringify(question);
  const reply = await fetch(url, { method: 'POST', redirect: 'error', headers, body, signal })
    .then(async (answer) => ({
      ok: answer.ok,
      status: answer.status,
      said: await bytesOf(answer, maxBytes),
    }))
    .catch((error: unknown) => {
      if (error instanceof RangeError) throw malformed(`> ${maxBytes / 1024} KB`);
      throw silent;
    });
  const answer = reply.status === 204 ? {} : parsed(reply.said);
  if (reply.ok && answer) return answer;
  if (reply.ok) throw malformed('JSON');
  const code = typeof answer?.error === 'string' ? answer.error : '';
  const known = /^[a-z_]{1,40}$/.test(code) ? code : String(reply.status);
  throw new CscError({ vi: `bị từ chối (${known})`, en: `it refuses (${known})` }, code);
}

function parsed(said: Buffer): Answer | undefined {
  try {
    return object({ said: JSON.parse(said.toString('utf8')) as unknown }, 'said');
  } catch {
    return undefined;
  }
}

function object(answer: Answer, name: string): Answer {
  const value = answer[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(name);
  return value as Answer;
}

function text(answer: Answer, name: string, pattern: RegExp): string {
  const value = answer[name];
  if (typeof value !== 'string' || !pattern.test(value)) throw malformed(name);
  return value;
}

function octets(answer: Answer, name: string, max: number): Buffer {
  const found = Buffer.from(text(answer, name, base64), 'base64');
  if (found.length === 0 || found.length > max) throw malformed(name);
  return found;
}

const silent = new CscError({ vi: 'không trả lời kịp', en: 'it gives no answer in time' });
const malformed = (what: string) =>
  new CscError({ vi: `trả lời sai quy cách (${what})`, en: `its answer is malformed (${what})` });
