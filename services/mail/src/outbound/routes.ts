import { Injectable } from '@nestjs/common';
import { MailSettings } from '../config.js';
import { Names } from './names.js';

/** A server to hand mail to, and the addresses it may be reached at. */
export interface Host {
  name: string;
  port: number;
  addresses: string[];
  /** TLS from the first octet (RFC 8314), and who we say we are: a relay's only. */
  implicitTls?: boolean;
  user?: string;
  password?: string;
}

/** Why a domain takes no mail at all, with the status of RFC 3463. */
export class NoRoute extends Error {
  constructor(
    readonly status: string,
    message: string,
  ) {
    super(message);
  }
}

const maxHosts = 6;

/** Finds the servers to which mail for a domain goes (RFC 5321, 5). */
@Injectable()
export class Routes {
  constructor(
    private readonly names: Names,
    private readonly settings: MailSettings,
  ) {}

  /**
   * The servers of a domain, best first; `suits` leaves exchangers out that the domain itself has
   * excluded. Throws NoRoute when there can be none, NoAnswer when DNS does not say.
   */
  async of(domain: string, suits: (host: string) => boolean = () => true): Promise<Host[]> {
    const { mailRelay, mailPeerPort } = this.settings;
    if (mailRelay) return [relayAt(new URL(mailRelay))];
    if (!domain) throw new NoRoute('5.1.3', 'the address has no domain');
    const candidates = await this.exchangersOf(domain);
    const suitable = candidates.filter(suits);
    if (suitable.length === 0) {
      throw new NoRoute('4.7.0', 'no mail exchanger is one that the policy of the domain names');
    }
    const hosts: Host[] = [];
    const refused: string[] = [];
    for (const name of suitable.slice(0, maxHosts)) {
      const found = await this.names.addresses(name);
      refused.push(...found.refused);
      if (found.open.length > 0) hosts.push({ name, port: mailPeerPort, addresses: found.open });
    }
    if (hosts.length > 0) return hosts;
    const named = suitable.join(', ');
    if (refused.length > 0) {
      throw new NoRoute('5.4.4', `${named}: ${refused.join(', ')} is inside a private network`);
    }
    // Exchangers without an address are a fault of today; a domain without either takes no mail.
    throw new NoRoute(suitable[0] === domain ? '5.4.4' : '4.4.4', `${named} has no address`);
  }

  private async exchangersOf(domain: string): Promise<string[]> {
    const found = await this.names.exchangers(domain);
    if (!found) throw new NoRoute('5.1.2', `the domain ${domain} does not exist`);
    // Without MX the domain itself is the exchanger (RFC 5321, 5.1).
    if (found.length === 0) return [domain];
    // RFC 7505: one exchanger with no name.
    if (found.every(({ host }) => host === '')) {
      throw new NoRoute('5.1.10', `the domain ${domain} takes no mail (null MX)`);
    }
    // Where we are an exchanger ourselves, only better ones are asked: mail never goes round.
    const ours = found.find(({ host }) => host === this.settings.mailHostname.toLowerCase());
    const better = ours ? found.filter(({ preference }) => preference < ours.preference) : found;
    if (better.length === 0) throw new NoRoute('5.4.6', `mail for ${domain} leads back here`);
    return [...new Set(better.map(({ host }) => host).filter((host) => host !== ''))];
  }
}

/** Operators name it: it may be anywhere, and is found as the machine finds names. */
function relayAt({ protocol, hostname, port, username, password }: URL): Host {
  const implicitTls = protocol === 'smtps:';
  const name = hostname.replace(/^\[|\]$/g, '');
  return {
    ...{ name, addresses: [name], implicitTls },
    port: port ? Number(port) : implicitTls ? 465 : username ? 587 : 25,
    user: username ? decodeURIComponent(username) : undefined,
    password: username ? decodeURIComponent(password) : undefined,
  };
}
