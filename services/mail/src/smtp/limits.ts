import { isIPv6 } from 'node:net';

const minuteMs = 60_000;

/** How often something may happen by the same one within a while; who is over it waits for the next. */
export class Rate {
  private counts = new Map<string, number>();
  private since = Date.now();

  constructor(
    private readonly max: number,
    private readonly withinMs = minuteMs,
  ) {}

  /** Counts once more; answers whether that was too much. */
  exceeded(who: string): boolean {
    const count = this.count(who) + 1;
    this.counts.set(who, count);
    return count > this.max;
  }

  count(who: string): number {
    this.turn();
    return this.counts.get(who) ?? 0;
  }

  /** Whether one more would be too much. */
  full(who: string): boolean {
    return this.count(who) >= this.max;
  }

  private turn() {
    if (Date.now() - this.since < this.withinMs) return;
    this.counts = new Map();
    this.since = Date.now();
  }
}

/** How many of the same one are here at once. */
export class Presence {
  private readonly counts = new Map<string, number>();

  constructor(private readonly max: number) {}

  /** Answers whether there is room for one more, which then is here. */
  enter(who: string): boolean {
    const count = this.counts.get(who) ?? 0;
    if (count >= this.max) return false;
    this.counts.set(who, count + 1);
    return true;
  }

  leave(who: string) {
    const count = this.counts.get(who)! - 1;
    if (count > 0) this.counts.set(who, count);
    else this.counts.delete(who);
  }
}

/** Room for messages while they come in, of all connections together, in octets. */
export class Room {
  private taken = 0;

  constructor(private readonly max: number) {}

  take(octets: number): boolean {
    if (this.taken + octets > this.max) return false;
    this.taken += octets;
    return true;
  }

  giveBack(octets: number) {
    this.taken -= octets;
  }
}

/** Whom a limit counts: one IPv4 address, or the network an IPv6 host has for itself. */
export function peerOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail?.split(':').filter(Boolean) ?? [];
  while (groups.length + rest.length < 8) groups.push('0');
  return [...groups, ...rest].slice(0, 4).join(':');
}
