import { argon2, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** Argon2id with the parameters OWASP recommends (19 MiB, two passes, one lane). */
const strength = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };

async function tagOf(password: string, nonce: Buffer, { memory, passes, parallelism } = strength) {
  const message = Buffer.from(password.normalize('NFC'));
  const parameters = { message, nonce, memory, passes, parallelism, tagLength: 32 };
  return (await derive('argon2id', parameters)) as Buffer;
}

/** What is kept of a password: parameters, salt and tag, in the PHC string format. */
export async function hashOf(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await tagOf(password, salt);
  const plain = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  const { memory, passes, parallelism } = strength;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${plain(salt)}$${plain(tag)}`;
}

const nobody = await hashOf(randomBytes(16).toString('hex'));

/** Whether a password fits. As much work for an account that does not exist as for one that does. */
export async function fits(password: string, kept: string | null | undefined): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(
    kept ?? nobody,
  )!;
  const [memory, passes, parallelism] = match.slice(1, 4).map(Number) as [number, number, number];
  const salt = Buffer.from(match[4]!, 'base64');
  const expected = Buffer.from(match[5]!, 'base64');
  const tag = await tagOf(password, salt, { memory, passes, parallelism, tagLength: 32 });
  return timingSafeEqual(tag, expected) && Boolean(kept);
}

/** What is kept of a random token: its hash is enough, since nobody can guess it. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares two hashes of tokens in constant time. */
export function sameHash(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
