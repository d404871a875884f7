import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSheet } from '@eoffice/platform/sheets';
import { Client } from '../seed/client.js';
import type { Player } from './cast.js';
import { bookOf, type Page, refusalOf, soon, type Stage, today, ward } from './stage.js';
import { act, tell } from './timeline.js';

const rows = 500;

/** Five hundred rows of a table in one call, with a result for each. */
export async function registerMany({ cast }: Stage) {
  act('Five hundred more come in a table');
  const clerk = await cast.at(ward, /^Văn thư/);
  const headings = ['Cơ quan ban hành', 'Số, ký hiệu', 'Ngày văn bản', 'Trích yếu', 'Độ khẩn'];
  const table = Array.from({ length: rows }, (_, index) => [
    'Sở Nội vụ tỉnh Lâm Đồng',
    `${index + 1}/SNV-TC`,
    '05/01/2026',
    index === rows / 2 ? '' : `Thông báo số ${index + 1} về công tác cán bộ`,
    'Khẩn',
  ]);
  const columns = headings.map((heading) => ({ heading }));
  const content = await writeSheet('Văn bản đến', columns, table);
  const ticket = await clerk.client.upload('danh-sach.xlsx', content);
  const bookId = await bookOf(clerk, 'incoming');
  const begun = performance.now();
  const result = await clerk.client.post<{
    registered: number;
    refused: number;
    rows: { row: number; problem?: string }[];
  }>('/v1/incoming-documents/bulk', { bookId, ticket });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const wrong = result.rows.find(({ problem }) => problem);
  tell(clerk.called, `${result.registered} registered in ${seconds} s, ${result.refused} refused`);
  tell('', `row ${wrong?.row}: ${wrong?.problem}`);
}

/** Search with and without marks, the register as a table and in print, the numbers of a period. */
export async function lookAround({ cast, folder }: Stage) {
  act('What was done can be found, printed and counted');
  const { client, called, ...clerk } = await cast.at(ward, /^Văn thư/);
  for (const q of ['hien trang ung dung', 'hiện trạng ứng dụng']) {
    const path = `/v1/documents/search?q=${encodeURIComponent(q)}`;
    const ask = () => client.get<Page<{ exact: boolean }>>(path);
    const { items } = await soon(ask, (page) => page.items.length >= 2);
    const exact = items.filter((each) => each.exact).length;
    tell(called, `searches “${q}”: ${items.length} documents, ${exact} exactly as typed`);
  }
  const bookId = await bookOf({ client, called, ...clerk }, 'incoming');
  for (const format of ['pdf', 'xlsx']) {
    const file = await client.download(`/v1/books/${bookId}/register?format=${format}`);
    await writeFile(join(folder, `so-van-ban-den.${format}`), file);
    tell(called, `exports the register as ${format}, ${Math.ceil(file.length / 1024)} KB`);
  }
  const period = `organisationId=${clerk.agencyId}&from=${today()}&to=${today()}`;
  const counted = await client.get<Record<'incoming' | 'completed' | 'issued', number>>(
    `/v1/documents/statistics?${period}`,
  );
  const { incoming, completed, issued } = counted;
  tell(called, `counts today: ${incoming} in, ${completed} completed, ${issued} issued`);
}

/** What must not happen, does not: each refusal says why. */
export async function refusals({ cast, url }: Stage) {
  act('What is refused, and why');
  const clerk = await cast.at(ward, /^Văn thư/);
  const official = await cast.at(ward, /^Chuyên viên/, 'P. Kinh tế');
  const bookId = await bookOf(clerk, 'incoming');
  const input = { bookId, author: 'Sở Nội vụ', abstract: 'Thử' };
  const register = ({ client }: Player, more: object = {}) =>
    client.post('/v1/incoming-documents', { ...input, ...more });
  const attempts: [string, () => Promise<unknown>][] = [
    ['a wrong password', () => signIn(url, clerk.username)],
    ['a secret document', () => register(clerk, { secrecy: 'secret' })],
    ['an official who registers', () => register(official)],
    ['no abstract', () => register(clerk, { abstract: '' })],
    ['a program called .pdf', () => clerk.client.upload('van-ban.pdf', Buffer.from('MZ\0\x01'))],
    ['no such document', () => official.client.get(`/v1/incoming-documents/${bookId}`)],
  ];
  for (const [what, attempt] of attempts) tell(what, await refusalOf(attempt));
}

const signIn = (url: string, username: string) =>
  new Client(url).post('/v1/sessions', { username, password: 'sai mật khẩu' });
