import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SignInSecrets } from '../seed/seed.js';
import { replaceFile } from './replace-file.js';

/** What a local stack must keep to itself; made once, readable by its owner only. */
export interface Secrets extends SignInSecrets {
  /** Passwords of the services' roles in PostgreSQL and users of NATS, and what else is made once. */
  passwords: Record<string, string>;
  gatewaySecret: string;
  adminPassword: string;
}

const random = () => randomBytes(24).toString('base64url');

/** Reads the secrets of a stack, or makes them. */
export async function readSecrets(file: string): Promise<Secrets> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept) return JSON.parse(kept) as Secrets;
  const secrets: Secrets = { passwords: {}, gatewaySecret: random(), adminPassword: random() };
  await keepSecrets(file, secrets);
  return secrets;
}

/** Keeps the secrets durably: what is locked with them counts from the next moment on. */
export function keepSecrets(file: string, secrets: Secrets): Promise<void> {
  return replaceFile(file, JSON.stringify(secrets, null, 2));
}

/** The password of a service somewhere; made when it is first asked for. */
export function passwordOf(
  secrets: Secrets,
  where: 'postgres' | 'nats' | 'signing' | 'mail' | 'authority',
  service: string,
): string {
  return (secrets.passwords[`${where}/${service}`] ??= random());
}
