import { median } from './figures.js';
import type { Scale } from './groups.js';
import { hasSmtpSource, loadBySmtpSource, loadFromHere, type MailLoad } from './mail-load.js';
import { cpuMsOf } from './processes.js';
import { startPostfix } from './postfix.js';
import type { Row } from './rows.js';
import type { Stack } from './stack.js';

const box = 'bench@lamdong.gov.vn';
const load = { to: box, sessions: 50, octets: 24_000 };

/**
 * How many messages a second are accepted so that a power cut loses none, beside Postfix with the
 * same load on the same machine in the same run, by turns.
 */
export async function mailAccept(stack: Stack, scale: Scale): Promise<Row[]> {
  await openMailbox(stack);
  const messages = scale.events;
  const source = await hasSmtpSource();
  const send = (given: MailLoad) => (source ? loadBySmtpSource(given) : loadFromHere(given));
  const port = Number(stack.started.mail.SMTP_PORT);
  const postfix = await startPostfix().catch((error: Error) => error);
  const rates: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] };
  let cpu = '';
  try {
    await send({ ...load, port, messages: messages / 5 });
    const before = await cpuOf(stack);
    for (let round = 0; round < scale.rounds; round++) {
      rates.ours.push(await send({ ...load, port, messages }));
      if (postfix instanceof Error) continue;
      rates.theirs.push(await send({ ...load, port: postfix.port, messages: messages / 4 }));
    }
    const after = await cpuOf(stack);
    const each = (name: 'mail' | 'postgres') =>
      `${Math.round(((after[name] - before[name]) * 1000) / (messages * scale.rounds))} µs`;
    cpu = `CPU a message: service ${each('mail')}, PostgreSQL ${each('postgres')}`;
  } finally {
    if (!(postfix instanceof Error)) await postfix.stop();
  }
  const ours = median(rates.ours);
  const by = source ? 'smtp-source' : 'a load generator of our own: smtp-source is not here';
  const rows: Row[] = [
    {
      claim: 'mail: messages of 24 KB accepted a second, each on the disk before its 250',
      ...{ measured: ours, unit: 'messages/s', limit: { atLeast: 1_000 } },
      note: `50 kept connections, by ${by}; rounds ${rates.ours.map(Math.round).join(', ')}; ${cpu}`,
    },
  ];
  if (postfix instanceof Error) {
    console.log(`Postfix is not compared with: ${postfix.message.split('\n')[0]}`);
    return rows;
  }
  const theirs = median(rates.theirs);
  rows.push({
    claim: 'mail: the same, compared with Postfix and its fsync',
    ...{ measured: ours / theirs, unit: 'times', limit: { atLeast: 1 } },
    note: `Postfix ${theirs.toFixed(0)} messages/s; rounds ${rates.theirs.map(Math.round).join(', ')}`,
  });
  return rows;
}

const cpuOf = async ({ processes: { mail, postgres } }: Stack) => ({
  mail: await cpuMsOf(mail!),
  postgres: await cpuMsOf(postgres!, true),
});

async function openMailbox({ sql }: Stack) {
  await sql.query(
    `insert into mail.hosted_domain (domain, valid_from, legal_basis)
     values ('lamdong.gov.vn', '2020-01-01', 'bench') on conflict do nothing`,
  );
  await sql.query(
    `insert into mail.mailbox (id, address, kind, owner_id, name, state, quota_octets)
     values (gen_random_uuid(), $1, 'person', gen_random_uuid(), 'Bench', 'open', 1::bigint << 50)`,
    [box],
  );
}
