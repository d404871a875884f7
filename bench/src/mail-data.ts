import { setTimeout as wait } from 'node:timers/promises';
import type { Scale } from './groups.js';
import type { Person, Stack } from './stack.js';

// A mailbox of many years: some thousand letters are accepted and delivered by the service itself, into
// the mailboxes of the seed; SQL then multiplies them into one mailbox.

/** Whose mailbox it is, and how fast the originals were delivered. */
export interface Filled {
  owner: Person;
  mailboxId: string;
  /** Read, indexed and put into a mailbox, a second. */
  deliveredPerS: number;
  letters: Letter[];
}

export interface Letter {
  subject: string;
  body: string;
}

const originals = 3_000;

const subjects = [
  'Báo cáo kết quả công tác văn thư, lưu trữ',
  'Kế hoạch phòng cháy, chữa cháy rừng mùa khô',
  'Giấy mời họp bàn phương án phối hợp liên ngành',
  'Góp ý dự thảo quyết định về đơn giá bồi thường',
  'Đôn đốc giải ngân vốn đầu tư công',
  'Tuyển dụng viên chức ngành giáo dục',
  'Cấp chữ ký số chuyên dùng công vụ',
  'Phòng, chống dịch bệnh trên đàn vật nuôi',
];
const places = [
  ...['Bảo Lộc', 'Đạ Tẻh', 'Di Linh', 'Đơn Dương', 'Lạc Dương', 'Cát Tiên', 'Đam Rông'],
];
const families = ['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Hoàng', 'Vũ', 'Đặng', 'K’Brêm', 'Bùi', 'Đỗ'];
const names = ['Minh', 'Hồng', 'Xuân', 'Thị', 'Đức', 'Ngọc', 'Quang', 'Bích', 'Anh', 'Thảo', 'Sơn'];
const sentences = [
  'Thực hiện chỉ đạo của Chủ tịch Ủy ban nhân dân tỉnh, Sở đề nghị các đơn vị khẩn trương triển khai',
  'đề nghị báo cáo trước ngày 15 hằng tháng, gửi bản mềm về hộp thư công vụ để tổng hợp',
  'rà soát quỹ đất công ích, diện tích trồng chè và cà phê trên địa bàn xã, phường',
  'tháo gỡ vướng mắc của các dự án giao thông, thủy lợi chuyển tiếp sang năm sau',
  'cung cấp số liệu phục vụ đoàn kiểm tra liên ngành theo đề cương gửi kèm',
  'bố trí giáo viên cho năm học mới, bảo đảm đủ số lượng theo định mức',
  'huy động lực lượng tại chỗ, trực ban 24/24 giờ trong những ngày nắng nóng',
  'tiếp nhận hồ sơ thủ tục hành chính không phụ thuộc vào địa giới',
];

/** The letter with a number: always the same one. */
export function letterOf(number: number): Letter {
  const at = <T>(list: T[], step: number) =>
    list[Math.floor((number * 7 + 3) / step) % list.length]!;
  const person = `${at(families, 3)} ${at(names, 5)} ${at(names, 2)} ${at(names, 11)}`;
  const reference = `${(number * 37) % 9_973}/SNV-${number % 90}`;
  const subject = `${at(subjects, 4)} tại ${at(places, 9)} số ${reference}`;
  const text = [2, 3, 5, 7, 11].map((step) => at(sentences, step)).join('; ');
  const body = `Kính gửi ông ${person}.\n${text}.\nMã hồ sơ HS${number * 7_919}. Trân trọng.`;
  return { subject, body };
}

const octetsOf = (number: number, to: string) => {
  const { subject, body } = letterOf(number);
  const header = [
    `Message-ID: <letter-${number}@example.gov.vn>`,
    `From: =?utf-8?B?${Buffer.from(`Văn thư ${places[number % places.length]}`).toString('base64')}?= <vt${number % 60}@example.gov.vn>`,
    `To: ${to}`,
    `Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=`,
    'Date: Tue, 24 Nov 2026 08:00:00 +0700',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  return Buffer.from(`${header.join('\r\n')}\r\n\r\n${body.replaceAll('\n', '\r\n')}\r\n`);
};

/** Fills the mailbox of somebody in the seed. */
export async function fillMailbox(stack: Stack, { emails }: Scale): Promise<Filled> {
  const owner = await stack.signIn(stack.accounts[0]!);
  const { items } = await owner.client.get<{ items: { mailboxId: string; own: boolean }[] }>(
    '/v1/mailboxes/mine',
  );
  const { mailboxId } = items.find(({ own }) => own)!;
  const client = await stack.sql.connect();
  try {
    await client.query('set search_path = mail, extensions');
    await client.query(
      `insert into hosted_domain (domain, valid_from, legal_basis)
       values ('lamdong.gov.vn', '2021-01-01', 'bench') on conflict do nothing`,
    );
    const { rows } = await client.query<{ address: string }>(
      `select address from mailbox where state = 'open' and id <> $1 and address like '%@lamdong.gov.vn'
       order by id limit 50`,
      [mailboxId],
    );
    const count = Math.min(originals, emails / 10);
    const deliveredPerS = await deliver(
      client,
      rows.map(({ address }) => address),
      count,
    );
    // What is multiplied refers to what is there.
    await client.query('set session_replication_role = replica');
    for (const sql of multiplying)
      await client.query(sql, [mailboxId, emails].slice(0, arity(sql)));
    await client.query('vacuum analyze email, email_folder, email_words');
    const letters = Array.from({ length: count }, (_, number) => letterOf(number));
    return { owner, mailboxId, deliveredPerS, letters };
  } finally {
    client.release(true);
  }
}

const arity = (sql: string) => (sql.includes('$2') ? 2 : 1);

type Sql = { query: Stack['sql']['query'] };

/** Lays letters down as accepted and waits until each is in its mailbox. Returns how many a second. */
async function deliver(client: Sql, addresses: string[], count: number): Promise<number> {
  for (let number = 0; number < count; number++) {
    const to = addresses[number % addresses.length]!;
    await client.query(
      `with kept as (
         insert into raw_message (sha256, octets) values (sha256($1), $1) on conflict do nothing)
       insert into acceptance (sha256, way, reverse_path, recipients, received, due_at)
       values (sha256($1), 'exchange', 'bench@example.gov.vn', array[$2], 'Received: by bench',
         'infinity')`,
      [octetsOf(number, to), to],
    );
  }
  const begun = performance.now();
  await client.query(`update acceptance set due_at = now() where due_at = 'infinity'`);
  await client.query(`notify mail_accepted`);
  for (;;) {
    const { rows } = await client.query<{ left: number }>(
      'select count(*)::int as left from acceptance where settled_at is null',
    );
    if (rows[0]!.left === 0) return count / ((performance.now() - begun) / 1000);
    await wait(50);
  }
}

const multiplying = [
  `create temp table original as
   select row_number() over (order by e.id) - 1 as n, e.*, w.words
   from email e join email_words w on w.mailbox_id = e.mailbox_id and w.email_id = e.id
   where e.mailbox_id <> $1`,
  `create temp table made as
   select i, md5('email ' || i)::uuid as id, md5('thread ' || i)::uuid as thread_id,
     now() - ($2::int - i) * interval '7 minutes' as received_at, o.*
   from (select i, (i * 7919) % (select count(*) from original) as n
     from generate_series(1, $2::int) as i) numbered
   join (select n, mailbox_id as from_mailbox, sha256, size, parsed, subject, addresses, preview,
     has_attachment, sent_at, message_ids, subject_key, from_key, to_key, words from original) o
     using (n)
   where $1::uuid is not null`,
  `insert into thread (mailbox_id, id, created_at_state, changed_at_state)
   select $1, thread_id, 1, 1 from made`,
  `insert into email (mailbox_id, id, sha256, thread_id, received_at, size, keywords, parsed, subject,
     addresses, preview, has_attachment, sent_at, message_ids, subject_key, from_key, to_key,
     created_at_state, changed_at_state)
   select $1, id, sha256, thread_id, received_at, size,
     case when i % 50 = 0 then '{}' else '{$seen}' end::text[], parsed, subject, addresses, preview,
     has_attachment, sent_at, message_ids, subject_key, from_key, to_key, 1, 1 from made`,
  `insert into email_folder (mailbox_id, folder_id, email_id, received_at)
   select $1, f.id, m.id, m.received_at from made m, folder f
   where f.mailbox_id = $1 and f.role = 'inbox'`,
  `insert into email_words (mailbox_id, email_id, received_at, words)
   select $1, id, received_at, words from made`,
  `update folder f set total_emails = c.emails, unread_emails = c.unread, total_threads = c.emails,
     unread_threads = c.unread
   from (select count(*) as emails, count(*) filter (where i % 50 = 0) as unread from made) c
   where f.mailbox_id = $1 and f.role = 'inbox'`,
  `update mailbox set octets = (select sum(size) from made) where id = $1`,
];
