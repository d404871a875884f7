import { Resolver } from 'node:dns/promises';

/** Asks DNS for records of a kind; the texts of TXT come in pieces. Throws with a code as node:dns does. */
export type Resolve = (name: string, kind: string) => Promise<string[][]>;

/** Whether DNS has said that there is nothing, which is an answer. */
export const isAbsent = (error: unknown): boolean =>
  ['ENOTFOUND', 'ENODATA'].includes((error as { code?: string }).code ?? '');

/** Asks these servers (`address` or `address:port`), or those of the machine; each question ends after some seconds. */
export function resolveBy(servers: string[]): Resolve {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return (name, kind) => resolver.resolve(name, kind) as unknown as Promise<string[][]>;
}
