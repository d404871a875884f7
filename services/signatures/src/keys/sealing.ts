import {
  createCipheriv,
  createDecipheriv,
  hkdfSync,
  randomBytes,
  scrypt,
  type ScryptOptions,
} from 'node:crypto';
import { promisify } from 'node:util';
import { KeysNotSetUp } from '@eoffice/contracts';
import type { SignaturesSettings } from '../config.js';

// A key is sealed under two things at once: the service's secret, which the operator has, and the
// passphrase, which the holder has. Who steals the database has neither; the operator has one. The
// passphrase goes through scrypt (RFC 7914), so that guessing costs memory for every guess.

/** How a key is sealed; kept with it, so that the cost can be raised for new keys. */
export interface Seal {
  salt: Buffer;
  /** N of scrypt; with r = 8 a guess takes N KiB. */
  cost: number;
  sealed: Buffer;
}

/** 64 MiB a guess. */
const presentCost = 65_536;
const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** One at a time: what many ask for at once must not take all memory. */
let turn: Promise<unknown> = Promise.resolve();

async function sealingKey(
  secret: string,
  passphrase: string,
  { salt, cost }: Omit<Seal, 'sealed'>,
) {
  const options = { N: cost, r: 8, p: 1, maxmem: 256 * cost * 8 };
  const derived = turn.then(() => derive(passphrase.normalize('NFC'), salt, 32, options));
  turn = derived.catch(() => {});
  const own = Buffer.from(hkdfSync('sha256', secret, 'eoffice', 'signing keys', 32));
  return Buffer.from(hkdfSync('sha256', await derived, own, 'key of a key', 32));
}

/** Seals the octets of a key; `bound` is what it must still belong to when it is opened. */
export async function seal(
  secret: string,
  passphrase: string,
  octets: Buffer,
  bound: Buffer,
): Promise<Seal> {
  const place = { salt: randomBytes(16), cost: presentCost };
  const sealed = encrypted(await sealingKey(secret, passphrase, place), octets, bound);
  return { ...place, sealed };
}

/** The octets again; undefined when secret or passphrase is another, or anything was changed. */
export async function unseal(
  secret: string,
  passphrase: string,
  { sealed, ...place }: Seal,
  bound: Buffer,
): Promise<Buffer | undefined> {
  return decrypted(await sealingKey(secret, passphrase, place), sealed, bound);
}

/** Seals what this installation reads again by itself, under its secret alone. */
export const sealOwn = (secret: string, octets: Buffer, bound: Buffer): Buffer =>
  encrypted(ownKey(secret), octets, bound);

/** The octets that `sealOwn` sealed; undefined when the secret is another or anything was changed. */
export const unsealOwn = (secret: string, sealed: Buffer, bound: Buffer): Buffer | undefined =>
  decrypted(ownKey(secret), sealed, bound);

/** What this installation seals under. Throws KeysNotSetUp. */
export function sealingSecret({
  signingSecret,
}: Pick<SignaturesSettings, 'signingSecret'>): string {
  if (!signingSecret) throw new KeysNotSetUp();
  return signingSecret;
}

const ownKey = (secret: string) =>
  Buffer.from(hkdfSync('sha256', secret, 'eoffice', 'secrets of the installation', 32));

function encrypted(key: Buffer, octets: Buffer, bound: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  const body = Buffer.concat([cipher.update(octets), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypted(key: Buffer, sealed: Buffer, bound: Buffer): Buffer | undefined {
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  cipher.setAAD(bound).setAuthTag(sealed.subarray(12, 28));
  try {
    return Buffer.concat([cipher.update(sealed.subarray(28)), cipher.final()]);
  } catch {
    return undefined;
  }
}
