import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@eoffice/platform/database';
import { House } from '@eoffice/testing/house';
import { MailModule } from '../../mail.module.js';
import { Speaker } from '../../testing/jmap.js';
import { messageOf, openMailbox } from '../../testing/mailboxes.js';

const text = (body: string, header: Record<string, string> = {}) => {
  const fields = {
    ...{ From: 'Dan <dan@example.org>', To: 'an@lamdong.gov.vn', Subject: 'Xin chào' },
    ...{ Date: 'Tue, 24 Nov 2026 08:00:00 +0700', 'MIME-Version': '1.0', ...header },
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return messageOf(...lines, '', body, '');
};

// What RFC 8621 says of emails, asked of the running edge.
describe('emails, held against RFC 8621,', () => {
  let house: House;
  let app: NestFastifyApplication;
  let an: Speaker;
  let inbox: string;
  let archive: string;
  const importOne = async (octets: Buffer, more: object = {}) => {
    const blobId = await an.upload(octets);
    const email = { blobId, mailboxIds: { [inbox]: true }, ...more };
    return (await an.call('Email/import', { emails: { e: email } })).created.e.id as string;
  };
  const getOne = async (id: string, more: object = {}) =>
    (await an.call('Email/get', { ids: [id], ...more })).list[0];

  beforeAll(async () => {
    house = await House.open();
    app = await house.start('mail', MailModule);
    const database = app.get(Database);
    const own = await openMailbox(database, 'an');
    an = Speaker.of(app, await house.as({ personId: own.ownerId }), own.mailboxId);
    inbox = await an.folder('inbox');
    archive = await an.folder('archive');
  });
  afterAll(() => house.close());

  it('reads a message as it came (RFC 8621, 4.1)', async () => {
    const html = '<p>Chào <b>anh</b></p>';
    const octets = messageOf(
      'From: =?UTF-8?B?TmfDom4=?= <ngan@example.org>',
      'To: Nhom: an@lamdong.gov.vn, binh@lamdong.gov.vn;',
      'Subject: =?UTF-8?Q?Xin_ch=C3=A0o?=',
      'Message-ID: <m1@example.org>',
      'List-Post: <mailto:list@example.org>',
      'X-Two: one',
      'X-Two: two',
      'Date: Tue, 24 Nov 2026 08:00:00 +0700',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: multipart/alternative; boundary=c',
      '',
      '--c',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('Chào anh, đây là thư.').toString('base64'),
      '--c',
      'Content-Type: text/html; charset=utf-8',
      '',
      html,
      '--c--',
      '--b',
      'Content-Type: message/rfc822',
      'Content-Disposition: attachment; filename="thu.eml"',
      '',
      ...text('bên trong', { Subject: 'Inner' }).toString().split('\r\n'),
      '--b--',
      '',
    );
    const id = await importOne(octets, {
      keywords: { $Seen: true },
      receivedAt: '2026-01-02T03:04:05Z',
    });
    const email = await getOne(id, { fetchTextBodyValues: true, maxBodyValueBytes: 8 });
    expect(email).toMatchObject({
      ...{ id, size: octets.length, keywords: { $seen: true }, mailboxIds: { [inbox]: true } },
      ...{ receivedAt: '2026-01-02T03:04:05Z', subject: 'Xin chào', messageId: ['m1@example.org'] },
      ...{ inReplyTo: null, cc: null, hasAttachment: true, preview: 'Chào anh, đây là thư.' },
      from: [{ name: 'Ngân', email: 'ngan@example.org' }],
      textBody: [{ partId: '1', type: 'text/plain', charset: 'utf-8' }],
      htmlBody: [{ partId: '2', type: 'text/html' }],
      attachments: [{ partId: '3', type: 'message/rfc822', name: 'thu.eml' }],
      bodyValues: { 1: { value: 'Chào an', isTruncated: true, isEncodingProblem: false } },
    });
    const properties = [
      ...['header:X-Two', 'header:X-Two:asText:all', 'header:To:asGroupedAddresses'],
      ...['header:list-post:asURLs', 'header:None:asText', 'bodyStructure'],
    ];
    const more = await getOne(id, { properties, bodyProperties: ['partId', 'type'] });
    expect(more).toMatchObject({
      ...{ 'header:X-Two': ' two', 'header:X-Two:asText:all': ['one', 'two'] },
      'header:To:asGroupedAddresses': [{ name: 'Nhom', addresses: [{}, {}] }],
      ...{ 'header:list-post:asURLs': ['mailto:list@example.org'], 'header:None:asText': null },
      bodyStructure: {
        type: 'multipart/mixed',
        subParts: [
          { type: 'multipart/alternative', subParts: [{ partId: '1' }, { partId: '2' }] },
          { partId: '3', type: 'message/rfc822' },
        ],
      },
    });
    const blob = (email.attachments as { blobId: string }[])[0]!.blobId;
    const parsed = await an.call('Email/parse', {
      blobIds: [blob, 'Bnone'],
      fetchAllBodyValues: true,
    });
    expect(parsed).toMatchObject({
      parsed: { [blob]: { subject: 'Inner', bodyValues: { 1: { value: 'bên trong\n' } } } },
      ...{ notFound: ['Bnone'], notParsable: null },
    });
    const raw = await an.fetch(`/jmap/download/${an.accountId}/${email.blobId}/thu.eml`);
    expect(Buffer.from(await raw.arrayBuffer()).equals(octets)).toBe(true);
    const inner = parsed.parsed[blob].textBody[0].blobId;
    expect((await an.fetch(`/jmap/download/${an.accountId}/${inner}/x`)).status).toBe(200);
  });

  it.each<[string, object, string, string[]]>([
    ['without a mailbox', { mailboxIds: {} }, 'invalidProperties', ['mailboxIds']],
    ['in no mailbox', { mailboxIds: { x: true } }, 'invalidProperties', ['mailboxIds']],
    ['with a false keyword', { keywords: { $seen: false } }, 'invalidProperties', ['keywords']],
    ['with a wrong keyword', { keywords: { 'a b': true } }, 'invalidProperties', ['keywords']],
    ['with headers', { headers: [] }, 'invalidProperties', ['headers']],
    ['with an id', { id: 'x' }, 'invalidProperties', ['id']],
    ['with an unknown property', { colour: 'red' }, 'invalidProperties', ['colour']],
  ])('refuses to create an email %s', async (_, wrong, type, properties) => {
    const email = { mailboxIds: { [inbox]: true }, subject: 'x', ...wrong };
    const { notCreated } = await an.call('Email/set', { create: { e: email } });
    expect(notCreated.e).toMatchObject({ type, properties });
  });

  it('refuses to create an email of bodies and blobs that are not there', async () => {
    const create = {
      body: { mailboxIds: { [inbox]: true }, textBody: [{ partId: '9' }] },
      blob: { mailboxIds: { [inbox]: true }, attachments: [{ blobId: 'Bx', name: 'x' }] },
    };
    expect((await an.call('Email/set', { create })).notCreated).toMatchObject({
      body: { type: 'invalidProperties' },
      blob: { type: 'blobNotFound', notFound: ['Bx'] },
    });
  });

  it('changes only where an email lies and how it is marked', async () => {
    const id = await importOne(text('x'));
    const update = (patch: object) => an.call('Email/set', { update: { [id]: patch } });
    const { oldState, newState } = await update({});
    expect(newState).toBe(oldState);
    expect((await update({ 'keywords/$flagged': true })).updated).toEqual({ [id]: null });
    expect((await update({ subject: 'khác' })).notUpdated[id].type).toBe('invalidProperties');
    expect((await update({ 'keywords/$a/b': true })).notUpdated[id].type).toBe('invalidPatch');
    expect((await update({ mailboxIds: {} })).notUpdated[id].type).toBe('invalidProperties');
    await update({ mailboxIds: { [archive]: true }, keywords: { $SEEN: true } });
    expect(await getOne(id)).toMatchObject({
      ...{ mailboxIds: { [archive]: true }, keywords: { $seen: true } },
    });
    const { destroyed } = await an.call('Email/set', { destroy: [id] });
    expect(destroyed).toEqual([id]);
    expect((await an.call('Email/get', { ids: [id] })).notFound).toEqual([id]);
  });

  it('tells changes step by step, however many came at once (RFC 8620, 5.2)', async () => {
    const { state } = await an.call('Email/get', { ids: [] });
    const blobId = await an.upload(text('nhiều'));
    const emails = Object.fromEntries(
      Array.from({ length: 7 }, (_, at) => [`e${at}`, { blobId, mailboxIds: { [inbox]: true } }]),
    );
    const { created } = await an.call('Email/import', { emails });
    const ids = Object.values(created as Record<string, { id: string }>).map((each) => each.id);
    const told: string[] = [];
    for (let since = state, more = true; more;) {
      const args = { sinceState: since, maxChanges: 3 };
      const changes = await an.call('Email/changes', args);
      expect(changes.created.length).toBeLessThanOrEqual(3);
      told.push(...changes.created);
      [since, more] = [changes.newState, changes.hasMoreChanges];
    }
    expect(told.sort()).toEqual(ids.sort());
    await an.call('Email/set', { destroy: ids });
    expect(await an.call('Email/changes', { sinceState: state })).toMatchObject({
      ...{ created: [], updated: [], destroyed: [] },
    });
  });

  it('finds by every condition, in every order (RFC 8621, 4.4)', async () => {
    const { created } = await an.call('Mailbox/set', { create: { q: { name: 'Tìm' } } });
    const folder = created.q.id;
    const add = (subject: string, day: number, more: Record<string, string>, keywords = {}) =>
      importOne(
        text(`thân ${subject}`, { Subject: subject, 'Message-ID': `<${subject}@x>`, ...more }),
        {
          ...{ mailboxIds: { [folder]: true }, keywords },
          receivedAt: `2026-02-0${day}T00:00:00Z`,
        },
      );
    const one = await add(
      'mot',
      1,
      { From: 'Binh <b@x.vn>', 'X-Ho-So': 'Số 12/QĐ' },
      { $flagged: true },
    );
    const two = await add('Re: mot', 2, { 'In-Reply-To': '<mot@x>', From: 'An <a@x.vn>' });
    const three = await add('ba', 3, { Cc: 'cuong@x.vn', From: 'Cuong <c@x.vn>' }, { $seen: true });
    const find = async (filter: object, more: object = {}) =>
      (
        await an.call('Email/query', {
          filter: { operator: 'AND', conditions: [{ inMailbox: folder }, filter] },
          sort: [{ property: 'receivedAt', isAscending: true }],
          ...more,
        })
      ).ids;
    const cases: [object, string[]][] = [
      [{ text: 'thân' }, [one, two, three]],
      [{ text: 'than mot' }, [one, two]],
      [{ from: 'binh' }, [one]],
      [{ cc: 'cuong@x.vn' }, [three]],
      [{ subject: 'ba' }, [three]],
      [{ body: 'ba' }, [three]],
      [{ header: ['X-Ho-So'] }, [one]],
      [{ header: ['x-ho-so', '12/q'] }, [one]],
      [{ header: ['X-Ho-So', '13'] }, []],
      [{ after: '2026-02-02T00:00:00Z' }, [two, three]],
      [{ before: '2026-02-02T00:00:00Z' }, [one]],
      [{ minSize: 1, maxSize: 100_000 }, [one, two, three]],
      [{ hasAttachment: true }, []],
      [{ hasKeyword: '$Flagged' }, [one]],
      [{ notKeyword: '$seen' }, [one, two]],
      [{ someInThreadHaveKeyword: '$flagged' }, [one, two]],
      [{ allInThreadHaveKeyword: '$flagged' }, []],
      [{ noneInThreadHaveKeyword: '$flagged' }, [three]],
      [{ inMailboxOtherThan: [folder] }, []],
      [{ operator: 'NOT', conditions: [{ hasKeyword: '$seen' }, { from: 'binh' }] }, [two]],
      [{ operator: 'OR', conditions: [{ hasKeyword: '$seen' }, { from: 'binh' }] }, [one, three]],
    ];
    for (const [filter, ids] of cases) expect([filter, await find(filter)]).toEqual([filter, ids]);
    const by = (property: string, more: object = {}) =>
      find({}, { sort: [{ property, isAscending: true, ...more }] });
    expect(await by('from')).toEqual([two, one, three]);
    expect((await by('hasKeyword', { keyword: '$flagged', isAscending: false }))[0]).toBe(one);
    expect(await find({}, { collapseThreads: true })).toEqual([one, three]);
    expect(await find({}, { position: -2 })).toEqual([two, three]);
    expect(await find({}, { anchor: two, anchorOffset: -1, limit: 2 })).toEqual([one, two]);

    const filter = { inMailbox: folder };
    const sort = [{ property: 'receivedAt', isAscending: true }];
    const args = { filter, sort, collapseThreads: true };
    const query = await an.call('Email/query', { ...args, calculateTotal: true });
    expect(query).toMatchObject({ total: 2, canCalculateChanges: true, position: 0 });
    await an.call('Email/set', { destroy: [one] });
    const changes = { ...args, sinceQueryState: query.queryState, calculateTotal: true };
    const moved = await an.call('Email/queryChanges', changes);
    expect(moved.removed).toEqual(expect.arrayContaining([one]));
    expect(moved).toMatchObject({ total: 2, added: [{ id: two, index: 0 }] });
    const snippets = { filter: { text: 'thân' }, emailIds: [three, 'none'] };
    expect(await an.call('SearchSnippet/get', snippets)).toMatchObject({
      list: [{ emailId: three, subject: null, preview: '<mark>thân</mark> ba' }],
      notFound: ['none'],
    });
  });
});
