import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { createTransport } from 'nodemailer';
import type { Player } from './cast.js';
import { requestForReport } from './letters.js';
import type { Neighbour } from './neighbour.js';
import { bookOf, type Page, refusalOf, soon, type Stage, today, ward } from './stage.js';
import { act, tell } from './timeline.js';

const domain = 'lamdong.gov.vn';

interface Box {
  mailboxId: string;
  address: string;
}
interface Message {
  id: string;
  subject?: string;
  from: { email: string }[];
}
interface Part {
  partId: string;
  name?: string;
  size: number;
}
interface Evidence {
  sha256: string;
  peer: { address?: string; protocol?: string };
  authentication?: { spf: string; dkim: string; dmarc: string };
}
interface Sent {
  messageId: string;
  outcomes: { recipient: string; state: string; reply?: string }[];
}

/** A mail comes in by SMTP and becomes a document; the answer goes out to another server. */
export async function mailDocuments(stage: Stage) {
  const { cast } = stage;
  const clerk = await cast.at(ward, /^Văn thư/);
  const officer = await cast.at('Sở KH&CN', /thư công vụ/);
  act('Official mail by SMTP: a mail comes in and becomes an incoming document');
  const { items } = await clerk.client.get<Page<Box>>('/v1/mailboxes/mine');
  const box = items[0]!;
  tell(clerk.called, `reads ${box.address}`);
  const subject = `V/v báo cáo hiện trạng (${Date.now().toString(36)})`;
  await deliver(stage, box, subject);
  await knock(stage.mail.SMTP_PORT, box.address);
  await register(clerk, box, await arrived(clerk, box, subject));
  await answer(stage, { clerk, officer, box });
}

/** As any mail program does: EHLO, STARTTLS, MAIL, RCPT, DATA. */
async function deliver({ mail, neighbour }: Stage, { address }: Box, subject: string) {
  const port = Number(mail.SMTP_PORT);
  const tls = { rejectUnauthorized: false };
  const from = neighbour?.address ?? 'vanthu@so-khcn.example';
  const { response } = await createTransport({ host: '127.0.0.1', port, tls }).sendMail({
    ...{ from: { name: 'Văn thư Sở KH&CN', address: from }, to: address, subject },
    text: 'Kính gửi Ủy ban nhân dân phường,\n\nSở gửi kèm công văn đề nghị báo cáo.\n',
    attachments: [{ filename: 'Công văn 1042.pdf', content: await requestForReport(today()) }],
  });
  tell(from, `mails “${subject}” to port ${port}: ${response}`);
}

/** The same door, tried by a program of somebody else. */
async function knock(port: string, to: string) {
  const swaks = ['--server', `127.0.0.1:${port}`, '--from', 'dan@so-khcn.example', '--to', to];
  const more = [
    '--header',
    'Subject: Thu bang swaks',
    '--tls',
    '--hide-receive',
    '--timeout',
    '20',
  ];
  const answer = await promisify(execFile)('swaks', [...swaks, ...more], {
    ...{ timeout: 30_000, env: { ...process.env, LC_ALL: 'C' } },
  }).catch((error: { code?: string | number }) => error);
  if ('stdout' in answer) return tell('swaks', 'delivers another, over TLS');
  const missing = answer.code === 'ENOENT';
  tell('swaks', missing ? 'is not installed here' : `could not deliver: code ${answer.code}`);
}

async function arrived({ client, called }: Player, { mailboxId }: Box, subject: string) {
  const path = `/v1/mailboxes/${mailboxId}/messages?limit=20`;
  const find = ({ items }: Page<Message>) => items.find((each) => each.subject === subject);
  const page = await soon(
    () => client.get<Page<Message>>(path),
    (got) => find(got) !== undefined,
  );
  const message = find(page);
  if (!message) throw new Error('The mail did not arrive');
  tell(called, `finds it, from ${message.from[0]?.email}`);
  return message;
}

async function register({ client, called, ...clerk }: Player, box: Box, { id }: Message) {
  const path = `/v1/mailboxes/${box.mailboxId}/messages/${id}`;
  const { attachments } = await client.get<{ attachments: Part[] }>(path);
  const [{ partId, name }] = attachments as [Part];
  const facts = {
    ...{ bookId: await bookOf({ client, called, ...clerk }, 'incoming'), partIds: [partId] },
    ...{ author: 'Sở Khoa học và Công nghệ', reference: '1042/SKHCN-CĐS', type: 'CV' },
    abstract: 'Báo cáo hiện trạng ứng dụng công nghệ thông tin (nhận qua thư điện tử)',
  };
  const registering = () =>
    client.post<{ id: string; number: number }>(`${path}/registration`, facts);
  const document = await registering();
  tell(called, `registers “${name}” in one call: số đến ${document.number}`);
  const again = await registering();
  tell(called, `once more by mistake: số đến ${again.number} again, ${same(document, again)}`);
  const messages = `/v1/mailboxes/${box.mailboxId}/messages/delete`;
  for (const _ of ['into the trash', 'for good']) await client.post(messages, { ids: [id] });
  tell(called, `deletes the mail for good: ${await refusalOf(() => client.get(path))}`);
  const evidence = await soon(
    () => client.get<Evidence>(`/v1/incoming-documents/${document.id}/mail`).catch(() => undefined),
    (got) => got?.authentication !== undefined,
  );
  const { sha256, peer, authentication } = evidence!;
  const { spf, dkim, dmarc } = authentication ?? { spf: '?', dkim: '?', dmarc: '?' };
  tell(
    'the document keeps',
    `SHA-256 ${sha256.slice(0, 16)}…, ${peer.protocol} from ${peer.address}`,
  );
  tell('', `spf=${spf} dkim=${dkim} dmarc=${dmarc}`);
}

const same = (one: { id: string }, other: { id: string }) =>
  one.id === other.id ? 'the same document' : 'another document';

interface Office {
  clerk: Player;
  officer: Player;
  box: Box;
}

/** The answer leaves by mail: not to a private mailbox, and signed so that anybody can check it. */
async function answer({ neighbour }: Stage, { clerk, officer, box }: Office) {
  act('The answer goes out by official mail to another server');
  const { client, called } = clerk;
  const { items } = await client.get<Page<{ id: string; symbol: string }>>(
    '/v1/outgoing-documents?limit=1&state=issued',
  );
  const { id, symbol } = items[0]!;
  const path = `/v1/outgoing-documents/${id}/mails`;
  const send = (to: string) =>
    client.post<Sent>(path, { mailboxId: box.mailboxId, to: [to], again: true });
  const refused = await refusalOf(() => send('so.khcn@gmail.com'));
  tell(called, `would send ${symbol} to so.khcn@gmail.com: ${refused}`);
  if (!neighbour) {
    return tell(
      '',
      'the stack that runs asks other name servers, so nothing is sent to a neighbour',
    );
  }
  const key = await makeKey(officer, neighbour);
  try {
    const { messageId } = await send(neighbour.address);
    tell(called, `sends ${symbol} to ${neighbour.address}`);
    const taken = await neighbour.taken(messageId);
    if (!taken) throw new Error(`${symbol} did not reach the other server`);
    tell('mx.so-khcn.example', `takes it over, ${taken.secure ? 'over TLS' : 'without TLS'}`);
    const octets = Buffer.from(taken.text, 'latin1');
    tell('mailauth', `DKIM ${await verdictOn(octets, neighbour)}`);
    const changed = Buffer.from(taken.text.replace(/\r\n\r\n/, '\r\n\r\n '), 'latin1');
    tell('mailauth', `one octet changed: DKIM ${await verdictOn(changed, neighbour)}`);
    await follow(client, path, messageId);
  } finally {
    await officer.client.post(`/v1/mail/dkim-keys/${key}/retire`);
  }
}

/** A key that signs what this domain sends, published in the neighbour's DNS. */
async function makeKey({ client, called }: Player, neighbour: Neighbour): Promise<string> {
  const selector = `demo-${Date.now().toString(36)}`;
  const made = { domain, selector, algorithm: 'rsa-sha256' };
  const { id, ...record } = await client.post<{
    id: string;
    recordName: string;
    recordValue: string;
  }>('/v1/mail/dkim-keys', made);
  neighbour.publish(record.recordName, record.recordValue);
  await client.post(`/v1/mail/dkim-keys/${id}/activate`);
  tell(called, `makes a DKIM key, published as ${record.recordName}`);
  return id;
}

async function verdictOn(octets: Buffer, neighbour: Neighbour): Promise<string> {
  const { results } = await dkimVerify(octets, { resolver: neighbour.resolver() } as object);
  return results
    .map(({ signingDomain, status }) =>
      [`${status.result} (d=${signingDomain})`, status.comment].filter(Boolean).join(': '),
    )
    .join(', ');
}

async function follow(client: Player['client'], path: string, messageId: string) {
  const sent = ({ items }: Page<Sent>) =>
    items.find((each) => each.messageId === messageId)?.outcomes[0];
  const page = await soon(
    () => client.get<Page<Sent>>(path),
    (got) => sent(got)?.state === 'sent',
  );
  const { recipient, state, reply } = sent(page)!;
  tell('the document says', `${recipient}: ${state}, “${reply}”`);
}
