import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { incomingRegistered } from '@eoffice/contracts';
import { prepareDatabase } from '@eoffice/deploy/local/roles';
import { passwordOf } from '@eoffice/deploy/local/secrets';
import { localYear } from '@eoffice/platform/local-time';
import { migrate } from '@eoffice/platform/migrations';
import { Pool } from 'pg';
import { type Clerk, letter } from './clerks.js';
import { type Load, loadByCalls } from './load.js';
import type { Stack } from './stack.js';

const database = 'bench_direct';
const migrations = join(process.cwd(), 'services', 'documents', 'migrations');

/**
 * The transaction of a registration, driven straight from `pg`: the statements that the service
 * sends, on the same server, in a database that no service works on (its relay and index would take
 * part otherwise).
 */
export class Direct {
  private constructor(
    private readonly pool: Pool,
    private readonly clerks: Clerk[],
  ) {}

  static async open(stack: Stack, clerks: Clerk[], connections: number): Promise<Direct> {
    await prepareDatabase(stack.started.postgres, database, (service) =>
      passwordOf(stack.secrets, 'postgres', service),
    );
    const url = stack.databaseOf('documents', database);
    await migrate(url, migrations);
    const pool = new Pool({ connectionString: url, max: connections });
    for (const { bookId, agencyId } of clerks) {
      await pool.query(
        `insert into book (id, organisation_id, direction, year, code, name, last_number, closed, version)
         values ($1, $2, 'incoming', $3, 'CHUNG', 'Sổ văn bản đến', 0, false, 1)`,
        [bookId, agencyId, localYear()],
      );
    }
    return new Direct(pool, clerks);
  }

  close() {
    return this.pool.end();
  }

  /** As many loops as connections; the clerks take turns as they do over HTTP. */
  load(loops: number, seconds: number): Promise<Load> {
    return loadByCalls(loops, seconds, (loop) =>
      this.register(this.clerks[loop % this.clerks.length]!),
    );
  }

  private async register({ bookId, agencyId, personId }: Clerk) {
    const client = await this.pool.connect();
    try {
      const id = randomUUID();
      const given = {
        ...{ ...letter(bookId), id, organisationId: agencyId, dueAt: new Date() },
        ...{ urgency: 'none', medium: 'electronic', referenceKey: id, registeredBy: personId },
      };
      await client.query('START TRANSACTION');
      const { rows } = await client.query<{ written: { number: number; year: number } }>(
        'select register_incoming($1, $2, $3) as written',
        [JSON.stringify(given), '[]', [randomUUID(), randomUUID()]],
      );
      const { number, year } = rows[0]!.written;
      await client.query('select journal($1, $2)', [
        JSON.stringify([entryOf(id, { documentId: id, organisationId: agencyId, number, year })]),
        null,
      ]);
      await client.query('COMMIT');
    } finally {
      client.release();
    }
    function entryOf(stream: string, data: object) {
      const { type } = incomingRegistered;
      const event = {
        ...{ specversion: '1.0', id: randomUUID(), source: '/documents', type, subject: stream },
        ...{ time: new Date(), datacontenttype: 'application/json', data, actor: personId },
      };
      return { stream, action: type, actor: personId, data, event };
    }
  }
}
