import { Resolver } from 'node:dns/promises';
import { type BlockList, isIP, isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import { isInside } from '@eoffice/platform/addresses';
import { MailSettings, networksOf } from '../config.js';

/** What DNS says does not exist: the name, or the kind of record. */
const absent = new Set(['ENOTFOUND', 'ENODATA']);
/** What it says of a name that is none. */
const malformed = new Set(['EBADNAME', 'EBADQUERY', 'EFORMERR']);
const maxAddresses = 8;

/** DNS answered nothing: it may later. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** Asks DNS what sending mail needs to know. Every question ends after some seconds. */
@Injectable()
export class Names {
  private readonly resolver = new Resolver({ timeout: 4_000, tries: 2 });
  private readonly inside: BlockList;

  constructor({ mailDnsServers, mailPrivateNetworks }: MailSettings) {
    if (mailDnsServers) this.resolver.setServers(mailDnsServers.split(','));
    this.inside = networksOf(mailPrivateNetworks);
  }

  /** Mail exchangers, best first, equals in any order; undefined when the domain does not exist. */
  async exchangers(domain: string): Promise<{ host: string; preference: number }[] | undefined> {
    const found = await this.ask(() => this.resolver.resolveMx(domain), domain);
    if (found === 'no such name') return undefined;
    return found
      .map(({ exchange, priority }) => ({
        host: exchange.toLowerCase().replace(/\.$/, ''),
        preference: priority,
        turn: Math.random(),
      }))
      .sort((a, b) => a.preference - b.preference || a.turn - b.turn)
      .map(({ host, preference }) => ({ host, preference }));
  }

  /**
   * Addresses of a host that may be connected to: those of the open internet and of the networks that
   * settings name. `refused` are those that may not.
   */
  async addresses(host: string): Promise<{ open: string[]; refused: string[] }> {
    const all = isIP(host)
      ? [host]
      : (
          await Promise.all([
            this.ask(() => this.resolver.resolve4(host), host),
            this.ask(() => this.resolver.resolve6(host), host),
          ])
        ).flatMap((found) => (found === 'no such name' ? [] : found));
    const may = (address: string) =>
      !isInside(address) || this.inside.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
    return {
      open: all.filter(may).slice(0, maxAddresses),
      refused: all.filter((address) => !may(address)),
    };
  }

  /** The texts at a name, each whole. */
  async texts(name: string): Promise<string[]> {
    const found = await this.ask(() => this.resolver.resolveTxt(name), name);
    return found === 'no such name' ? [] : found.map((parts) => parts.join(''));
  }

  /** Throws NoAnswer. */
  private async ask<T>(question: () => Promise<T[]>, name: string): Promise<T[] | 'no such name'> {
    try {
      return await question();
    } catch (error) {
      const { code = '' } = error as { code?: string };
      if (code === 'ENODATA') return [];
      if (absent.has(code) || malformed.has(code)) return 'no such name';
      throw new NoAnswer(`DNS: ${name}: ${code || (error as Error).message}`);
    }
  }
}
