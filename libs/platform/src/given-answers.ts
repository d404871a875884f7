import { createHash } from 'node:crypto';
import { Caller } from '@eoffice/contracts/language/caller';
import type { Operation } from '@eoffice/contracts/language/contract';
import { KeyReused } from '@eoffice/contracts/language/problem';
import { project } from '@eoffice/contracts/language/reading';
import type { Database } from './database.js';

// The same idempotency key gives the same answer. The answer is written by the transaction that did
// the work, so a crash leaves either both or neither; two requests with one key race on its primary
// key, the loser rolls back whole (its number too) and reads the winner's answer.

interface Owed {
  operation: string;
  output: Operation['output'];
  fingerprint: string;
}

const owed = new WeakMap<Caller, Owed>();

/** Another request with the same key has just been answered. */
export class AnswerGiven extends Error {}

/**
 * Promises that the transaction of this caller will write its answer down.
 * @param input all that was sent: the same key with another input is another request
 */
export function oweAnswer(
  caller: Caller,
  operation: string,
  output: Operation['output'],
  input: (Uint8Array | string)[],
) {
  const hash = createHash('sha256').update(operation);
  for (const part of input) hash.update('\0').update(part);
  const fingerprint = hash.digest('hex');
  owed.set(caller, { operation, output, fingerprint });
}

/** The row to write beside the change: what its transaction returned is what its operation answers. */
export function answerOwed(author: object, value: unknown): string | undefined {
  const debt = author instanceof Caller ? owed.get(author) : undefined;
  if (!debt || typeof value !== 'object' || value === null) return undefined;
  const caller = author as Caller;
  return JSON.stringify({
    account: caller.accountId,
    operation: debt.operation,
    key: caller.request.idempotencyKey,
    fingerprint: debt.fingerprint,
    body: project(debt.output, value),
  });
}

/** The answer already given to this caller's key, or undefined. Throws KeyReused for another input. */
export async function givenAnswer(database: Database, caller: Caller): Promise<object | undefined> {
  const debt = owed.get(caller)!;
  const [row] = await database.query<{ answer: object; fingerprint: string }>(
    'select answer, fingerprint from given_answer where account_id = $1 and operation = $2 and key = $3',
    [caller.accountId, debt.operation, caller.request.idempotencyKey],
  );
  if (row && row.fingerprint !== debt.fingerprint) throw new KeyReused();
  return row?.answer;
}
