import { createTransport } from 'nodemailer';
import type { Player } from './cast.js';
import { type Page, soon, type Stage, today, ward } from './stage.js';
import { act, tell } from './timeline.js';

const department = 'Sở KH&CN';
const domain = 'lamdong.gov.vn';

interface Mailbox {
  id: string;
  address: string;
  ownerId: string;
}

/** Official mail as people use it: what is refused, what arrives, and what the survey counts of it. */
export async function mail({ cast, mail: ports }: Stage) {
  act('Official mail: mailboxes come from the directory, private providers are refused');
  const officer = await cast.at(department, /thư công vụ/);
  const clerk = await cast.at(ward, /^Văn thư/);
  const leader = await cast.at(ward, /^Chủ tịch/);
  const boxes = await mailboxesOf(officer, clerk.agencyId);
  const of = ({ personId }: Player) => boxes.find(({ ownerId }) => ownerId === personId)!;
  await judgeAddresses(officer);
  await officer.client.post('/v1/mail/hosted-domains', {
    ...{ domain, validFrom: '2021-01-01', legalBasis: 'Quy chế thư công vụ (thử nghiệm)' },
  });
  const from = of(clerk).address;
  const { send, close } = await program(clerk, from, Number(ports.SUBMISSION_PORT));
  const letter = { subject: 'Lịch làm việc với đoàn công tác', text: 'Kính gửi đồng chí.' };
  const named = `"vanthu@${domain}" <vanthu.baoloc@gmail.com>`;
  tell(clerk.called, `writes to ${named}: ${await send({ from, to: named, ...letter })}`);
  const since = new Date();
  const secret = { ...letter, subject: '[MẬT] Kế hoạch' };
  tell(clerk.called, `writes a secret: ${await send({ from, to: of(leader).address, ...secret })}`);
  tell(
    clerk.called,
    `writes to a colleague: ${await send({ from, to: of(leader).address, ...letter })}`,
  );
  await close();
  await read(leader, of(leader).id, { ...letter, since });
  await measure(leader);
}

async function mailboxesOf({ client, called }: Player, agencyId: string): Promise<Mailbox[]> {
  const path = `/v1/mailboxes?agencyId=${agencyId}&limit=200`;
  const { items } = await client.get<Page<Mailbox>>(path);
  tell(called, `sees ${items.length} mailboxes of ${ward}`);
  return items;
}

async function judgeAddresses({ client, called }: Player) {
  const addresses = [`vanthu@${domain}`, `"vanthu@${domain}" <vanthu.baoloc@gmail.com>`];
  const { items } = await client.post<
    Page<{ given: string; verdict: string; acceptable: boolean }>
  >('/v1/mail/address-checks', { addresses });
  for (const { given, verdict, acceptable } of items)
    tell(called, `${given}: ${verdict}, ${acceptable ? 'accepted' : 'refused'}`);
}

type Letter = Record<'from' | 'to' | 'subject' | 'text', string>;

/** A mail program of somebody, with a password of its own; what it is told by the server. */
async function program({ client, called }: Player, user: string, port: number) {
  const wanted = { name: 'Chương trình thư (thử nghiệm)', uses: ['smtp'] };
  const { id, password } = await client.post<{ id: string; password: string }>(
    '/v1/me/app-passwords',
    wanted,
  );
  tell(called, 'gives a mail program a password of its own');
  const options = { host: '127.0.0.1', port, requireTLS: true, tls: { rejectUnauthorized: false } };
  const transport = createTransport({ ...options, auth: { user, pass: password } });
  const send = (letter: Letter) =>
    transport.sendMail(letter).then(
      ({ response }) => response,
      ({ response, message }: { response?: string; message: string }) => response ?? message,
    );
  return { send, close: () => client.post(`/v1/me/app-passwords/${id}/revoke`) };
}

/** Reads the letter of this demonstration; the mailbox may hold those of others before it. */
async function read(
  { client, called }: Player,
  mailboxId: string,
  { subject, since }: { subject: string; since: Date },
) {
  const path = `/v1/mailboxes/${mailboxId}/messages`;
  interface Message {
    id: string;
    subject: string;
    receivedAt: string;
    from: { email: string }[];
  }
  const isIt = (message: Message) =>
    message.subject === subject && new Date(message.receivedAt) >= since;
  const { items } = await soon(
    () => client.get<Page<Message>>(path),
    (page) => page.items.some(isIt),
  );
  const found = items.find(isIt)!;
  const { text } = await client.get<{ text: string }>(`${path}/${found.id}`);
  tell(called, `reads “${found.subject}” of ${found.from[0]!.email}: ${text.trim()}`);
}

interface Figure {
  unitId?: string;
  label: string;
  value: number;
  of: number;
}

/** Nobody declares these figures: they are counted from what happened. */
async function measure({ client, called, agencyId }: Player) {
  const month = today().slice(0, 7);
  const { items } = await client.get<Page<Figure>>(`/v1/mail/survey/${month}?agencyId=${agencyId}`);
  for (const { label, value, of } of items.filter(({ unitId }) => !unitId))
    tell(called, `${month}: ${label}: ${value} of ${of}`);
}
