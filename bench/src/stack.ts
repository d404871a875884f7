import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from '@eoffice/deploy/seed/client';
import { freePort } from '@eoffice/deploy/local/ports';
import { databaseUrl, productDatabase } from '@eoffice/deploy/local/roles';
import { passwordOf, type Secrets } from '@eoffice/deploy/local/secrets';
import type { Stack as Started } from '@eoffice/deploy/local/stack-file';
import type { DemoAccount, Planted } from '@eoffice/deploy/seed/seed';
import { generate } from 'otplib';
import { Pool } from 'pg';
import { cpuMsOf } from './processes.js';

/** Somebody signed in: their client, and the header that makes a request theirs. */
export interface Person extends DemoAccount {
  client: Client;
  authorization: string;
}

const program = join(process.cwd(), 'deploy', 'local', 'start.mjs');

/** The stack that `npm start` brings up, in a folder of its own, and what a bench asks of it. */
export class Stack {
  readonly url: string;
  readonly processes: Record<string, number>;
  /** The product's database, as superuser. */
  readonly sql: Pool;

  private constructor(
    readonly started: Started,
    readonly secrets: Secrets,
    readonly accounts: DemoAccount[],
    private readonly child: ChildProcess,
    /** From the command to "Ready", in seconds. */
    readonly readyAfterS: number,
  ) {
    this.url = started.url;
    this.processes = started.processes;
    const connectionString = databaseUrl(started.postgres, productDatabase);
    this.sql = new Pool({ connectionString, max: 4 });
    this.sql.on('error', () => {});
  }

  /** Starts on a folder, or starts again with what is in it. */
  static async start(folder: string): Promise<Stack> {
    const { NODE_OPTIONS: _, DATABASE_URL: __, NATS_URL: ___, ...environment } = process.env;
    const begun = performance.now();
    const child = spawn(process.execPath, [program, 'start'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...environment,
        EOFFICE_DATA: folder,
        HTTP_PORT: String(await freePort()),
        RATE_LIMIT_PER_MINUTE: '1000000',
        SMTP_PEER_CONNECTIONS: '1000',
        SMTP_PEER_PER_MINUTE: '1000000',
      },
    });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      createInterface({ input: child.stdout }).on('line', (line) => {
        said += `${line}\n`;
        if (line.includes('Ready after')) resolve();
      });
      child.once('exit', () => reject(new Error(`The stack did not start:\n${said}`)));
    });
    const readyAfterS = (performance.now() - begun) / 1000;
    const read = async <T>(name: string) =>
      JSON.parse(await readFile(join(folder, name), 'utf8')) as T;
    const started = await read<Started>('stack.json');
    const { accounts } = await read<Planted>('planted.json');
    return new Stack(started, await read('secrets.json'), accounts, child, readyAfterS);
  }

  async stop() {
    await this.sql.end();
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }

  /** The address of a database of this server, as a service's role. */
  databaseOf(service: string, database = productDatabase): string {
    const password = passwordOf(this.secrets, 'postgres', service);
    return databaseUrl(this.started.postgres, database, { name: service, password });
  }

  /** The address of NATS, as a service's user. */
  natsOf(service: string): string {
    const url = new URL(this.started.nats);
    url.username = service;
    url.password = passwordOf(this.secrets, 'nats', service);
    return url.href;
  }

  async signIn(account: DemoAccount): Promise<Person> {
    const { username, password } = account;
    return { ...account, ...(await this.open({ username, password })) };
  }

  /** The administrator. The code of the next half minute is taken: one of this may have been used. */
  async signInAdministrator() {
    const { adminPassword: password, adminTotp: secret } = this.secrets;
    const epoch = Math.floor(Date.now() / 1000) + 30;
    const code = await generate({ secret: secret!, epoch });
    return this.open({ username: 'admin', password, code });
  }

  private async open(sent: object) {
    const stranger = new Client(this.url);
    const { accessToken } = await stranger.post<{ accessToken: string }>('/v1/sessions', sent);
    return { client: stranger.bearing(accessToken), authorization: `Bearer ${accessToken}` };
  }

  /** CPU time used so far at every stop of a request, in milliseconds. */
  async cpuMs(): Promise<Record<'gateway' | 'documents' | 'nats' | 'postgres', number>> {
    const { gateway, documents, nats, postgres } = this.processes;
    return {
      gateway: await cpuMsOf(gateway!),
      documents: await cpuMsOf(documents!),
      nats: await cpuMsOf(nats!),
      postgres: await cpuMsOf(postgres!, true),
    };
  }
}
