import { isIPv4, isIPv6 } from 'node:net';
import type { Certificate } from './certificate.js';

/**
 * Names of hosts and mailboxes as certificates carry them: the preferred syntax of RFC 1034, 3.5
 * (with the underscore that names in use have), in lower case.
 */

/** Labels of a name of a host in lower case, or `undefined` when it is none. No final period. */
export function dnsLabels(text: string): string[] | undefined {
  if (text.length > 253) return undefined;
  const labels = text.toLowerCase().split('.');
  const sound = labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  return sound ? labels : undefined;
}

/** Local part (case matters) and host (lower case) of a mailbox (RFC 5321, 4.1.2). */
export function mailboxOf(text: string): { local: string; host: string } | undefined {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const host = text.slice(at + 1).toLowerCase();
  const sound =
    /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/.test(local) ||
    /^"(?:[^"\\\r\n]|\\[ -~])*"$/.test(local);
  return at > 0 && at <= 64 && sound && dnsLabels(host) ? { local, host } : undefined;
}

/** Host of a URI with an authority (RFC 3986, 3.2.2) in lower case; brackets of IPv6 are kept off. */
export function hostOfUri(text: string): string | undefined {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text)?.[1];
  if (!authority) return undefined;
  const match = /^(?:[^@]*@)?(?:\[([0-9a-f:.]+)\]|([^:@[\]]+))(?::\d*)?$/i.exec(authority);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

export const isIp = (host: string): boolean => isIPv4(host) || isIPv6(host);

/** Octets of an IP address in text form. */
export function addressOf(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const v4 = tail && Buffer.from(tail[2]!.split('.').map(Number));
  const plain = v4
    ? `${tail[1]}${v4.readUInt16BE(0).toString(16)}:${v4.readUInt16BE(2).toString(16)}`
    : text;
  const [left = '', right] = plain.split('::');
  const head = left ? left.split(':') : [];
  const rest = right ? right.split(':') : [];
  const gap = right === undefined ? [] : Array<string>(8 - head.length - rest.length).fill('0');
  const address = Buffer.alloc(16);
  [...head, ...gap, ...rest].forEach((group, at) => {
    address.writeUInt16BE(parseInt(group, 16), 2 * at);
  });
  return address;
}

/** Whom a certificate must speak for: one of these names. */
export type Identity = { dns: string } | { ip: string } | { email: string };

/**
 * Whether the certificate speaks for the identity: by its alternative names only (RFC 9525, 6.3; RFC
 * 8398 is not for us: mailboxes are ASCII). A wildcard is the whole leftmost label and stands for one.
 */
export function speaksFor(certificate: Certificate, identity: Identity): boolean {
  const names = certificate.subjectAltName ?? [];
  if ('ip' in identity) {
    const address = addressOf(identity.ip);
    return names.some((name) => name.form === 'ip' && address?.equals(name.address));
  }
  if ('email' in identity) {
    const wanted = mailboxOf(identity.email);
    return names.some((name) => {
      const found = name.form === 'email' ? mailboxOf(name.text) : undefined;
      return found && found.local === wanted?.local && found.host === wanted.host;
    });
  }
  // A final period is how a resolver is told that a name is whole (RFC 1034, 3.1).
  const host = identity.dns.replace(/\.$/, '');
  const wanted = isIp(host) ? undefined : dnsLabels(host)?.join('.');
  return names.some((name) => name.form === 'dns' && wanted && dnsMatches(name.text, wanted));
}

function dnsMatches(presented: string, wanted: string): boolean {
  const name = presented.toLowerCase();
  if (!name.startsWith('*.')) return name === wanted && dnsLabels(name) !== undefined;
  const base = dnsLabels(name.slice(2));
  // A wildcard right under a top-level domain speaks for no one.
  return (
    base !== undefined && base.length > 1 && wanted.split('.').slice(1).join('.') === base.join('.')
  );
}
