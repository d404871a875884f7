import type { PoolClient } from 'pg';
import { type Clerk, clerksOf, letter } from './clerks.js';
import type { Scale } from './groups.js';
import { settled } from './registration.js';
import type { Person, Stack } from './stack.js';

// A province's worth of documents in a minute or two: some hundred originals are registered over
// HTTP, so that the service itself makes their words; SQL then multiplies them over years, agencies
// and readers. An agency of a department's size gets about 3 % of them, the other agencies of the
// seed an eighth together, the rest go to agencies that nobody signs in from.

/** Who asks: an official, the clerk of the same agency, and the administrator, who reads everything. */
export interface Askers {
  official: Person;
  clerk: Clerk;
  administrator: Pick<Person, 'client' | 'authorization'>;
}

/** Words by how many documents have them. */
export const words = { rare: 'vọng gác Đạ Nhim', place: 'Bảo Lộc', frequent: 'kế hoạch' };
const rareDocuments = 4;

const subjects = [
  'công tác văn thư, lưu trữ và chuẩn hóa hồ sơ điện tử của các cơ quan, đơn vị',
  'rà soát quỹ đất công ích, diện tích trồng chè và cà phê trên địa bàn',
  'phòng cháy, chữa cháy rừng trong mùa khô và phương án huy động lực lượng tại chỗ',
  'giải ngân vốn đầu tư công, tháo gỡ vướng mắc của các dự án giao thông',
  'tuyển dụng viên chức ngành giáo dục, bố trí giáo viên cho năm học mới',
  'cải cách thủ tục hành chính, tiếp nhận hồ sơ không phụ thuộc địa giới',
  'an toàn thông tin mạng, cấp chữ ký số chuyên dùng công vụ cho cán bộ',
  'phòng, chống dịch bệnh trên đàn vật nuôi và hỗ trợ người chăn nuôi',
];
const requests = [
  'đề nghị báo cáo trước ngày 15 hằng tháng',
  'đôn đốc thực hiện kết luận của Chủ tịch Ủy ban nhân dân tỉnh',
  'mời họp bàn phương án phối hợp liên ngành',
  'góp ý dự thảo quyết định và tờ trình kèm theo',
  'cung cấp số liệu phục vụ đoàn kiểm tra',
];

/** What the original with a number is about: half are about a plan, one in forty about a place. */
function abstractOf(number: number): string {
  const at = <T>(list: T[], step: number) => list[Math.floor(number / step) % list.length]!;
  const plan = number % 2 ? 'Báo cáo kết quả' : 'Triển khai kế hoạch';
  const unmarked = number % 200 === 7;
  const place =
    number % 40 === 7 ? (unmarked ? ' tai phuong 1 Bao Loc' : ' tại phường Bảo Lộc') : '';
  const rest = `${at(requests, 3)}; ${at(subjects, 7)}; ${at(requests, 11)}; ${at(subjects, 5)}`;
  return `${plan}${place} về ${at(subjects, 1)}, ${rest}`.slice(0, 480);
}

/** Fills the documents' schema of a stack. Takes about a minute for 200,000 documents. */
export async function loadManyDocuments(stack: Stack, scale: Scale): Promise<Askers> {
  const clerks = await clerksOf(stack);
  const askers = await askersOf(stack, clerks);
  const originals = Math.min(600, scale.documents / 10);
  const ids = await registerAll(clerks, askers.clerk, originals);
  await settled(stack);
  const client = await stack.sql.connect();
  try {
    await client.query(`set search_path = documents, extensions; set session_replication_role = replica;
      set maintenance_work_mem = '512MB'; set work_mem = '128MB'`);
    await multiply(client, ids, askers, scale);
  } finally {
    client.release(true);
  }
  const rare = Array.from({ length: rareDocuments }, () => letter(askers.clerk.bookId, words.rare));
  for (const each of rare) await askers.clerk.client.post('/v1/incoming-documents', each);
  await settled(stack);
  return askers;
}

/** An official who reads what went to them or their unit, and no more; their agency's clerk. */
async function askersOf(stack: Stack, clerks: Clerk[]): Promise<Askers> {
  const administrator = await stack.signInAdministrator();
  for (const account of stack.accounts) {
    const clerk = clerks.find(({ agencyId }) => agencyId === account.agencyId);
    if (!clerk || !account.title.startsWith('Chuyên viên')) continue;
    const official = await stack.signIn(account);
    const { positions } = await official.client.get<{ positions: { permissions: string[] }[] }>(
      '/v1/me',
    );
    const all = positions.some(({ permissions }) => permissions.includes('documents.read-all'));
    if (!all) return { official, clerk, administrator };
  }
  throw new Error('The seed has no official in an agency with a clerk');
}

/** One original of every agency's clerk, the others of the one clerk. Returns their ids. */
async function registerAll(clerks: Clerk[], clerk: Clerk, count: number): Promise<string[]> {
  const ids: string[] = [];
  const waiting = Array.from({ length: count }, (_, number) => number);
  const work = async () => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const { client, bookId } = clerks[number] ?? clerk;
      const sent = letter(bookId, abstractOf(number));
      ids.push((await client.post<{ id: string }>('/v1/incoming-documents', sent)).id);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return ids;
}

async function multiply(
  client: PoolClient,
  originals: string[],
  { official, clerk, administrator }: Askers,
  { documents, organisations }: Scale,
) {
  const { personId } = await administrator.client.get<{ personId: string }>('/v1/me');
  await client.query(originalsSql, [originals]);
  await client.query(agenciesSql);
  await client.query(moreAgenciesSql, [organisations]);
  await client.query(`insert into known_organisation ${knownSql}`);
  await client.query(`insert into book ${booksSql}`);
  await client.query(madeSql, [
    ...[documents, clerk.agencyId],
    ...[official.unitId, official.personId],
  ]);
  const tables = ['incoming_document', 'document_reader', 'searchable', 'task'];
  const restoreIndexes = await withoutIndexes(client, tables);
  await client.query(documentsSql);
  await client.query(readersSql);
  await client.query(searchableSql);
  await client.query(tasksSql);
  await client.query(ownTasksSql, [[official.personId, personId]]);
  await restoreIndexes();
  // As autovacuum leaves the tables by itself, a minute later.
  await client.query('vacuum analyze');
}

const originalsSql = `
create temp table original as
select row_number() over (order by id) - 1 as n, d.*, s.marked, s.folded
from incoming_document d join searchable s on s.document_id = d.id where d.id = any ($1)`;

/** The seed's agencies with the ids under which those who read all of them are listed. */
const agenciesSql = `
create temp table agency as
select row_number() over (order by d.organisation_id) - 1 as n, d.organisation_id as id,
  (array_agg(book_id))[1] as book_id, array_agg(distinct reader_id) as readers
from document_reader r join original d on d.id = r.document_id group by d.organisation_id`;

/** More agencies of the bloc that most of the seed's belong to. */
const moreAgenciesSql = `
insert into agency
select n, md5('agency ' || n)::uuid, md5('book ' || n)::uuid, array[md5('all of ' || n)::uuid,
  (select reader from agency, unnest(readers) as reader group by reader order by count(*) desc limit 1)]
from generate_series((select count(*) from agency), $1::int - 1) as n`;

const knownSql = `
  (organisation_id, agency_id, bloc, kind, agency, name, short_name, symbol, valid_from, legal_basis)
select id, id, 'government', 'ward', true, 'Phường ' || n, 'P' || n, 'UBND', '2025-07-01', 'Số liệu thử tải'
from agency where not exists (select from known_organisation where organisation_id = id)`;

const booksSql = `
select book_id, id, 'incoming', 2026, 'CHUNG', 'Sổ văn bản đến', 0, false, 1
from agency where not exists (select from book where book.id = book_id)`;

/** In the order of time, over three years: whose each document is, and who else reads it. */
const madeSql = `
create temp table made as
with drawn as (
  select i, hashint4(i)::bigint & 1048575 as dice,
    now() - ($1::int - i) * (interval '3 years' / $1::int) as at
  from generate_series(1, $1::int) as i),
placed as (
  select *, case when i % 33 = 0 then (select n from agency where id = $2)
      when i % 8 = 0 then dice % (select count(distinct organisation_id) from original)
      else dice % (select count(*) from agency) end as n
  from drawn)
select i, at, md5('document ' || i)::uuid as id, a.id as organisation_id, book_id,
  dice % (select count(*) from original) as original, p.i % 132 = 0 as theirs,
  case when p.i % 132 = 0 then $3::uuid else md5(a.n || ' unit ' || dice % 8)::uuid end as unit_id,
  a.readers || case when p.i % 396 = 0 then $4::uuid else md5(a.n || ' person ' || dice % 40)::uuid end
    as readers
from placed p join agency a using (n) order by i`;

const documentsSql = `
insert into incoming_document (id, organisation_id, book_id, year, number, received_on, author, reference,
  reference_key, document_date, type, abstract, urgency, medium, state, due_at, registered_at,
  registered_by, version)
select m.id, m.organisation_id, m.book_id, o.year, 100000 + i, at::date, author, i || '/SNV', i || '/snv',
  document_date, type, abstract, urgency, medium, (array['registered', 'assigned', 'completed'])[1 + i % 3],
  at + interval '7 days', at, registered_by, 1
from made m join original o on o.n = m.original order by i`;

const readersSql = `
insert into document_reader (reader_id, sort_at, document_id, direction, organisation_id, state)
select distinct unnest(m.readers || unit_id), at, id, 'incoming', m.organisation_id, d.state
from made m join incoming_document d using (id) order by at`;

const searchableSql = `
insert into searchable (document_id, direction, organisation_id, readers, sort_at, marked, folded)
select m.id, 'incoming', m.organisation_id, readers || unit_id, at,
  marked || to_tsvector('simple', i::text), folded || to_tsvector('simple', i::text)
from made m join original o on o.n = m.original order by i`;

const tasksSql = `
insert into task (id, document_id, organisation_id, role, state, unit_id, created_at, due_at, done_at)
select md5('task ' || i)::uuid, id, organisation_id, 'lead', case when i % 10 = 0 then 'open' else 'done' end,
  unit_id, at, at + interval '7 days', case when i % 10 = 0 then null else at + interval '5 days' end
from made`;

/** The official and the administrator find the same in their inboxes. */
const ownTasksSql = `
insert into task (id, document_id, organisation_id, role, state, person_id, created_at, due_at, done_at)
select gen_random_uuid(), id, organisation_id, 'cooperate',
  case when i % 660 = 0 then 'open' else 'done' end, person, at, at + interval '9 days',
  case when i % 660 = 0 then null else at + interval '5 days' end
from made, unnest($1::uuid[]) as person where theirs`;

/** Bulk loading is quicker without indexes. Returns what makes them again. */
async function withoutIndexes(client: PoolClient, tables: string[]) {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
     where schemaname = 'documents' and tablename = any ($1) and indexdef not like '% UNIQUE %'`,
    [tables],
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return async () => {
    for (const { definition } of rows) await client.query(definition);
  };
}
