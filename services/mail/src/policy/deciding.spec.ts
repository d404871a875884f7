import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, mailPolicy, messages } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { eventually, House } from '@eoffice/testing/house';
import { MailModule } from '../mail.module.js';
import { Reply } from '../smtp/reply.js';
import { acceptFor, messageOf, openMailbox } from '../testing/mailboxes.js';
import { Deciding } from './deciding.js';

const today = localDay();

describe('the policy at the door', () => {
  let house: House;
  let database: Database;
  let deciding: Deciding;
  let own: Awaited<ReturnType<typeof openMailbox>>;
  let owner: Caller;
  const letter = (to: string, ...header: string[]) =>
    messageOf(`From: ${own.address}`, `To: ${to}`, 'Subject: Hỏi', ...header, '', 'Kính gửi');
  const verdict = async (octets: Buffer, ...recipients: string[]) => {
    const mail = { octets, recipients, reversePath: own.address, mailboxId: own.mailboxId };
    try {
      await deciding.judgeSubmission(database.manager, mail);
      return undefined;
    } catch (error) {
      if (error instanceof Reply) return error;
      throw error;
    }
  };
  const receive = async (octets: Buffer, more: object = {}) => {
    const id = await acceptFor(database, octets, [own.address], more);
    return eventually(async () => {
      const [row] = await database.query<{ id: string }>(
        'select id from email where acceptance_id = $1',
        [id],
      );
      return house.client(messages).read({ mailboxId: own.mailboxId, id: row!.id }, owner);
    });
  };

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('mail', MailModule);
    database = app.get(Database);
    deciding = app.get(Deciding);
    own = await openMailbox(database, 'an');
    owner = await house.as({ personId: own.ownerId });
  });
  afterAll(() => house.close());

  it('refuses a private address, in two languages, by a rule and its law', async () => {
    const reply = await verdict(letter('x@gmail.com'), 'x@gmail.com');
    const [rule] = await database.query<{ id: string }>(
      `select id from mail_rule where code = 'private-recipient'`,
    );
    expect([reply!.responseCode, reply!.rule]).toEqual([
      ...[550, { name: 'private-recipient', version: rule!.id }],
    ]);
    expect(reply!.message).toBe(
      '5.7.1 Official mail does not go to a private mailbox: x@gmail.com (Chi thi 34/2008/CT-TTg) / ' +
        'Thu cong vu khong gui toi hop thu rieng: x@gmail.com (Chi thi 34/2008/CT-TTg)',
    );
    expect(reply!.inUtf8().message).toContain(
      'Thư công vụ không gửi tới hộp thư riêng: x@gmail.com',
    );
    expect(await verdict(letter('bo@example.gov.vn'), 'bo@example.gov.vn')).toBeUndefined();
  });

  it.each([
    ['an envelope that its header does not name', 'a@lamdong.gov.vn', [], 'x@yahoo.com.vn'],
    ['a header that its envelope does not name', 'x@gmail.com', [], 'a@lamdong.gov.vn'],
    ['a blind copy', 'a@lamdong.gov.vn', ['Bcc: x@gmail.com'], 'a@lamdong.gov.vn'],
    ['a reply address', 'a@lamdong.gov.vn', ['Reply-To: x@gmail.com'], 'a@lamdong.gov.vn'],
    ['a second author', 'a@lamdong.gov.vn', ['From: x@gmail.com'], 'a@lamdong.gov.vn'],
    ['a group', 'nhom: x@gmail.com;', [], 'a@lamdong.gov.vn'],
    [
      'an encoded name that shows another',
      '=?utf-8?Q?a=40lamdong.gov.vn?= <x@gmail.com>',
      [],
      'a@lamdong.gov.vn',
    ],
    ['a secret', 'a@lamdong.gov.vn', ['Subject: [MẬT] kế hoạch'], 'a@lamdong.gov.vn'],
  ])('refuses what hides in %s', async (_, to, header, recipient) => {
    expect(await verdict(letter(to, ...header), recipient)).toBeInstanceOf(Reply);
  });

  it('refuses a program among a thousand files, and says its name on one line', async () => {
    const part = (name: string) => [
      ...['--b', 'Content-Type: application/pdf'],
      `Content-Disposition: attachment; filename*=utf-8''${name}`,
      '',
      'x',
    ];
    const harmless = Array.from({ length: 1_000 }, (_, at) => part(`${at}.pdf`)).flat();
    const mixed = (...parts: string[]) =>
      messageOf(
        `From: ${own.address}`,
        'Content-Type: multipart/mixed; boundary=b',
        '',
        ...parts,
        '--b--',
      );
    expect(await verdict(mixed(...harmless), own.address)).toBeUndefined();
    const reply = await verdict(mixed(...harmless, ...part('a%0D%0A250.exe')), own.address);
    expect(reply!.message).toContain('Files of this kind are not sent: a??250.exe (');
    expect(reply!.message.length).toBeLessThan(400);
  });

  it('refuses what is too large or too nested to be looked at as a whole', async () => {
    const filler = `To: ${'a@lamdong.gov.vn,\r\n '.repeat(150_000)}a@lamdong.gov.vn`;
    const hidden = messageOf(filler, `From: ${own.address}`, 'Reply-To: x@gmail.com', '', 'x');
    const nested = Array.from(
      { length: 200 },
      (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
    ).join('');
    for (const octets of [hidden, Buffer.from(`From: ${own.address}\r\n${nested}`)])
      expect((await verdict(octets, own.address))!.message).toMatch(/^5\.6\.0 .*cannot be read/);
  });

  it('lets a citizen who wrote in be answered, by the mailbox they wrote to and no other', async () => {
    const citizen = 'dan@gmail.com';
    expect(await verdict(letter(citizen), citizen)).toBeInstanceOf(Reply);
    const asked = messageOf(`From: Dân <${citizen}>`, 'Subject: Hỏi', '', 'Tôi muốn hỏi');
    const shown = await receive(asked, { reversePath: citizen });
    expect(shown.findings).toEqual([]);
    expect(await verdict(letter(citizen), 'DAN@gmail.com')).toBeUndefined();
    const other = await openMailbox(database, 'binh');
    const mail = { octets: letter(citizen), recipients: [citizen], reversePath: other.address };
    await expect(
      deciding.judgeSubmission(database.manager, { ...mail, mailboxId: other.mailboxId }),
    ).rejects.toThrow(/private mailbox/);
  });

  it('is not opened by what an official puts into the mailbox, nor by an answer of a machine', async () => {
    const from = (address: string, ...header: string[]) =>
      messageOf(`From: ${address}`, ...header, '', 'x');
    const [one, two] = ['mot@gmail.com', 'hai@gmail.com'];
    await receive(from(one), { way: 'import', reversePath: one });
    await receive(from(two, 'Auto-Submitted: auto-replied'), { reversePath: two });
    expect(await verdict(letter(one), one)).toBeInstanceOf(Reply);
    expect(await verdict(letter(two), two)).toBeInstanceOf(Reply);
  });

  it('stops nothing that comes in, and shows what the rules found with it', async () => {
    const odd = messageOf(
      'From: "Văn thư vanthu@lamdong.gov.vn" <x@lamdong-gov.vn>',
      'Content-Type: application/octet-stream; name=bao-cao.exe',
      '',
      'x',
    );
    const { findings } = await receive(odd, { reversePath: 'x@lamdong-gov.vn' });
    expect(findings).toMatchObject([
      { code: 'false-name', action: 'flag', where: 'From' },
      { code: 'look-alike', action: 'flag', where: 'MAIL FROM' },
      { code: 'look-alike', action: 'flag', where: 'From' },
      { code: 'attachment-type', action: 'flag', what: 'bao-cao.exe' },
    ]);
  });

  it('is the policy of today: a rule that ends is forgotten within seconds', async () => {
    const keeper = await house.as({ permissions: ['mail.keep-policy'], reach: 'all' });
    const { rules } = await house.client(mailPolicy).show({}, keeper);
    const { id } = rules.find(({ code }) => code === 'private-recipient')!;
    await house.client(mailPolicy).end({ id, validTo: addDays(today, -1) }, keeper);
    await eventually(async () => {
      expect(await verdict(letter('x@gmail.com'), 'x@gmail.com')).toBeUndefined();
    }, 15_000);
  });
});
