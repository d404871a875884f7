import { XmlError } from './xml-error.js';

/** What hostile XML may cost. Every loop over what a stranger wrote draws on one of these. */
export interface XmlLimits {
  /** Octets of one document. */
  bytes: number;
  /** Characters among `- ? ] &` and carriage return: at each the reader starts a new piece. */
  pieces: number;
  /** Elements inside elements. */
  depth: number;
  /** Elements, texts, comments, instructions and attributes of one document together. */
  nodes: number;
  /** Attributes and namespace declarations of one element. */
  attributes: number;
  /** Namespaces in scope at one element. */
  namespaces: number;
  /**
   * What canonicalizing, digesting and reading again may cost in one verification: roughly
   * nanoseconds, counted in nodes and characters so that the answer is the same on any machine.
   */
  work: number;
  /** References of one signature or manifest. */
  references: number;
  /** Transforms of one reference. */
  transforms: number;
  /** Nodes all XPath expressions of one verification may visit. */
  xpathVisits: number;
}

/** Ample for an official message of a few megabytes, and read or refused in under a second. */
export const defaultLimits: XmlLimits = {
  bytes: 16 * 1024 * 1024,
  pieces: 1_000_000,
  depth: 256,
  nodes: 300_000,
  attributes: 256,
  namespaces: 256,
  work: 1_000_000_000,
  references: 64,
  transforms: 8,
  xpathVisits: 4_000_000,
};

/** Counts down what may still be spent, and throws a `limit` error when nothing is left. */
export class Budget {
  constructor(
    private left: number,
    private readonly what: string,
  ) {}

  spend(amount = 1): void {
    this.left -= amount;
    if (this.left < 0) throw new XmlError('limit', `Too much work: ${this.what}`);
  }
}
