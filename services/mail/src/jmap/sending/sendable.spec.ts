import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailRefused } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { eventually, House } from '@eoffice/testing/house';
import { MailModule } from '../../mail.module.js';
import { Speaker } from '../../testing/jmap.js';
import { acceptFor, messageOf, openMailbox } from '../../testing/mailboxes.js';

describe('what is submitted by JMAP', () => {
  let house: House;
  let database: Database;
  let an: Awaited<ReturnType<typeof openMailbox>>;
  let speaker: Speaker;
  const submit = async (to: string, more: object = {}) => {
    const create = {
      d: {
        mailboxIds: { [await speaker.folder('drafts')]: true },
        ...{ from: [{ email: an.address }], to: [{ email: to }], subject: 'Trả lời' },
        ...{ textBody: [{ partId: 't' }], bodyValues: { t: { value: 'x' } }, ...more },
      },
    };
    const emailId = (await speaker.call('Email/set', { create })).created.d.id;
    const submission = { s: { emailId, identityId: an.mailboxId } };
    return speaker.call('EmailSubmission/set', { create: submission });
  };
  const ledger = (act: string) =>
    database.query('select actor, counterpart from mail_ledger where act = $1', [act]);

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('mail', MailModule);
    database = app.get(Database);
    an = await openMailbox(database, 'an');
    const owner = await house.as({ personId: an.ownerId });
    speaker = Speaker.of(app, owner, an.mailboxId);
  });
  afterAll(() => house.close());

  it('is judged as anything else that our people send, and a refusal is announced', async () => {
    const { notCreated } = await submit('x@gmail.com');
    expect(notCreated.s).toMatchObject({
      type: 'forbiddenToSend',
      description: expect.stringMatching(/private mailbox: x@gmail\.com \(Chi thi 34\/2008/),
    });
    const reply = await submit(an.address, { replyTo: [{ email: 'rieng@yahoo.com' }] });
    expect(reply.notCreated.s.description).toContain('rieng@yahoo.com');
    const [rule] = await database.query<{ id: string }>(
      `select id from mail_rule where code = 'private-recipient'`,
    );
    const facts = (await house.announced(mailRefused, 2)).map(({ data }) => data);
    expect(facts.find((fact) => fact.rule === 'private-recipient')).toMatchObject({
      ...{ way: 'submission', version: rule!.id, personId: an.ownerId },
      ...{ reversePath: an.address, recipients: ['x@gmail.com'] },
    });
    expect(await database.query('select 1 from acceptance')).toEqual([]);
    expect(await ledger('sent')).toEqual([]);
  });

  it('counts as sent, and what is marked as seen as opened; what one writes oneself does not', async () => {
    const citizen = 'dan@gmail.com';
    await acceptFor(
      database,
      messageOf(`From: ${citizen}`, 'Subject: Hỏi', '', 'x'),
      [an.address],
      {
        reversePath: citizen,
      },
    );
    const id = await eventually(async () => {
      const { ids } = await speaker.call('Email/query', { filter: { from: citizen } });
      expect(ids).toHaveLength(1);
      return ids[0] as string;
    });
    const { created } = await submit(citizen, { keywords: { $draft: true } });
    expect(created.s.undoStatus).toBe('final');
    await eventually(async () => {
      expect(await ledger('sent')).toEqual([{ actor: an.ownerId, counterpart: 'private' }]);
    });
    const seen = { 'keywords/$seen': true };
    const { ids: own } = await speaker.call('Email/query', { filter: { subject: 'Trả lời' } });
    const update = Object.fromEntries([id, ...own].map((each: string) => [each, seen]));
    await speaker.call('Email/set', { update });
    await speaker.call('Email/set', { update: { [id]: { 'keywords/$seen': null } } });
    await speaker.call('Email/set', { update });
    expect(await ledger('opened')).toEqual([{ actor: an.ownerId, counterpart: null }]);
  });
});
