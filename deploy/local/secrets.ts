import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a local stack must keep to itself; made once, readable by its owner only. */
export interface Secrets {
  /** Passwords of the services' roles in PostgreSQL and users of NATS, and what else is made once. */
  passwords: Record<string, string>;
  gatewaySecret: string;
  adminPassword: string;
  /** The TOTP secret of `admin`, once the seed has set it up. */
  adminTotp?: string;
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

export async function keepSecrets(file: string, secrets: Secrets) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
}

/** The password of a service somewhere; made when it is first asked for. */
export function passwordOf(
  secrets: Secrets,
  where: 'postgres' | 'nats' | 'signing' | 'authority',
  service: string,
): string {
  return (secrets.passwords[`${where}/${service}`] ??= random());
}
