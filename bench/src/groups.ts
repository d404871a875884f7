import type { Row } from './rows.js';
import type { Stack } from './stack.js';

/** How much is measured: `full` is what claims are held against, `quick` only shows that it runs. */
export interface Scale {
  warmUpSeconds: number;
  roundSeconds: number;
  rounds: number;
  /** Documents, organisations and asked questions of the group `many-documents`. */
  documents: number;
  organisations: number;
  questions: number;
  /** Events that wait at once for the relay. */
  events: number;
  /** Emails in the mailbox of the group `mail`. */
  emails: number;
}

export const full: Scale = {
  ...{ warmUpSeconds: 6, roundSeconds: 5, rounds: 4 },
  ...{ documents: 200_000, organisations: 3_000, questions: 150, events: 20_000 },
  emails: 100_000,
};

export const quick: Scale = {
  ...{ warmUpSeconds: 1, roundSeconds: 1, rounds: 1 },
  ...{ documents: 3_000, organisations: 300, questions: 5, events: 500 },
  emails: 2_000,
};

/** A group of claims: what it measures on a stack, and the rows it comes to. */
export type Group = (stack: Stack, scale: Scale) => Promise<Row[]>;
