import { Conflict } from '@eoffice/contracts';
import { MethodError } from '@eoffice/jmap/errors';
import type { Setting } from '@eoffice/jmap/setting';
import type { Database } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';
import { nextState, stateOf } from '../store/state.js';
import type { MailContext } from './edge/account.js';

/**
 * A change of a mailbox under way: one transaction, each of its steps done wholly or not at all. The
 * state is counted up with the first step that is done, so that a change of nothing is none.
 */
export class Change {
  private marked?: string;

  constructor(
    private current: EntityManager,
    readonly mailboxId: string,
  ) {}

  /** Where the step under way reads and writes. */
  get manager(): EntityManager {
    return this.current;
  }

  state(): Promise<string> {
    return stateOf(this.current, this.mailboxId);
  }

  /** The state that what is changed is marked with. */
  async next(): Promise<string> {
    return (this.marked ??= await nextState(this.current, this.mailboxId));
  }

  /** Does a step; what throws leaves nothing behind. */
  async attempt<T>(step: () => Promise<T>): Promise<T> {
    const { current: outer, marked } = this;
    try {
      return await outer.transaction((inner) => {
        this.current = inner;
        return step();
      });
    } catch (error) {
      this.marked = marked;
      throw error;
    } finally {
      this.current = outer;
    }
  }
}

/** What a type does with one object of a change. */
export type Steps = Pick<Setting, 'create' | 'update' | 'destroy'>;

/** Changes a mailbox while nobody else does: what is read before a step still holds at its end. */
export async function changing<T>(
  database: Database,
  { caller }: MailContext,
  mailboxId: string,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  try {
    return await database.transaction(
      { actor: caller.actor, request: caller.request },
      async (manager) => {
        await manager.query('select from mailbox where id = $1 for update', [mailboxId]);
        return work(new Change(manager, mailboxId));
      },
    );
  } catch (error) {
    // Two mailboxes were changed at once, each after the other.
    if (error instanceof Conflict) throw new MethodError('serverUnavailable');
    throw error;
  }
}

/** A change as the standard /set works on it. */
export function settingOf(change: Change, steps: Steps): Setting {
  return {
    ...steps,
    state: () => change.state(),
    attempt: (step) => change.attempt(step),
  };
}
