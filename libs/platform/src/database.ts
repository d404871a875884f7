import { randomUUID } from 'node:crypto';
import type { Actor, Caller, RequestFacts } from '@eoffice/contracts/language/caller';
import type { CloudEvent, EventType } from '@eoffice/contracts/language/event';
import { Conflict, Unavailable } from '@eoffice/contracts/language/problem';
import { DataSource, DefaultNamingStrategy, type EntityManager, type MixedList } from 'typeorm';
import { types } from 'pg';
import { answerOwed, AnswerGiven } from './given-answers.js';
import { JoiningClient } from './joining-client.js';

/** Announces a fact: the audit entry and the event are saved with the change, or not at all. */
export type Emit = <Data extends object>(
  type: EventType<Data>,
  subject: string,
  data: NoInfer<Data>,
) => void;

/** Writes an audit entry that is nobody else's business: a view, a denial, an export. */
export type Record = (action: string, subject: string, data: object) => void;

export type Work<T> = (manager: EntityManager, emit: Emit, record: Record) => Promise<T>;

/** On whose account a change is written down: a caller, or the event that caused a reaction. */
export interface Author {
  accountId?: never;
  actor?: Actor;
  request?: Pick<RequestFacts, 'traceparent'>;
}

interface Entry {
  stream: string;
  action: string;
  actor?: string;
  onBehalfOf?: string;
  data: object;
  event?: CloudEvent;
}

// A date is a date: never a moment in some zone.
types.setTypeParser(types.builtins.DATE, (text) => text);

class SnakeCase extends DefaultNamingStrategy {
  override columnName(property: string, custom: string | undefined): string {
    return custom ?? snake(property);
  }
  override tableName(className: string, custom: string | undefined): string {
    return custom ?? snake(className);
  }
}
const snake = (name: string) =>
  name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** The service's own schema. A change and what announces it are saved together or not at all. */
export class Database {
  private readonly source: DataSource;
  private committed = () => {};

  constructor(
    private readonly service: string,
    url: string,
    connections: number,
    entities: MixedList<Function>,
  ) {
    this.source = new DataSource({
      type: 'postgres',
      url,
      entities,
      namingStrategy: new SnakeCase(),
      poolSize: connections,
      applicationName: `eoffice-${service}`,
      extra: {
        ...{ statement_timeout: 20_000, connectionTimeoutMillis: 4_000 },
        Client: JoiningClient,
      },
      installExtensions: false,
    });
  }

  async open() {
    await this.source.initialize();
  }

  async close() {
    if (this.source.isInitialized) await this.source.destroy();
  }

  /** For reads; every write goes through `transaction`. */
  get manager(): EntityManager {
    return this.source.manager;
  }

  /** Runs one read in SQL. */
  async query<Row = unknown>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.available(() => this.source.query<Row[]>(sql, parameters));
  }

  /** Called after each commit that announced something; the outbox relay listens. */
  onCommit(listener: () => void) {
    this.committed = listener;
  }

  /**
   * Runs `work` in one transaction and closes it with the journal: audit entries, events and the
   * answer owed to an idempotency key. A deadlock or a serialisation failure is tried again, so
   * `work` must not do anything outside `manager`. What a caller's transaction returns is what their
   * operation answers, now and to the same key again. Throws Unavailable when PostgreSQL is away.
   */
  async transaction<T extends object>(author: Caller, work: Work<T>, tries?: number): Promise<T>;
  async transaction<T>(author: Author, work: Work<T>, tries?: number): Promise<T>;
  async transaction<T>(author: Caller | Author, work: Work<T>, tries = 3): Promise<T> {
    const entries: Entry[] = [];
    try {
      const result = await this.available(() => this.journaled(author, entries, work));
      if (entries.some(({ event }) => event)) this.committed();
      return result;
    } catch (error) {
      const { code, table } = failureOf(error);
      if (code === '23505' && table === 'given_answer') throw new AnswerGiven();
      if ((code === '40001' || code === '40P01') && tries > 1) {
        return this.transaction(author as Author, work, tries - 1);
      }
      // Unique and exclusion constraints hold what two requests at the same instant both looked for.
      if (code === '23505' || code === '23P01')
        throw Object.assign(new Conflict(), { cause: error });
      throw error;
    }
  }

  /** Writes down what changes nothing: a view, a denial, an export. It is no answer to anything. */
  async record({ actor, request }: Caller, action: string, subject: string, data: object) {
    await this.transaction({ actor, request }, async (_, __, record) => {
      record(action, subject, data);
    });
  }

  /** The journal travels with COMMIT: what it came to is only known after that. */
  private async journaled<T>(author: Caller | Author, entries: Entry[], work: Work<T>): Promise<T> {
    let journal: Promise<unknown> | undefined;
    const result = await this.source.transaction(async (manager) => {
      const value = await work(manager, ...this.journalist(author, entries));
      const answer = answerOwed(author, value);
      if (entries.length > 0 || answer) {
        const client = (await manager.queryRunner!.connect()) as JoiningClient;
        journal = client.withNext('select journal($1, $2)', [JSON.stringify(entries), answer]);
        journal.catch(() => {});
      }
      return value;
    });
    await journal;
    return result;
  }

  private journalist(author: Caller | Author, entries: Entry[]): [Emit, Record] {
    const by = () => {
      const { actor } = author;
      return { actor: actor?.personId, onBehalfOf: actor?.forPersonId };
    };
    const emit: Emit = ({ type }, subject, data) => {
      const { actor, onBehalfOf } = by();
      const event: CloudEvent = {
        specversion: '1.0',
        id: randomUUID(),
        source: `/${this.service}`,
        type,
        subject,
        time: new Date().toISOString(),
        datacontenttype: 'application/json',
        data,
        actor,
        onbehalfof: onBehalfOf,
        traceparent: author.request?.traceparent,
      };
      entries.push({ stream: subject, action: type, actor, onBehalfOf, data, event });
    };
    const record: Record = (action, subject, data) => {
      entries.push({ stream: subject, action, ...by(), data });
    };
    return [emit, record];
  }

  private async available<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isAway(error)) throw Object.assign(new Unavailable(), { cause: error });
      throw error;
    }
  }
}

/** What PostgreSQL or the connection said, also when TypeORM has wrapped it. */
function failureOf(error: unknown): { code?: string; message?: string; table?: string } {
  return ((error as { driverError?: object }).driverError ?? error) as object;
}

/** Whether PostgreSQL itself is away: connection refused or lost, starting, stopping, or full. */
export function isAway(error: unknown): boolean {
  const { code, message } = failureOf(error);
  if (/^(08|57P0|53300)/.test(code ?? '')) return true;
  if (['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'].includes(code ?? ''))
    return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    message ?? '',
  );
}

/** Whether PostgreSQL is away, or lets nobody in by this address: a wrong role, password or database. */
export function isShut(error: unknown): boolean {
  return isAway(error) || /^(28|3D)/.test(failureOf(error).code ?? '');
}

/** Whether PostgreSQL could not read a value it was given as what it should be (class 22). */
export function isDataException(error: unknown): boolean {
  const { code } = (error as { driverError?: { code?: string } }).driverError ?? {};
  return /^22/.test(code ?? '');
}
