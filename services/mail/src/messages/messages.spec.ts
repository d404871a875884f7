import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, folders, messages } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { LocalFileStore } from '@eoffice/platform/files';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import iconv from 'iconv-lite';
import { MailModule } from '../mail.module.js';
import { acceptFor, messageOf, openMailbox } from '../testing/mailboxes.js';

describe('messages of a mailbox', () => {
  let house: House;
  let database: Database;
  let owner: Caller;
  let mailboxId: string;
  let address: string;
  const client = () => house.client(messages);
  const foldersOf = async () => {
    const { items } = await house.client(folders).list({ mailboxId }, owner);
    return Object.fromEntries(items.map((folder) => [folder.role ?? folder.name, folder]));
  };
  const list = async (more = {}) => (await client().list({ mailboxId, ...more }, owner)).items;
  const search = async (q: string, more = {}) =>
    (await client().search({ mailboxId, q, ...more }, owner)).items.map(({ subject }) => subject);
  const receive = async (octets: Buffer) => {
    const id = await acceptFor(database, octets, [address]);
    return eventually(async () => {
      const [row] = await database.query<{ id: string }>(
        'select id from email where acceptance_id = $1',
        [id],
      );
      expect(row).toBeDefined();
      return row!.id;
    });
  };
  const letter = (subject: string, text: string, ...headers: string[]) =>
    messageOf(
      `Subject: ${subject}`,
      'From: "Văn thư Sở Nội vụ" <vanthu.snv@example.org>',
      'Content-Type: text/plain; charset=utf-8',
      ...headers,
      '',
      text,
    );

  beforeAll(async () => {
    house = await House.open();
    database = (await house.start('mail', MailModule)).get(Database);
    const opened = await openMailbox(database, 'an');
    ({ mailboxId, address } = opened);
    owner = await house.as({ personId: opened.ownerId });
  });
  afterAll(() => house.close());

  it('are nobody else’s to know of, whatever may be permitted to them', async () => {
    const id = await receive(letter('Riêng', 'Nội dung'));
    const { inbox } = await foldersOf();
    const permissions = ['mail.read', 'mail.manage'];
    for (const caller of [await house.as({}), await house.as({ permissions })]) {
      const one = { mailboxId, id };
      const some = { mailboxId, ids: [id] };
      expect([
        await problemOf(client().list({ mailboxId }, caller)),
        await problemOf(client().search({ mailboxId, q: 'riêng' }, caller)),
        await problemOf(client().read(one, caller)),
        await problemOf(client().raw(one, caller)),
        await problemOf(client().attachment({ ...one, partId: '1' }, caller)),
        await problemOf(client().mark({ ...some, seen: true }, caller)),
        await problemOf(client().move({ ...some, folderId: inbox!.id }, caller)),
        await problemOf(client().remove(some, caller)),
        await problemOf(house.client(folders).list({ mailboxId }, caller)),
      ]).toEqual(Array.from({ length: 9 }, () => 'not-found'));
    }
    const other = await openMailbox(database, 'nguoi.khac');
    const elsewhere = await house.as({ personId: other.ownerId });
    const fromOther = { mailboxId: other.mailboxId, id };
    expect(await problemOf(client().read(fromOther, elsewhere))).toBe('not-found');
    const taken = { mailboxId: other.mailboxId, ids: [id] };
    expect(await problemOf(client().remove(taken, elsewhere))).toBe('not-found');
  });

  it('are shown as text and harmless HTML, with what is attached, and octet by octet', async () => {
    const html =
      '<p onclick="x()">Kính gửi <b>ông</b></p><script>alert(1)</script><form action="http://x">' +
      '<input name=p></form><img src="http://x/track.gif"><img src="cid:logo@x">' +
      '<a href="javascript:x()">a</a><a href="https://example.org">b</a><iframe src="//x"></iframe>' +
      '<div style="position:fixed;background:url(http://x);color:red">c</div><style>p{}</style>' +
      '<svg><script>x</script></svg><meta http-equiv=refresh content="0;url=http://x">';
    const octets = messageOf(
      'Subject: =?utf-8?Q?C=C3=B4ng_v=C4=83n?=',
      'From: A <a@example.org>',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/html; charset=utf-8',
      '',
      html,
      '--b',
      'Content-Type: application/pdf',
      `Content-Disposition: attachment; filename*=utf-8''Gi%E1%BA%A5y%20m%E1%BB%9Di.pdf`,
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('%PDF-1.7').toString('base64'),
      '--b--',
      '',
    );
    const id = await receive(octets);
    const shown = await client().read({ mailboxId, id }, owner);
    expect(shown).toMatchObject({
      ...{ subject: 'Công văn', hasAttachment: true, seen: false, unreadable: false, cut: false },
      from: [{ name: 'A', email: 'a@example.org' }],
      attachments: [{ name: 'Giấy mời.pdf', mediaType: 'application/pdf', size: 8 }],
    });
    expect(shown.text).toContain('Kính gửi ông');
    expect(shown.html).toBe(
      '<p>Kính gửi <b>ông</b></p><img /><img src="cid:logo@x" />' +
        '<a rel="noopener noreferrer nofollow" target="_blank">a</a>' +
        '<a href="https://example.org" rel="noopener noreferrer nofollow" target="_blank">b</a>' +
        '<div style="color:red">c</div>',
    );
    const store = new LocalFileStore(house.filesFolder);
    const { partId } = shown.attachments[0]!;
    const file = await client().attachment({ mailboxId, id, partId }, owner);
    expect(file).toMatchObject({ name: 'Giấy mời.pdf', mediaType: 'application/pdf', size: 8 });
    expect((await buffer(await store.open(file.sha256))).toString()).toBe('%PDF-1.7');
    const raw = await client().raw({ mailboxId, id }, owner);
    const whole = await buffer(await store.open(raw.sha256));
    expect(raw.name).toBe('cong-van.eml');
    expect(whole.toString().startsWith('Received: from example.org')).toBe(true);
    expect(whole.subarray(-octets.length).equals(octets)).toBe(true);
    const wrong = { mailboxId, id, partId: '99' };
    expect(await problemOf(client().attachment(wrong, owner))).toBe('not-found');
  });

  it('are marked, moved, thrown away and brought back, and the counts of folders follow', async () => {
    const before = await foldersOf();
    const ids = [await receive(letter('Một', 'x')), await receive(letter('Hai', 'y'))];
    const counts = async (role: string) => {
      const folder = (await foldersOf())[role]!;
      return [folder.totalEmails, folder.unreadEmails, folder.totalThreads, folder.unreadThreads];
    };
    const [emails, unread] = await counts('inbox');
    expect([emails, unread]).toEqual([
      before.inbox!.totalEmails + 2,
      before.inbox!.unreadEmails + 2,
    ]);
    await client().mark({ mailboxId, ids, seen: true, flagged: true }, owner);
    expect((await list({ limit: 2 })).map(({ seen, flagged }) => [seen, flagged])).toEqual([
      [true, true],
      [true, true],
    ]);
    expect((await counts('inbox'))[1]).toBe(unread! - 2);
    await client().mark({ mailboxId, ids: [ids[0]!], seen: false, flagged: false }, owner);
    expect((await list({ unread: true })).map(({ id }) => id)).toContain(ids[0]);
    expect((await list({ unread: true })).map(({ id }) => id)).not.toContain(ids[1]);

    await client().remove({ mailboxId, ids }, owner);
    expect(await counts('trash')).toEqual([2, 1, 2, 1]);
    const { inbox, trash } = await foldersOf();
    expect((await list({ folderId: trash!.id })).map(({ id }) => id).sort()).toEqual(ids.sort());
    await client().move({ mailboxId, ids, folderId: inbox!.id }, owner);
    expect(await counts('trash')).toEqual([0, 0, 0, 0]);
    expect((await counts('inbox'))[0]).toBe(emails);

    await client().remove({ mailboxId, ids }, owner);
    await client().remove({ mailboxId, ids: [ids[0]!] }, owner);
    expect(await problemOf(client().read({ mailboxId, id: ids[0]! }, owner))).toBe('not-found');
    expect(await problemOf(client().remove({ mailboxId, ids }, owner))).toBe('not-found');
    expect((await list({ folderId: trash!.id })).map(({ id }) => id)).toEqual([ids[1]]);
    const gone = await database.query('select type from gone where mailbox_id = $1 order by type', [
      mailboxId,
    ]);
    expect(gone).toEqual([{ type: 'email' }, { type: 'thread' }]);
    const foreign = { mailboxId, ids: [ids[1]!], folderId: randomUUID() };
    expect(await problemOf(client().move(foreign, owner))).toBe('not-found');
  });

  it('are listed page by page, newest first, none twice', async () => {
    const all = (await list({ limit: 200 })).map(({ id }) => id);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await client().list({ mailboxId, limit: 2, after }, owner);
      seen.push(...page.items.map(({ id }) => id));
      after = page.next;
    } while (after);
    expect(seen).toEqual(all);
  });

  it('are found with and without marks, however they were encoded', async () => {
    await receive(letter('Báo cáo tháng 6', 'Tình hình thu ngân sách ở Đạ Tẻh'));
    await receive(letter('Bao cao thang 7', 'Khong dau'));
    await receive(letter('Báo cáo quý III'.normalize('NFD'), 'Phường Bảo Lộc'.normalize('NFD')));
    const old = Buffer.concat([
      messageOf('Subject: 1258', 'Content-Type: text/plain; charset=windows-1258', '', ''),
      iconv.encode('Đề nghị báo cáo'.normalize('NFD').replace('ề', 'ề'), 'windows-1258'),
    ]);
    await receive(old);
    const four = ['1258', 'Báo cáo quý III', 'Bao cao thang 7', 'Báo cáo tháng 6'];
    expect(await search('báo cáo')).toEqual(four);
    expect(await search('BAO CAO')).toEqual(four);
    expect(await search('"báo cáo"'.normalize('NFD'))).toEqual(four);
    expect(await search('báo cáo', { exact: true })).toEqual([
      ...['1258', 'Báo cáo quý III', 'Báo cáo tháng 6'],
    ]);
    expect(await search('da teh ngan sac')).toEqual(['Báo cáo tháng 6']);
    expect(await search('"cáo báo"')).toEqual([]);
    expect(await search('báo cáo', { within: 'subject' })).toEqual(four.slice(1));
    expect(await search('giay moi', { within: 'attachment' })).toEqual(['Công văn']);
    expect(await search('báo cáo', { within: 'body' })).toEqual(['1258']);
    expect(await search('vanthu.snv@example.org', { within: 'from' })).toEqual([
      ...[...four.slice(1), 'Hai', 'Riêng'],
    ]);
    expect(await search("' & | ! :*")).toEqual([]);
    const { trash } = await foldersOf();
    expect(await search('báo', { folderId: trash!.id })).toEqual([]);
  });

  it('lie in folders that can be made, renamed, moved and deleted', async () => {
    const client = house.client(folders);
    const of = { mailboxId };
    const made = await client.create({ ...of, name: 'Đơn vị' }, owner);
    expect(await problemOf(client.create({ ...of, name: 'Đơn vị' }, owner))).toBe(
      'mail/folder-exists',
    );
    const inner = await client.create({ ...of, name: 'Xã', parentId: made.id }, owner);
    expect(inner).toMatchObject({ parentId: made.id, totalEmails: 0 });
    const into = { ...of, id: made.id, parentId: inner.id };
    expect(await problemOf(client.move(into, owner))).toBe('mail/folder-too-deep');
    expect(await problemOf(client.remove({ ...of, id: made.id }, owner))).toBe(
      'mail/folder-in-use',
    );
    expect(await client.rename({ ...of, id: inner.id, name: 'Phường' }, owner)).toMatchObject({
      name: 'Phường',
    });
    const top = await client.move({ ...of, id: inner.id }, owner);
    expect(top.parentId ?? null).toBeNull();
    await client.remove({ ...of, id: made.id }, owner);
    const { inbox } = await foldersOf();
    expect(await problemOf(client.remove({ ...of, id: inbox!.id }, owner))).toBe(
      'mail/folder-in-use',
    );
    expect(await problemOf(client.rename({ ...of, id: made.id, name: 'x' }, owner))).toBe(
      'not-found',
    );
  });
});
