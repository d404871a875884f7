import { BlockList, isIPv6 } from 'node:net';

/** Addresses that are not of the open internet (IANA special-purpose registries, RFC 6890). */
const closed = new BlockList();
for (const [net, prefix] of [
  ...[['0.0.0.0', 8] as const, ['10.0.0.0', 8] as const, ['100.64.0.0', 10] as const],
  ...[['127.0.0.0', 8] as const, ['169.254.0.0', 16] as const, ['172.16.0.0', 12] as const],
  ...[['192.0.0.0', 24] as const, ['192.0.2.0', 24] as const, ['192.88.99.0', 24] as const],
  ...[['192.168.0.0', 16] as const, ['198.18.0.0', 15] as const, ['198.51.100.0', 24] as const],
  ...[['203.0.113.0', 24] as const, ['224.0.0.0', 3] as const],
]) {
  closed.addSubnet(net, prefix, 'ipv4');
}
// Of IPv6 only global unicast is open; what of it stands for IPv4 or tunnels is not.
const open6 = new BlockList();
open6.addSubnet('2000::', 3, 'ipv6');
for (const [net, prefix] of [
  ...[['2001::', 23] as const, ['2001:db8::', 32] as const, ['2002::', 16] as const],
]) {
  closed.addSubnet(net, prefix, 'ipv6');
}

/** Whether an address leads into the internal network, to this machine or nowhere. */
export function isInside(address: string): boolean {
  if (!isIPv6(address)) return closed.check(address, 'ipv4');
  return !open6.check(address, 'ipv6') || closed.check(address, 'ipv6');
}
