import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import type { Caller } from '@eoffice/contracts/language/caller';
import { contract } from '@eoffice/contracts/language/contract';
import { type CloudEvent, event } from '@eoffice/contracts/language/event';
import { Count, Flag, Id, Text } from '@eoffice/contracts/language/fields';
import { Database } from '@eoffice/platform/database';
import { platform } from '@eoffice/platform/platform';
import { Serves } from '@eoffice/platform/serves';
import { On } from '@eoffice/platform/subscriptions';
import { Client } from 'pg';
import type { EntityManager } from 'typeorm';
import type { House } from './house.js';

// The smallest service there can be, to try the platform's promises on: it writes notes and announces
// them, and counts those it hears of. It lives in the schema of `mail`, which has little of its own.

export const trialService = 'mail';

class Write {
  @Text({ max: 100 }) subject: string;
  @Text({ max: 200 }) text: string;
  @Count({ max: 10_000, description: 'Takes this long before it writes' }) delayMs: number = 0;
  @Flag({ description: 'Fails once it has written, as a crash would' }) crash: boolean = false;
}

class Written {
  @Id() id: string;
  @Count({ max: 1_000_000 }) number: number;
}

class Noted {
  @Text({ max: 100 }) subject: string;
  @Count({ max: 1_000_000 }) number: number;
}

export const trial = contract('mail.trial', {
  write: {
    summary: 'Write a note',
    permission: 'mail.manage',
    input: Write,
    output: Written,
    status: 201,
  },
});

export const noted = event('mail.trial.noted.v1', 'A note was written', Noted);

@Serves(trial)
export class Trial {
  constructor(private readonly database: Database) {}

  async write({ subject, text, delayMs, crash }: Write, caller: Caller): Promise<Written> {
    await wait(delayMs);
    const written = await this.database.transaction(caller, async (manager, emit) => {
      const id = randomUUID();
      const [row] = await manager.query<{ number: number }[]>(
        'insert into note (id, subject, text) values ($1, $2, $3) returning number',
        [id, subject, text],
      );
      emit(noted, subject, { subject, number: row!.number });
      return { id, number: row!.number };
    });
    if (crash) throw new Error('crashed after it had written');
    return written;
  }
}

@Injectable()
export class TrialReactions {
  /** How often it fails before it succeeds again. */
  failures = 0;
  attempts = 0;

  @On(noted)
  async hear({ id, data }: CloudEvent<Noted>, manager: EntityManager) {
    this.attempts++;
    await manager.query('insert into heard (event_id, subject, number) values ($1, $2, $3)', [
      id,
      data.subject,
      data.number,
    ]);
    if (this.failures > 0) {
      this.failures--;
      throw new Error('not this time');
    }
  }
}

@Module({
  imports: [
    platform({
      service: trialService,
      entities: [],
      migrations: new URL(`../../../services/${trialService}/migrations`, import.meta.url),
    }),
  ],
  controllers: [Trial],
  providers: [TrialReactions],
})
export class TrialModule {}

/** What a spec sees of the trial: its tables, as its own role or as superuser. */
export class TrialTables {
  private constructor(
    readonly own: Client,
    readonly superuser: Client,
  ) {}

  /** Makes the tables of the trial. */
  static async make(house: House): Promise<TrialTables> {
    const tables = await TrialTables.open(house);
    await tables.own.query(
      `create table note (id uuid primary key, subject text not null, text text not null unique,
         number int generated always as identity);
       create table heard (event_id uuid not null, subject text not null, number int not null)`,
    );
    return tables;
  }

  /** Connects to tables that are there. */
  static async open(house: House): Promise<TrialTables> {
    const [own, superuser] = await Promise.all(
      [trialService, 'postgres'].map(async (role) => {
        const client = new Client({ connectionString: house.database.urlAs(role) });
        await client.connect();
        await client.query(`set search_path = ${trialService}`);
        return client;
      }),
    );
    return new TrialTables(own!, superuser!);
  }

  async rows<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.own.query(sql, parameters)).rows as Row[];
  }

  async close() {
    await Promise.all([this.own.end(), this.superuser.end()]);
  }
}
