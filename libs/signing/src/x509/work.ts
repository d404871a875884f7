import type { PublicKey } from './keys.js';

/** Thrown when a question costs more than any honest one does. */
export class WorkLimit extends Error {
  override name = 'WorkLimit';
}

/**
 * What answering one question may cost. Counted, not timed, so that the same input always gets the same
 * answer. A signature counts as many units of about 20 µs as its key is slow; 6,000 units are about 0.2 s.
 */
export class Work {
  private left: Record<'signatures' | 'steps' | 'paths', number> = {
    signatures: 6_000,
    steps: 20_000,
    paths: 1_000,
  };

  /** One signature over so many octets, which are hashed at some 2,500 octets a microsecond. */
  signature(key: PublicKey, octets = 0) {
    this.spend('signatures', costOf(key) + Math.floor(octets / 50_000));
  }
  step() {
    this.spend('steps', 1);
  }
  path() {
    this.spend('paths', 1);
  }

  private spend(what: keyof typeof this.left, amount: number) {
    this.left[what] -= amount;
    if (this.left[what] < 0) throw new WorkLimit(`more ${what} than a question may cost`);
  }
}

function costOf({ kind, bits, curve }: PublicKey): number {
  if (kind === 'rsa' || kind === 'rsa-pss') return Math.ceil((bits / 2048) ** 2);
  if (curve === 'P-256') return 4;
  if (kind === 'ed25519') return 5;
  return kind === 'dsa' ? Math.ceil(20 * (bits / 2048) ** 3) + 5 : 40;
}
