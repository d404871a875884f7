import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { asBuffer } from './characters.js';

// What the standard security handler is made of. RC4 and MD5 protect nothing any more; they are here
// because documents encrypted with them still have to be read and signed.

/** RC4 in both directions; OpenSSL 3 no longer offers it. */
export function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (let index = 0, swap = 0; index < 256; index += 1) {
    swap = (swap + state[index]! + key[index % key.length]!) & 0xff;
    [state[index], state[swap]] = [state[swap]!, state[index]!];
  }
  const out = Buffer.allocUnsafe(data.length);
  for (let index = 0, first = 0, second = 0; index < data.length; index += 1) {
    first = (first + 1) & 0xff;
    second = (second + state[first]!) & 0xff;
    [state[first], state[second]] = [state[second]!, state[first]!];
    out[index] = data[index]! ^ state[(state[first]! + state[second]!) & 0xff]!;
  }
  return out;
}

export const md5 = (...parts: Uint8Array[]): Buffer => hashOf('md5', parts);
export const sha256 = (...parts: Uint8Array[]): Buffer => hashOf('sha256', parts);

function hashOf(algorithm: string, parts: Uint8Array[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** AES in CBC mode: the vector comes first, PKCS#7 padding last; wrong padding is left in place. */
export function openAes(key: Uint8Array, data: Uint8Array): Buffer {
  if (data.length < 32) return Buffer.alloc(0);
  const whole = data.length - (data.length % 16);
  const plain = aesBlocks(key, data.subarray(0, 16), data.subarray(16, whole), 'open');
  const padding = plain.at(-1) ?? 0;
  return padding >= 1 && padding <= 16 ? plain.subarray(0, plain.length - padding) : plain;
}

/** The reverse, with a random vector. */
export function sealAes(key: Uint8Array, data: Uint8Array): Buffer {
  const vector = randomBytes(16);
  const padding = 16 - (data.length % 16);
  const padded = Buffer.concat([data, Buffer.alloc(padding, padding)]);
  return Buffer.concat([vector, aesBlocks(key, vector, padded, 'seal')]);
}

/** AES-CBC over whole blocks without padding. */
export function aesBlocks(
  key: Uint8Array,
  vector: Uint8Array,
  data: Uint8Array,
  direction: 'open' | 'seal',
): Buffer {
  const name = `aes-${key.length * 8}-cbc`;
  const create = direction === 'open' ? createDecipheriv : createCipheriv;
  const cipher = create(name, key, vector).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** The hash of revision 6 (ISO 32000-2, algorithm 2.B); revision 5 stops after SHA-256. */
export function hardenedHash(password: Uint8Array, salt: Uint8Array, revision: number): Buffer {
  let key = sha256(password, salt);
  if (revision < 6) return key;
  for (let round = 0, last = 0; round < 64 || last > round - 32; round += 1) {
    const part = Buffer.concat([password, key]);
    const repeated = Buffer.concat(Array.from({ length: 64 }, () => part));
    const sealed = aesBlocks(key.subarray(0, 16), key.subarray(16, 32), repeated, 'seal');
    const sum = sealed.subarray(0, 16).reduce((total, byte) => total + byte, 0);
    key = hashOf(['sha256', 'sha384', 'sha512'][sum % 3]!, [sealed]);
    last = asBuffer(sealed).at(-1)!;
  }
  return key.subarray(0, 32);
}
