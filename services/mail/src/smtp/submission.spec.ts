import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AppPassword,
  appPasswords,
  type Caller,
  mailboxOpened,
  mailRefused,
  mailSignInRefused,
  personChanged,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { person } from '@eoffice/testing/directory';
import { House, problemOf } from '@eoffice/testing/house';
import { Peer } from '@eoffice/testing/smtp';
import { stranger } from '@eoffice/testing/tokens';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { MailModule } from '../mail.module.js';
import { rawOf } from '../raw/raw-messages.js';
import { MailEdge } from './edge.js';

const [an, office] = ['an@lamdong.gov.vn', 'vanthu@lamdong.gov.vn'];
const tls = { rejectUnauthorized: false };

describe('mail of our own people', () => {
  let house: House;
  let database: Database;
  let ports: MailEdge['ports'];
  let caller: Caller;
  let password: AppPassword;
  const boxes: Record<string, string> = {};
  const client = () => house.client(appPasswords);

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('mail', MailModule, { MAIL_HOSTNAME: 'mail.lamdong.gov.vn' });
    database = app.get(Database);
    ports = app.get(MailEdge).ports;
    await database.query(
      `insert into hosted_domain (domain, valid_from, legal_basis)
       values ('lamdong.gov.vn', '2021-01-01', 'Quy chế thư công vụ')`,
    );
    caller = await house.as({});
    for (const [email, personId] of [
      [an, caller.personId],
      [office, randomUUID()],
    ] as const) {
      await house.announce(personChanged, personId, person({ personId, email }));
    }
    const opened = await house.announced(mailboxOpened, 2);
    for (const { data } of opened) boxes[data.address] = data.mailboxId;
    password = await client().create({ name: 'Thunderbird', uses: ['smtp'] }, caller);
  });
  afterAll(() => house.close());

  const transport = (auth: object, port = ports.submission, secure = false) =>
    createTransport({ host: '127.0.0.1', port, secure, tls, auth } as object);
  const byPassword = () => transport({ user: an, pass: password.password });
  const send = (message: SendMailOptions, by = byPassword()) =>
    by.sendMail({ to: 'ban@example.org', subject: 'Báo cáo', text: 'x', ...message }).then(
      ({ response }) => response as string,
      (error: { response: string }) => error.response,
    );
  const kept = async (reply: string) => {
    const [, id] = /^250 2\.0\.0 (\S+)/.exec(reply) ?? [];
    const [row] = await database.query<Record<string, string>>(
      `select *, encode(sha256, 'hex') as sha256 from acceptance where id = $1`,
      [id],
    );
    return { ...row, text: (await rawOf(database.manager, row!.sha256!)).toString() };
  };
  const grant = (rights: { as?: boolean; for?: boolean }) =>
    database.query(
      `insert into mailbox_grant (mailbox_id, person_id, reads, sends_as, sends_on_behalf,
         valid_from, reason, given_by) values ($1, $2, true, $3, $4, '2021-01-01', 'Ủy quyền', $2)`,
      [boxes[office], caller.personId, !!rights.as, !!rights.for],
    );

  it('needs a password, which is only asked for by TLS', async () => {
    const peer = await Peer.meet(ports.submission);
    expect(await peer.say('EHLO x.example.org')).not.toContain('AUTH');
    expect(await peer.say('AUTH PLAIN AGEAYg==')).toMatch(/^5/);
    expect(await peer.say(`MAIL FROM:<${an}>`)).toMatch(/^530 5\.7\.0 Issue STARTTLS/);
    expect(await peer.secure()).toContain('AUTH PLAIN LOGIN OAUTHBEARER XOAUTH2');
    expect(await peer.say(`MAIL FROM:<${an}>`)).toMatch(/^530 /);
    peer.end();
  });

  it('is kept with who sent it by which mailbox, with a date and a name, without who is secret', async () => {
    const peer = await Peer.greet(ports.submission);
    await peer.secure();
    const plain = Buffer.from(`\0${an}\0${password.password!.toUpperCase()}`).toString('base64');
    expect(await peer.say(`AUTH PLAIN ${plain}`)).toMatch(/^235 /);
    await peer.say(`MAIL FROM:<${an}>`);
    await peer.say('RCPT TO:<ban@example.org>');
    expect(await peer.say('RCPT TO:<nobody@lamdong.gov.vn>')).toMatch(/^550 5\.1\.1 /);
    await peer.say('RCPT TO:<secret@example.org>');
    await peer.say('DATA');
    const message = `From: "An" <${an}>\r\nBcc: secret@example.org,\r\n other@example.org\r\nTo: x`;
    const row: Record<string, unknown> = await kept(
      await peer.say(`${message}\r\n\r\nBcc: stays\r\n.`),
    );
    peer.end();
    expect(row).toMatchObject({
      ...{ way: 'submission', mailbox_id: boxes[an], actor: caller.personId },
      recipients: ['ban@example.org', 'secret@example.org'],
    });
    expect(row.received).toContain('with ESMTPSA id');
    expect(row.text).toMatch(
      /^Date: \w{3}, [^\r]+ \+0700\r\nMessage-ID: <[\da-f-]{36}@lamdong\.gov\.vn>\r\nFrom: "An" <an@lamdong\.gov\.vn>\r\nTo: x\r\n\r\nBcc: stays\r\n$/,
    );
  });

  it('comes by TLS from the start, by LOGIN, and by the token of a session', async () => {
    const login = { type: 'login', user: an, pass: password.password, method: 'LOGIN' };
    expect(await send({ from: an }, transport(login, ports.submissionTls, true))).toMatch(/^250 /);
    const oauth = { type: 'oauth2', user: an, accessToken: caller.request.token };
    expect(await send({ from: an }, transport(oauth))).toMatch(/^250 /);
    const peer = await Peer.greet(ports.submission);
    await peer.secure();
    const bearer = `n,a=${an},\x01host=x\x01port=587\x01auth=Bearer ${caller.request.token}\x01\x01`;
    expect(await peer.say('AUTH OAUTHBEARER')).toBe('334');
    expect(await peer.say(Buffer.from(bearer).toString('base64'))).toMatch(/^235 /);
    peer.end();
  });

  it('is written as nobody but those one may write as, in the envelope and in the message', async () => {
    expect(await send({ from: office })).toMatch(
      /^550 5\.7\.1 You may not send as vanthu@lamdong\.gov\.vn \/ Ban khong duoc gui/,
    );
    const envelope = { from: an, to: ['ban@example.org'] };
    const shown = { from: `"${an}" <${office}>`, envelope };
    expect(await send(shown)).toMatch(/^550 5\.7\.1 /);
    expect(await send({ from: [an, office] as never, envelope })).toMatch(/^550 5\.7\.1 /);
    expect(await send({ headers: { Sender: an }, envelope })).toMatch(/^550 5\.6\.0 /);
    const [{ data }] = await house.announced(mailRefused, 3);
    expect(data).toMatchObject({ way: 'submission', rule: 'sender', personId: caller.personId });

    await grant({ for: true });
    expect(await send({ from: office, envelope })).toMatch(/^550 5\.7\.1 /);
    const behalf = await kept(await send({ from: office, sender: an, envelope }));
    expect(behalf).toMatchObject({ mailbox_id: boxes[office], actor: caller.personId });
    await grant({ as: true });
    expect(await send({ from: office })).toMatch(/^250 /);
  });

  it('does not go to private providers: the sender is told why, and the rule is announced', async () => {
    const told = await send({ from: an, to: `"${office}" <x@gmail.com>` });
    expect(told).toMatch(
      /^550 5\.7\.1 Official mail does not go to a private mailbox: x@gmail\.com/,
    );
    expect(told).toMatch(/Thu cong vu khong gui .*: x@gmail\.com \(Chi thi 34\/2008\/CT-TTg\)$/);
    const [rule] = await database.query<{ id: string }>(
      `select id from mail_rule where code = 'private-recipient'`,
    );
    const facts = (await house.announced(mailRefused, 5)).map(({ data }) => data);
    expect(facts.find(({ rule: name }) => name === 'private-recipient')).toMatchObject({
      ...{ way: 'submission', version: rule!.id, personId: caller.personId },
      ...{ reversePath: an, recipients: ['x@gmail.com'] },
    });
    const kept = await database.query(
      `select 1 from acceptance where recipients && '{x@gmail.com}'`,
    );
    expect(kept).toEqual([]);
  });

  it('stops with the password: for one mailbox only, for no other use, and not once revoked', async () => {
    const narrow = { name: 'Máy quét', uses: ['smtp' as const], mailboxIds: [boxes[office]!] };
    const scanner = await client().create(narrow, caller);
    const by = (user: string, pass = scanner.password!) => transport({ user, pass });
    expect(await send({ from: an }, by(an))).toMatch(/^535 5\.7\.8 /);
    expect(await send({ from: office }, by(office))).toMatch(/^250 /);
    expect(await send({ from: an }, by(office))).toMatch(/^550 5\.7\.1 /);
    const reader = await client().create({ name: 'aerc', uses: ['jmap'] }, caller);
    expect(await send({ from: an }, by(an, reader.password))).toMatch(/^535 /);

    const peer = await Peer.greet(ports.submission);
    await peer.secure();
    const plain = Buffer.from(`\0${office}\0${scanner.password}`).toString('base64');
    expect(await peer.say(`AUTH PLAIN ${plain}`)).toMatch(/^235 /);
    expect(await peer.say(`MAIL FROM:<${office}>`)).toMatch(/^250 /);
    const { items } = await client().list({}, caller);
    expect(items.find(({ id }) => id === scanner.id)).toMatchObject({
      ...{ name: 'Máy quét', mailboxIds: [boxes[office]], lastUsedFrom: '127.0.0.1' },
      revoked: false,
    });
    expect(JSON.stringify(items)).not.toContain(scanner.password);
    await client().revoke({ id: scanner.id }, caller);
    await peer.say('RSET');
    expect(await peer.say(`MAIL FROM:<${office}>`)).toMatch(/^421 4\.7\.0 Sign in again/);
    expect(await send({ from: office }, by(office))).toMatch(/^535 /);
  });

  it('is for people who have a mailbox; nobody sees or revokes the passwords of others', async () => {
    const other = await house.as({});
    expect(await problemOf(client().create({ name: 'x', uses: ['smtp'] }, other))).toBe(
      'mail/no-mailbox',
    );
    expect(await problemOf(client().revoke({ id: password.id }, other))).toBe('not-found');
    expect((await client().list({}, other)).items).toEqual([]);
    expect(await problemOf(client().list({}, stranger()))).toBe('unauthenticated');
  });

  it('is not let in after ten failures, each of which is announced', async () => {
    const guess = transport({ user: an, pass: 'aaaa-bbbb-cccc-dddd-eeee' });
    const before = (await house.announced(mailSignInRefused, 3)).length;
    let said = '';
    for (let n = before; n <= 10; n++) said = await send({ from: an }, guess);
    expect(said).toMatch(/^421 4\.7\.0 Too many failures/);
    expect(await send({ from: an })).toMatch(/^421 /);
    const refused = await house.announced(mailSignInRefused, 10);
    expect(refused).toHaveLength(10);
    expect(refused.at(-1)!.data).toEqual({
      ...{ username: an, peer: '127.0.0.1', method: 'PLAIN', failures: 10 },
    });
  });
});
