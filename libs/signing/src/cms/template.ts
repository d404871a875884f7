import { randomBytes } from 'node:crypto';

/**
 * An encoding in which only some octets change, and never their number. Signing the thousandth document
 * with a key then costs a copy, not a tree of elements: beside an RSA signature that is what counts.
 */
export class Template {
  private constructor(
    private readonly bytes: Buffer,
    private readonly places: readonly number[],
  ) {}

  /** Builds once, around random octets of these lengths, and remembers where they came to lie. */
  static of(lengths: readonly number[], build: (...values: Buffer[]) => Buffer): Template {
    const values = lengths.map((length) => randomBytes(length));
    const bytes = build(...values);
    return new Template(
      bytes,
      values.map((value) => bytes.indexOf(value)),
    );
  }

  /** The encoding of these values, which have the lengths that were built for. */
  fill(...values: readonly Uint8Array[]): Buffer {
    const out = Buffer.from(this.bytes);
    for (let at = 0; at < values.length; at++) out.set(values[at]!, this.places[at]!);
    return out;
  }
}
