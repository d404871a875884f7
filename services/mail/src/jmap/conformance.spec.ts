import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appPasswords } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { House } from '@eoffice/testing/house';
import type { Session } from '@eoffice/jmap/session';
import { MailModule } from '../mail.module.js';
import { type Answer, Speaker, using } from '../testing/jmap.js';
import { messageOf, openMailbox } from '../testing/mailboxes.js';

const text = (body: string, header: Record<string, string> = {}) => {
  const fields = {
    ...{ From: 'Dan <dan@example.org>', To: 'an@lamdong.gov.vn', Subject: 'Xin chào' },
    ...{ Date: 'Tue, 24 Nov 2026 08:00:00 +0700', 'MIME-Version': '1.0', ...header },
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return messageOf(...lines, '', body, '');
};

// What RFC 8620 and RFC 8621 say a server MUST do, asked of the running edge.
describe('the edge, held against the RFCs,', () => {
  let house: House;
  let app: NestFastifyApplication;
  let an: Speaker;
  let post: Speaker;
  let inbox: string;
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
    const shared = await openMailbox(database, 'vanthu', { kind: 'post' });
    const postId = shared.ownerId;
    await database.query(
      `insert into known_assignment values (gen_random_uuid(), $1, $2, $2, $2, '2021-01-01')`,
      [own.ownerId, postId],
    );
    an = Speaker.of(app, await house.as({ personId: own.ownerId }), own.mailboxId);
    post = an.in(shared.mailboxId);
    inbox = await an.folder('inbox');
  });
  afterAll(() => house.close());

  it('shows a session with everything RFC 8620, 2 names, below the address it was asked by', async () => {
    const response = await an.fetch('/.well-known/jmap', {
      headers: { 'x-forwarded-host': 'office.lamdong.gov.vn', 'x-forwarded-proto': 'https' },
    });
    const session = (await response.json()) as Session & { state: string };
    expect(session).toMatchObject({
      username: 'an@lamdong.gov.vn',
      apiUrl: 'https://office.lamdong.gov.vn/jmap/api',
      downloadUrl: expect.stringMatching(/\{accountId\}.*\{blobId\}.*\{name\}.*\{type\}/),
      uploadUrl: expect.stringContaining('{accountId}'),
      eventSourceUrl: expect.stringMatching(/\{types\}.*\{closeafter\}.*\{ping\}/),
      state: expect.any(String),
    });
    expect(Object.keys(session.capabilities).sort()).toEqual([...using].sort());
    expect(session.accounts[an.accountId]).toMatchObject({ isPersonal: true, isReadOnly: false });
    expect(session.accounts[post.accountId]).toMatchObject({ isPersonal: false });
    expect(session.primaryAccounts[using[1]!]).toBe(an.accountId);
    const echo = await an.post({ using, methodCalls: [['Core/echo', {}, 'c']] });
    expect(await echo.json()).toMatchObject({ sessionState: session.state });
  });

  it.each<[string, string, unknown, string]>([
    ['another media type', 'notJSON', { using, methodCalls: [] }, 'text/plain'],
    ['what is no JSON', 'notJSON', '{"using', 'application/json'],
    ['what is no request', 'notRequest', { foo: 'bar' }, 'application/json'],
    [
      'an unknown capability',
      'unknownCapability',
      { using: ['urn:x'], methodCalls: [] },
      'application/json',
    ],
    [
      'too many calls',
      'limit',
      { using, methodCalls: Array(33).fill(['Core/echo', {}, 'c']) },
      'application/json',
    ],
    ['too large a request', 'limit', ' '.repeat(10 * 1_048_576 + 1), 'application/json'],
  ])('refuses %s as a whole (RFC 8620, 3.6.1)', async (_, type, body, mediaType) => {
    const response = await an.post(body, mediaType);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await response.json()) as object;
    expect(problem).toMatchObject({ type: `urn:ietf:params:jmap:error:${type}`, status: 400 });
    expect('limit' in problem).toBe(type === 'limit');
  });

  it('lets mail programs in by an app password, to the mailboxes it opens', async () => {
    const [{ personId }] = (await app
      .get(Database)
      .query(`select owner_id as "personId" from mailbox where id = $1`, [an.accountId])) as [
      { personId: string },
    ];
    const personal = await house.as({ personId });
    const wish = { name: 'aerc', uses: ['jmap'] as ['jmap'], mailboxIds: [an.accountId] };
    const { password } = await house.client(appPasswords).create(wish, personal);
    const session = (credentials: string) =>
      fetch(`${an.url}/jmap/session`, {
        headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      });
    const answer = await session(`an@lamdong.gov.vn:${password}`);
    expect(Object.keys(((await answer.json()) as Session).accounts)).toEqual([an.accountId]);
    expect((await session(`vanthu@lamdong.gov.vn:${password}`)).status).toBe(401);
    expect((await session('an@lamdong.gov.vn:wrong-one')).status).toBe(401);
  });

  it('knows nobody without a token, and says how to come back', async () => {
    for (const path of [
      '/.well-known/jmap',
      '/jmap/events',
      `/jmap/download/${an.accountId}/B/x`,
    ]) {
      const response = await fetch(an.url + path, {
        headers: { authorization: 'Bearer 12345678' },
      });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  it.each<[string, string, object]>([
    ['unknownMethod', 'Fake/get', {}],
    ['accountNotFound', 'Mailbox/get', { accountId: 'nobody' }],
    ['invalidArguments', 'Mailbox/get', { ids: 'x' }],
    ['invalidArguments', 'Mailbox/get', { properties: ['colour'] }],
    ['invalidArguments', 'Email/get', { ids: [], properties: ['header:From:asDate'] }],
    ['invalidArguments', 'Email/get', { ids: [], bodyProperties: ['colour'] }],
    ['requestTooLarge', 'Email/get', { ids: Array.from({ length: 501 }, (_, at) => `x${at}`) }],
    ['cannotCalculateChanges', 'Email/changes', { sinceState: 'never' }],
    ['cannotCalculateChanges', 'Email/changes', { sinceState: '999999' }],
    ['cannotCalculateChanges', 'Email/queryChanges', { sinceQueryState: 'x' }],
    ['stateMismatch', 'Email/set', { ifInState: 'x' }],
    ['stateMismatch', 'Mailbox/set', { ifInState: 'x' }],
    ['anchorNotFound', 'Email/query', { anchor: 'x' }],
    ['unsupportedSort', 'Email/query', { sort: [{ property: 'colour' }] }],
    ['unsupportedFilter', 'Email/query', { filter: { colour: 'red' } }],
    ['invalidArguments', 'Email/query', { filter: { after: 'yesterday' } }],
    ['invalidArguments', 'Email/query', { sort: [{ property: 'hasKeyword' }] }],
    ['invalidArguments', 'Email/copy', { create: {} }],
    ['fromAccountNotFound', 'Email/copy', { fromAccountId: 'nobody', create: {} }],
    ['fromAccountNotFound', 'Blob/copy', { fromAccountId: 'nobody', blobIds: [] }],
  ])('answers %s to %s with %j', async (type, name, args) => {
    expect(await an.call(name, args)).toMatchObject({ type });
  });

  it('keeps folders in order (RFC 8621, 2)', async () => {
    const set = (args: object) => an.call('Mailbox/set', args);
    const create = { a: { name: 'Hồ sơ' }, b: { name: 'Con', parentId: '#a' } };
    const { created, oldState, newState } = await set({ create });
    expect(newState).not.toBe(oldState);
    const [a, b] = [created.a.id, created.b.id];
    expect(created.a).toMatchObject({
      ...{ totalEmails: 0, unreadEmails: 0, totalThreads: 0, unreadThreads: 0, parentId: null },
      myRights: { mayRename: true, mayDelete: true },
    });
    expect(await set({ create: { c: { name: 'Hồ sơ' } } })).toMatchObject({
      notCreated: { c: { type: 'alreadyExists', existingId: a } },
    });
    const wrong = {
      [a]: { parentId: b },
      [b]: { 'myRights/mayDelete': false },
      [inbox]: { name: 'Khác' },
      none: { name: 'x' },
    };
    expect((await set({ update: wrong })).notUpdated).toMatchObject({
      [a]: { type: 'invalidProperties', properties: ['parentId'] },
      [b]: { type: 'invalidProperties', properties: ['myRights'] },
      [inbox]: { type: 'forbidden' },
      none: { type: 'notFound' },
    });
    expect((await set({ destroy: [a] })).notDestroyed[a].type).toBe('mailboxHasChild');
    const id = await importOne(text('x'), { mailboxIds: { [b]: true, [inbox]: true } });
    expect((await set({ destroy: [b] })).notDestroyed[b].type).toBe('mailboxHasEmail');
    const gone = await set({ destroy: [b, a], onDestroyRemoveEmails: true });
    expect(gone.destroyed).toEqual([b, a]);
    expect((await getOne(id)).mailboxIds).toEqual({ [inbox]: true });
    const since = await an.call('Mailbox/changes', { sinceState: oldState });
    expect(since).toMatchObject({ created: [], destroyed: [] });
    const counted = await an.call('Mailbox/changes', { sinceState: newState });
    expect(counted.destroyed.sort()).toEqual([a, b].sort());
    expect(counted.updatedProperties).toContain('unreadEmails');
  });

  it('copies between accounts, and takes the original away if asked (RFC 8621, 4.7)', async () => {
    const id = await importOne(text('chuyển văn thư'), { keywords: { $seen: true } });
    const create = { c: { id, mailboxIds: { [await post.folder('inbox')]: true } } };
    const args = { fromAccountId: an.accountId, create, onSuccessDestroyOriginal: true };
    const [[, copied], [name, set]] = (await post.ask(['Email/copy', args])) as [Answer, Answer];
    expect(copied).toMatchObject({ created: { c: { id: expect.any(String) } }, notCreated: null });
    expect([name, set.destroyed]).toEqual(['Email/set', [id]]);
    const { list } = await post.call('Email/get', { ids: [copied.created.c.id] });
    expect(list[0]).toMatchObject({ keywords: { $seen: true }, preview: 'chuyển văn thư' });
    const blobIds = [await an.upload('abc', 'text/plain'), 'Bnone'];
    const blobs = await post.call('Blob/copy', { fromAccountId: an.accountId, blobIds });
    expect(blobs).toMatchObject({
      copied: { [blobIds[0]!]: expect.any(String) },
      notCopied: { Bnone: { type: 'blobNotFound' } },
    });
  });

  it.each<[string, object, object]>([
    ['nobody', { to: null }, { type: 'noRecipients' }],
    ['somebody without an address', { to: [{ email: 'x' }] }, { type: 'invalidRecipients' }],
    ['another', { from: [{ email: 'sep@lamdong.gov.vn' }] }, { type: 'forbiddenFrom' }],
    ['nobody at all', { from: null }, { type: 'invalidEmail', properties: ['from'] }],
  ])('does not send to or as %s (RFC 8621, 7.5)', async (_, wrong, error) => {
    const email = {
      ...{ mailboxIds: { [inbox]: true }, subject: 'x', to: [{ email: 'b@example.org' }] },
      ...{ from: [{ email: 'an@lamdong.gov.vn' }], ...wrong },
    };
    const emailId = (await an.call('Email/set', { create: { e: email } })).created.e.id;
    const create = { s: { emailId, identityId: an.accountId } };
    const { notCreated } = await an.call('EmailSubmission/set', { create });
    expect(notCreated.s).toMatchObject(error);
  });

  it('keeps identities, absence and quota (RFC 8621, 6 and 8; RFC 9425)', async () => {
    const id = an.accountId;
    const set = (args: object) => an.call('Identity/set', args);
    const signature = {
      textSignature: '-- \nAn',
      replyTo: [{ name: null, email: 'x@example.org' }],
    };
    expect((await set({ update: { [id]: signature } })).updated).toEqual({ [id]: null });
    const identity = (await an.call('Identity/get', { ids: null })).list[0];
    expect(identity).toMatchObject({
      id,
      email: 'an@lamdong.gov.vn',
      mayDelete: false,
      ...signature,
    });
    const create = { i: { name: 'Sếp', email: 'sep@lamdong.gov.vn' } };
    expect((await set({ create })).notCreated.i.type).toBe('forbiddenFrom');
    expect((await set({ update: { [id]: { email: 'a@b.vn' } } })).notUpdated[id]).toMatchObject({
      ...{ type: 'invalidProperties', properties: ['email'] },
    });
    expect((await set({ destroy: [id] })).notDestroyed[id].type).toBe('forbidden');

    const away = { isEnabled: true, fromDate: '2026-12-01T00:00:00Z', subject: 'Đi vắng' };
    await an.call('VacationResponse/set', { update: { singleton: away } });
    const response = await an.call('VacationResponse/get', { ids: ['singleton', 'x'] });
    expect(response).toMatchObject({ list: [{ id: 'singleton', ...away }], notFound: ['x'] });
    const wrong = { create: { v: {} }, destroy: ['singleton'] };
    expect(await an.call('VacationResponse/set', wrong)).toMatchObject({
      ...{ notCreated: { v: { type: 'singleton' } } },
      notDestroyed: { singleton: { type: 'singleton' } },
    });
    const { list } = await an.call('Quota/get', { ids: null });
    expect(list).toMatchObject([{ resourceType: 'octets', hardLimit: 5 * 1024 ** 3 }]);
    expect((await an.call('PushSubscription/set', { create: { p: {} } })).notCreated.p.type).toBe(
      'forbidden',
    );
  });

  it('lets one of two that change from the same state win (RFC 8620, 5.3)', async () => {
    const id = await importOne(text('tranh nhau'));
    const { state } = await an.call('Email/get', { ids: [] });
    const update = (keyword: string) =>
      an.call('Email/set', {
        ifInState: state,
        update: { [id]: { [`keywords/${keyword}`]: true } },
      });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(update));
    expect(answers.filter(({ updated }) => updated)).toHaveLength(1);
    expect(answers.filter(({ type }) => type === 'stateMismatch')).toHaveLength(3);
    expect(Object.keys((await getOne(id)).keywords)).toHaveLength(1);
  });
});
