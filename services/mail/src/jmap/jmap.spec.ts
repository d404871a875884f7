import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@eoffice/platform/database';
import { eventually, House } from '@eoffice/testing/house';
import JamClient from 'jmap-jam';
import { MailModule } from '../mail.module.js';
import { Speaker } from '../testing/jmap.js';
import { acceptFor, messageOf, openMailbox } from '../testing/mailboxes.js';

const message = (subject: string, ...more: string[]) =>
  messageOf(
    'From: Dân <dan@example.org>',
    'To: an@lamdong.gov.vn',
    `Subject: ${subject}`,
    'Date: Tue, 24 Nov 2026 08:00:00 +0700',
    `Message-ID: <${subject}@example.org>`,
    ...more,
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Kính gửi Sở, xin hỏi về giấy phép xây dựng.',
    '',
  );

describe('a JMAP client', () => {
  let house: House;
  let app: NestFastifyApplication;
  let database: Database;
  let an: Awaited<ReturnType<typeof openMailbox>>;
  let binh: Awaited<ReturnType<typeof openMailbox>>;
  let jam: JamClient;
  const speaker = async (of: typeof an) =>
    Speaker.of(app, await house.as({ personId: of.ownerId }), of.mailboxId);

  beforeAll(async () => {
    house = await House.open();
    app = await house.start('mail', MailModule);
    database = app.get(Database);
    an = await openMailbox(database, 'an');
    binh = await openMailbox(database, 'binh');
    const { url, token } = await speaker(an);
    jam = new JamClient({ sessionUrl: `${url}/.well-known/jmap`, bearerToken: token });
  });
  afterAll(() => house.close());

  it('finds its own mailbox, reads what was delivered, marks it and moves it', async () => {
    const accountId = await jam.getPrimaryAccount();
    expect(accountId).toBe(an.mailboxId);
    await acceptFor(database, message('giay-phep'), [an.address]);
    const { emails, query } = await eventually(async () => {
      const [{ emails: found, query: asked }] = await jam.requestMany((b) => {
        const filter = { from: 'dan@example.org', text: 'giay phep' };
        const q = b.Email.query({ accountId, filter, sort: [{ property: 'receivedAt' }] });
        const properties = [
          'id',
          'subject',
          'from',
          'preview',
          'keywords',
          'textBody',
          'bodyValues',
        ] as const;
        return {
          query: q,
          emails: b.Email.get({
            ...{ accountId, ids: q.$ref('/ids'), properties: [...properties] },
            fetchTextBodyValues: true,
          }),
        };
      });
      expect(found.list).toHaveLength(1);
      return { emails: found, query: asked };
    });
    const [email] = emails.list;
    expect(email).toMatchObject({
      subject: 'giay-phep',
      from: [{ name: 'Dân', email: 'dan@example.org' }],
      keywords: {},
    });
    expect(Object.values(email!.bodyValues!)[0]!.value).toContain('giấy phép xây dựng');

    const [folders] = await jam.api.Mailbox.get({ accountId });
    const byRole = (role: string) => folders.list.find((folder) => folder.role === role)!;
    expect(byRole('inbox')).toMatchObject({ totalEmails: 1, unreadEmails: 1, totalThreads: 1 });
    const id = email!.id;
    const patch = {
      'keywords/$seen': true,
      [`mailboxIds/${byRole('inbox').id}`]: null,
      [`mailboxIds/${byRole('archive').id}`]: true,
    };
    const [set] = await jam.api.Email.set({ accountId, update: { [id]: patch as never } });
    expect(set.updated).toEqual({ [id]: null });
    const [after] = await jam.api.Mailbox.get({ accountId, ids: [byRole('archive').id] });
    expect(after.list[0]).toMatchObject({ totalEmails: 1, unreadEmails: 0 });
    const [changes] = await jam.api.Email.changes({ accountId, sinceState: query.queryState });
    expect(changes).toMatchObject({ created: [], updated: [id], destroyed: [] });
  });

  it('writes a draft with an attachment, sends it, and files it as sent', async () => {
    const accountId = an.mailboxId;
    const drafts = await (await speaker(an)).folder('drafts');
    const sent = await (await speaker(an)).folder('sent');
    const { blobId } = await jam.uploadBlob(accountId, new Blob(['%PDF-1.7 nội dung']));
    const [identities] = await jam.api.Identity.get({ accountId });
    const [{ draft, submission }] = await jam.requestMany((b) => ({
      draft: b.Email.set({
        accountId,
        create: {
          d: {
            ...{ mailboxIds: { [drafts]: true }, keywords: { $draft: true } },
            ...{ subject: 'Trả lời về giấy phép', from: [{ name: 'An', email: an.address }] },
            to: [{ name: 'Bình', email: binh.address }],
            bcc: [{ name: null, email: 'kin@example.org' }],
            textBody: [{ partId: 't', type: 'text/plain' }],
            bodyValues: { t: { value: 'Xin gửi kèm.' } },
            attachments: [{ blobId, name: 'phụ lục.pdf', type: 'application/pdf' }],
          } as never,
        },
      }),
      submission: b.EmailSubmission.set({
        accountId,
        create: { s: { emailId: '#d', identityId: identities.list[0]!.id } as never },
        onSuccessUpdateEmail: {
          '#s': {
            'keywords/$draft': null,
            [`mailboxIds/${drafts}`]: null,
            [`mailboxIds/${sent}`]: true,
          } as never,
        },
      }),
    }));
    expect(draft.notCreated).toBeNull();
    // The last answer to the call is that to what was done with the email afterwards.
    expect(submission).toMatchObject({ updated: { [draft.created!.d!.id]: null } });

    const reader = await speaker(binh);
    const email = await eventually(async () => {
      const { ids } = await reader.call('Email/query', { filter: { subject: 'giay phep' } });
      expect(ids).toHaveLength(1);
      return (await reader.call('Email/get', { ids })).list[0];
    });
    expect(email).toMatchObject({
      ...{ subject: 'Trả lời về giấy phép', bcc: null, hasAttachment: true },
      attachments: [{ name: 'phụ lục.pdf', type: 'application/pdf', disposition: 'attachment' }],
    });
    const [part] = email.attachments;
    const file = await reader.fetch(
      `/jmap/download/${binh.mailboxId}/${part.blobId}/x.html?type=text/html`,
    );
    expect(await file.text()).toBe('%PDF-1.7 nội dung');
    expect(Object.fromEntries(file.headers)).toMatchObject({
      ...{ 'content-type': 'text/html', 'x-content-type-options': 'nosniff' },
      'content-disposition': expect.stringMatching(/^attachment;/),
    });
    expect((await (await speaker(an)).fetch(file.url)).status).toBe(404);

    const sender = await speaker(an);
    const { list } = await sender.call('Email/get', { ids: [draft.created!.d!.id] });
    expect(list[0]).toMatchObject({ mailboxIds: { [sent]: true }, keywords: {} });
    await eventually(async () => {
      const { list: submissions } = await sender.call('EmailSubmission/get', { ids: null });
      expect(submissions[0].deliveryStatus).toEqual({
        [binh.address]: expect.objectContaining({ delivered: 'yes' }),
        'kin@example.org': expect.objectContaining({ delivered: 'queued' }),
      });
    });
  });

  it('watches what changes', async () => {
    const url = new URL(
      `${(await speaker(an)).url}/jmap/events?types=Email,Mailbox&closeafter=state`,
    );
    const stream = await (await speaker(an)).fetch(url.href);
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    await acceptFor(database, message('bao-tin'), [an.address]);
    const told = await stream.text();
    const [, data] = /event: state\ndata: (.*)\n/.exec(told) ?? [];
    const { changed } = JSON.parse(data!) as { changed: Record<string, Record<string, string>> };
    expect(Object.keys(changed[an.mailboxId]!).sort()).toEqual(['Email', 'Mailbox']);
  });

  it('sends later, and may think better of it until then', async () => {
    const sender = await speaker(an);
    const create = {
      d: {
        mailboxIds: { [await sender.folder('drafts')]: true },
        ...{ from: [{ email: an.address }], to: [{ email: binh.address }], subject: 'Để sau' },
        ...{ textBody: [{ partId: 't' }], bodyValues: { t: { value: 'x' } } },
      },
    };
    const emailId = (await sender.call('Email/set', { create })).created.d.id;
    const identityId = an.mailboxId;
    const held = (seconds: number) => ({
      ...{ emailId, identityId },
      envelope: {
        mailFrom: { email: an.address, parameters: { HOLDFOR: String(seconds) } },
        rcptTo: [{ email: binh.address }],
      },
    });
    const submit = async (seconds: number) =>
      (await sender.call('EmailSubmission/set', { create: { s: held(seconds) } })).created.s;
    const later = await submit(3_600);
    expect(later).toMatchObject({ undoStatus: 'pending' });
    const cancel = { update: { [later.id]: { undoStatus: 'canceled' } } };
    expect((await sender.call('EmailSubmission/set', cancel)).updated).toEqual({
      [later.id]: null,
    });

    const soon = await submit(1);
    await eventually(async () => {
      const { list } = await sender.call('EmailSubmission/get', { ids: [soon.id, later.id] });
      expect(list.map(({ undoStatus }: { undoStatus: string }) => undoStatus).sort()).toEqual([
        ...['canceled', 'final'],
      ]);
    });
    const cancelled = { update: { [soon.id]: { undoStatus: 'canceled' } } };
    expect(await sender.call('EmailSubmission/set', cancelled)).toMatchObject({
      notUpdated: { [soon.id]: { type: 'cannotUnsend' } },
    });
    const reader = await speaker(binh);
    await eventually(async () => {
      const { ids } = await reader.call('Email/query', { filter: { subject: 'Để sau' } });
      expect(ids).toHaveLength(1);
    });
  });
});
