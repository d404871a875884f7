import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import { PinRefused, TokensNotSetUp, TokenUnavailable } from '@eoffice/contracts';
import * as encode from '@eoffice/signing/asn1/encode';
import type { CmsSigner } from '@eoffice/signing/cms/sign-cms';
import { digestBytes, digestInfo, type SignatureScheme } from '@eoffice/signing/x509/algorithms';
import { SignaturesSettings } from '../config.js';

const program = fileURLToPath(new URL('./token.mjs', import.meta.url));
const maxAnswer = 1024 * 1024;
const pinFaults = /^CKR_PIN_|^CKR_USER_PIN_NOT_INITIALIZED$/;
/** Variables that carry secrets of ours, which no library of a vendor has to see. */
const secrets = /SECRET|PASSWORD|PASSPHRASE|PIN|TOKEN|CREDENTIAL|_KEY|_URL/i;

/** Where a key is: the token by its label, and the key there by its identifier (CKA_ID). */
export interface TokenKey {
  token: string;
  objectId: Buffer;
}

interface Question {
  act: 'list' | 'sign';
  token: string;
  /** Empty stands for that of the settings. */
  pin: string;
  id?: string;
  scheme?: SignatureScheme;
  input?: string;
}

interface KeyOnToken {
  private: boolean;
  id?: string;
  modulus?: string;
  point?: string;
}

/** Tokens and HSMs behind the one PKCS #11 library of the settings; each operation is a process. */
@Injectable()
export class Tokens {
  constructor(private readonly settings: SignaturesSettings) {}

  /**
   * The identifier of the private key that belongs to a public one; undefined when the token has none.
   * Throws TokensNotSetUp, TokenUnavailable or PinRefused.
   */
  async find(token: string, pin: string, spki: Buffer): Promise<Buffer | undefined> {
    const keys = await this.ask<KeyOnToken[]>({ act: 'list', token, pin });
    const id = keys.find((key) => key.id && belongs(key, spki))?.id;
    const held = keys.some((key) => key.private && key.id === id);
    return id && held ? Buffer.from(id, 'base64') : undefined;
  }

  /**
   * The key's part over these octets, found to be one by the signer's certificate. Throws
   * TokensNotSetUp, TokenUnavailable or PinRefused.
   */
  async sign(
    { token, objectId }: TokenKey,
    pin: string,
    bytes: Uint8Array,
    { scheme, certificate }: Pick<CmsSigner, 'scheme' | 'certificate'>,
  ): Promise<Buffer> {
    const input = inputFor(scheme, bytes).toString('base64');
    const id = objectId.toString('base64');
    const made = await this.ask<string>({ act: 'sign', token, pin, id, scheme, input });
    const raw = Buffer.from(made, 'base64');
    const signature = scheme.kind === 'ecdsa' ? ecdsaValue(raw) : raw;
    if (!certificate.publicKey.verifies(scheme, bytes, signature)) {
      throw new TokenUnavailable({
        vi: 'Thiết bị trả về chữ ký không đúng',
        en: 'What the device returned is no signature by this key',
      });
    }
    return signature;
  }

  private async ask<T>(question: Question): Promise<T> {
    const { pkcs11Module: module, pkcs11TimeoutMs, pkcs11Pin } = this.settings;
    if (!module) throw new TokensNotSetUp();
    const pin = question.pin || pkcs11Pin;
    if (!pin) throw new PinRefused();
    const asked = JSON.stringify({ ...question, module, pin });
    const answer = await answerTo(asked, pkcs11TimeoutMs);
    if (answer?.value !== undefined) return answer.value as T;
    const fault = answer?.fault ?? 'no answer';
    if (fault === 'driver' || fault === 'module') throw notLoaded(fault);
    if (pinFaults.test(fault)) throw new PinRefused();
    throw new TokenUnavailable({
      vi: `Thiết bị “${question.token}” không ký được lúc này (${fault})`,
      en: `The device “${question.token}” cannot sign now (${fault})`,
    });
  }
}

/** Undefined when the process fell, or was ended because it took too long. */
function answerTo(
  question: string,
  timeout: number,
): Promise<{ value?: unknown; fault?: string } | undefined> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !secrets.test(name)),
  );
  const stdio: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore'];
  const child = spawn(process.execPath, [program], {
    ...{ env, stdio, timeout, killSignal: 'SIGKILL' },
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part;
    if (said.length > maxAnswer) child.kill('SIGKILL');
  });
  // A process that fell at once reads no question.
  child.stdin.on('error', () => {}).end(question);
  return new Promise((resolve) => {
    child.on('error', () => resolve(undefined));
    child.on('close', () => {
      try {
        resolve(JSON.parse(said) as object);
      } catch {
        resolve(undefined);
      }
    });
  });
}

/** Octets of a modulus or of a point stand in the public key as they are. */
function belongs({ modulus, point }: KeyOnToken, spki: Buffer): boolean {
  const octets = Buffer.from(modulus ?? point ?? '', 'base64');
  // A point comes as an OCTET STRING (PKCS #11 2.40, 2.3.3), from some libraries without it.
  const bare = modulus === undefined && octets[0] === 0x04 && octets[1]! < 0x80;
  const wrapped = bare && octets.length === octets[1]! + 2 ? 2 : octets[1] === 0x81 ? 3 : 0;
  const value = modulus === undefined ? octets.subarray(wrapped) : octets;
  return value.length >= 32 && spki.includes(value);
}

/** What such a key signs: a DigestInfo (RFC 8017, 9.2) or the digest alone. */
function inputFor({ kind, digest }: SignatureScheme, bytes: Uint8Array): Buffer {
  if (kind === 'ed25519' || kind === 'ed448' || digest === 'none') {
    throw new TokenUnavailable({
      vi: 'Chưa ký được bằng khóa Edwards trên thiết bị',
      en: 'Edwards keys of devices cannot be used yet',
    });
  }
  const hash = digestBytes(digest, bytes);
  return kind === 'rsa' ? digestInfo(digest, hash) : hash;
}

/** r and s of equal length, as ECDSA-Sig-Value (RFC 3279, 2.2.3). */
export function ecdsaValue(raw: Buffer): Buffer {
  const half = raw.length / 2;
  const integer = (octets: Buffer) => encode.integer(BigInt(`0x0${octets.toString('hex')}`));
  return encode.sequence(integer(raw.subarray(0, half)), integer(raw.subarray(half)));
}

const notLoaded = (what: string) =>
  what === 'driver'
    ? new TokensNotSetUp({
        vi: 'Chưa biên dịch được pkcs11js: hãy cài g++ rồi khởi động lại',
        en: 'pkcs11js is not compiled: install g++ and start again',
      })
    : new TokensNotSetUp({
        vi: 'Không nạp được thư viện PKCS #11 của thiết bị',
        en: 'The PKCS #11 library of the device cannot be loaded',
      });
