import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectNats } from '@eoffice/platform/nats';
import { ensureEventStream } from '@eoffice/platform/outbox';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNats } from './nats.js';
import { usersConfig, wordsOf } from './nats-users.js';

let folder: string;
let server: NatsServer;
const open: NatsConnection[] = [];
const as = async (service: string) => {
  const { host } = new URL(server.url);
  const connection = await connectNats(`nats://${service}:${service}@${host}`, service);
  open.push(connection);
  return connection;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eoffice-nats-'));
  const config = usersConfig((service) => service);
  server = await startNats({ folder, config, syncAlways: false });
});
afterAll(async () => {
  await Promise.all(open.map((connection) => connection.close()));
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('what a service may say on NATS', () => {
  it('is its own facts, not those of others', async () => {
    const mail = await as('mail');
    await ensureEventStream(mail);
    await jetstream(mail).publish('events.mail.mailboxes.opened.v1', '{}');
    await expect(jetstream(mail).publish('events.documents.x.done.v1', '{}')).rejects.toThrow(
      /permission/i,
    );
  });

  it('is requests to others and answers for itself', async () => {
    const [mail, documents] = [await as('mail'), await as('documents')];
    documents.subscribe('documents.books.list', { callback: (_, m) => void m.respond('here') });
    await documents.flush();
    expect((await mail.request('documents.books.list', '')).string()).toBe('here');

    const refused = new Promise<Error>((resolve) => {
      mail.subscribe('documents.books.find', {
        callback: (error) => void (error && resolve(error)),
      });
    });
    expect(String(await refused)).toMatch(/permission/i);
  });

  it('gives the gateway the subjects of what lives in it', () => {
    expect(wordsOf('gateway').sort()).toEqual(['accounts', 'directory', 'gateway']);
  });

  it('lets nobody in without a password', async () => {
    const { host } = new URL(server.url);
    const { connect } = await import('@nats-io/transport-node');
    await expect(connect({ servers: host, user: 'mail', pass: 'x' })).rejects.toThrow(/authoriz/i);
  });
});
