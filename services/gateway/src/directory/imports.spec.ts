import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Caller,
  type ImportReport,
  imports,
  organisationChanged,
  organisations,
  people,
} from '@eoffice/contracts';
import { Services } from '@eoffice/platform/services';
import { spreadsheet, writeSheet } from '@eoffice/platform/sheets';
import { unzip, zipOf } from '@eoffice/platform/zip';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { SigningKeys } from '../accounts/signing-keys.js';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

type Kind = 'organisations' | 'people' | 'successions';
const headings = {
  organisations:
    'Mã,Khối,Mã cấp trên,Loại,Là cơ quan,Tên,Tên tắt,Ký hiệu,Mã định danh,Mã hành chính,Địa danh,Từ ngày,Đến ngày,Căn cứ',
  people:
    'Họ và tên,Thư công vụ,Mã đơn vị,Mã chức vụ,Chức vụ,Vai trò,Hộp thư chức vụ,Lãnh đạo đơn vị,Ký văn bản,Phạm vi,Từ ngày,Đến ngày',
  successions: 'Mã cũ,Mã mới,Hình thức,Phạm vi,Ngày hiệu lực,Căn cứ',
};
const province =
  'LD,government,,province,x,UBND tỉnh Lâm Đồng,UBND tỉnh,UBND,H36,68,Lâm Đồng,2013-01-01,,NQ';
const unit = (code: string, name: string, more = '2013-01-01,,NQ') =>
  `${code},government,LD,department,x,${name},${name},S,,,Lâm Đồng,${more}`;

describe('imports', () => {
  let house: House;
  let outsider: Outsider;
  let admin: Caller;

  beforeAll(async () => {
    house = await House.open();
    const settings = { HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40) };
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    house.signWith(app.get(SigningKeys));
    admin = await importer('bloc', 'government');
    outsider = (await Outsider.of(app)).bearing(admin.request.token!);
    expect(await table('organisations', [province])).toMatchObject({ created: 1, written: true });
  });
  afterAll(() => house.close());

  const importer = (reach: 'organisation' | 'bloc', bloc: 'government' | 'party', id?: string) =>
    house.as({
      permissions: ['directory.import', 'directory.manage'],
      ...{ organisationId: id ?? randomUUID(), reach, bloc },
    });
  const file = async (
    kind: Kind,
    content: string | Buffer,
    { mediaType = 'text/csv', dryRun = false, caller = admin } = {},
  ): Promise<ImportReport> => {
    const ticket = await house.ticketOf(content, mediaType, caller);
    return house.client(imports).run({ kind, ticket, dryRun }, caller);
  };
  const table = (kind: Kind, rows: string[], more: object = {}) =>
    file(kind, [headings[kind], ...rows].join('\n'), more);
  const find = async (q: string, caller = admin) =>
    (await house.client(organisations).list({ q, limit: 200 }, caller)).items;
  const problems = ({ rows }: ImportReport) =>
    rows.filter(({ outcome }) => outcome === 'wrong').map(({ row, problem }) => [row, problem]);

  it('are for who may, with a file of their own', async () => {
    const reader = await house.as({ permissions: ['directory.manage'] });
    expect(await problemOf(table('organisations', [], { caller: reader }))).toBe('forbidden');
    const ticket = await house.ticketOf('x', 'text/csv', reader);
    const stolen = house.client(imports).run({ kind: 'people', ticket, dryRun: true }, admin);
    expect(await problemOf(stolen)).toBe('forbidden');
  });

  it('check without writing, then write, then find nothing to do', async () => {
    const rows = [unit('A1', 'Sở Nội vụ'), unit('A2', 'Sở Tài chính')];
    const dry = await table('organisations', rows, { dryRun: true });
    expect(dry).toMatchObject({ written: false, created: 2, wrong: 0 });
    expect(await find('so noi vu')).toEqual([]);
    expect(await table('organisations', rows)).toMatchObject({ written: true, created: 2 });
    expect(await table('organisations', rows)).toMatchObject({
      ...{ written: true, created: 0, unchanged: 2 },
      rows: [{ row: 2, outcome: 'unchanged', what: 'Sở Nội vụ' }, { row: 3 }],
    });
    await eventually(async () => {
      const told = (await house.announced(organisationChanged)).map(({ data }) => data.name);
      expect(told.filter((name) => name === 'Sở Nội vụ')).toHaveLength(1);
    });
    const later = [unit('A1', 'Sở Nội vụ và Dân tộc', '01/03/2025,,NQ')];
    expect(await table('organisations', later)).toMatchObject({ created: 1 });
    const [now] = await find('so noi vu');
    expect(now).toMatchObject({ name: 'Sở Nội vụ và Dân tộc', validFrom: '2025-03-01' });
    expect(await table('organisations', [...rows, ...later])).toMatchObject({ unchanged: 3 });
  });

  it('write nothing when one row is wrong, and say of every row what is', async () => {
    const report = await table('organisations', [
      unit('B1', 'Sở Tư pháp'),
      '',
      unit('B2', 'Sở Y tế', '2013-02-31,,NQ'),
      unit('', 'Sở Không mã'),
      unit('B3', ''),
      'B4,government,KHONG,department,x,Sở Lạc,Sở,S,,,,2013-01-01,,NQ',
      'B5,triều đình,LD,department,x,Bộ Hộ,Bộ,B,,,,2013-01-01,,NQ',
      `B6,government,LD,department,x,${'a'.repeat(201)},Sở,S,,,,2013-01-01,,NQ`,
      unit('B7', 'Sở Ngược', '2013-01-01,2012-01-01,NQ'),
    ]);
    expect(report).toMatchObject({ written: false, created: 1, wrong: 7 });
    expect(problems(report)).toEqual([
      [4, expect.stringContaining('“Từ ngày” phải là ngày')],
      [5, '“Mã” bắt buộc phải có'],
      [6, expect.stringMatching(/“Tên” bắt buộc.*“Tên tắt” bắt buộc/)],
      [7, '“Mã cấp trên” không có cơ quan mã KHONG'],
      [8, expect.stringContaining('“Khối” phải là một trong')],
      [9, expect.stringContaining('“Tên” phải là văn bản từ 1 đến 200')],
      [10, expect.stringContaining('“Đến ngày” phải sau ngày bắt đầu')],
    ]);
    expect(await find('so tu phap')).toEqual([]);
  });

  it('read what offices save: semicolons, a mark at the start, marks apart, dates with slashes', async () => {
    const rows = [headings.organisations, unit('C1', 'Trung tâm Bảo Lộc', '01/07/2025,,NQ')];
    const text = `\uFEFF${rows.join('\r\n').replaceAll(',', ';')}\r\n;;;\r\n`.normalize('NFD');
    expect(await file('organisations', text)).toMatchObject({ written: true, created: 1 });
    const [made] = await find('trung tam bao loc');
    expect(made).toMatchObject({ name: 'Trung tâm Bảo Lộc', validFrom: '2025-07-01' });
    const mixed = await table('organisations', ['ten', ...rows].slice(2));
    expect(mixed).toMatchObject({ unchanged: 1 });
  });

  it.each([
    ['UTF-8 read as Windows-1252', unit('D1', 'Tiáº¿ng Viá»‡t')],
    ['TCVN3', unit('D1', 'TiÕng ViÖt n¨m lµ µng')],
    ['bytes of TCVN3', Buffer.from([...Buffer.from('a,b\nTi'), 0xd5, ...Buffer.from('ng,x\n')])],
    ['no heading that is known', 'một,hai\n1,2'],
    ['a heading missing', 'Mã,Tên\nX,Y'],
    ['broken quotes', `${headings.organisations}\n"x,y`],
    ['too many rows', `${headings.organisations}\n${'x\n'.repeat(5_001)}`],
    ['too many columns', `${headings.organisations}\na${',b'.repeat(80)}`],
    ['a row without end', `${headings.organisations}\n"${'x'.repeat(200_000)}"`],
  ])('refuse %s, and write nothing', async (_, content) => {
    const text =
      typeof content === 'string' && !content.includes('\n')
        ? `${headings.organisations}\n${content}`
        : content;
    expect(await problemOf(file('organisations', text))).toBe('invalid');
    expect(await find('Tiếng Việt')).toEqual([]);
  });

  it('refuse what is too large before it is read', async () => {
    const text = `${headings.organisations}\n${' '.repeat(21 * 1024 * 1024)}`;
    await expect(file('organisations', text)).rejects.toMatchObject({
      errors: [{ pointer: '/ticket', detail: { vi: 'tệp quá 20 MB' } }],
    });
  });

  it('read workbooks as well, dates as dates, and of a formula what it last gave', async () => {
    const columns = headings.organisations.split(',').map((heading) => ({ heading }));
    const cells = unit('E1', 'Ban Dân tộc').split(',');
    const sheet = await writeSheet('Cơ quan', columns, [cells]);
    const run = (content: Buffer) => file('organisations', content, { mediaType: spreadsheet });
    expect(await run(sheet)).toMatchObject({ written: true, created: 1 });
    const parts = await unzip(sheet, { maxEntries: 100, maxBytes: 1_000_000 });
    const name = 'xl/worksheets/sheet1.xml';
    const xml = parts.get(name)!.toString();
    const formula = (more: string) => {
      const row = xml.match(/<row r="2".*?<\/row>/s)![0];
      const first = /<c r="A2"[^>]*>.*?<\/c>/s;
      const second = row.replace(first, `<c r="A2" t="str"><f>"E"&amp;2</f>${more}</c>`);
      parts.set(name, Buffer.from(xml.replace(row, second)));
      return run(zipOf(parts));
    };
    expect(await formula('<v>E2</v>')).toMatchObject({ written: true, created: 1 });
    expect(await find('ban dan toc')).toHaveLength(2);
    const empty = await formula('');
    expect(problems(empty)).toEqual([[2, '“Mã” bắt buộc phải có']]);
    for (const broken of [sheet.subarray(0, 500), Buffer.from('x')]) {
      expect(await problemOf(run(broken))).toBe('invalid');
    }
  });

  it('bring people with their posts: known by address and code, never by name', async () => {
    const person = (name: string, email: string, code: string, from: string, to = '') =>
      `${name},${email}@lamdong.gov.vn,A1,${code},Văn thư,"clerk, official",,x,,,${from},${to}`;
    const rows = [
      person('Nguyễn Văn An', 'an1', 'A1.VT', '2020-01-01', '2022-12-31'),
      person('Nguyễn Văn An', 'an2', 'A1.VT', '2023-01-01'),
    ];
    expect(await table('people', rows)).toMatchObject({ created: 2, written: true });
    expect(await table('people', rows)).toMatchObject({ created: 0, unchanged: 2 });
    const { items } = await house.client(people).list({ q: 'nguyen van an' }, admin);
    expect(items).toHaveLength(2);
    const [agency] = await find('so noi vu');
    const id = agency!.organisationId;
    const posts = (await house.client(people).posts({ unitId: id }, admin)).items;
    expect(posts).toMatchObject([{ roles: ['clerk', 'official'], leads: true, version: 1 }]);
    const { items: holders } = await house.client(people).holders({ id }, admin);
    expect(holders.map(({ personId }) => personId)).toEqual([
      items.find(({ email }) => email === 'an2@lamdong.gov.vn')!.personId,
    ]);
    const wrong = await table('people', [
      person('A', 'an3', 'A1.X', '2012-01-01'),
      person('B', 'an4', 'A1.Y', '2020-01-01').replace('clerk', 'king'),
      person('C', 'an5', '', '2020-01-01'),
      person('D', 'an6', 'A1.VT', '2020-01-01').replace(',A1,', ',A2,'),
      person('E', 'not an address', 'A1.Z', '2020-01-01'),
    ]);
    expect(problems(wrong)).toEqual([
      [2, '“Mã đơn vị” đơn vị chưa có hoặc đã hết hiệu lực vào ngày đó'],
      [3, '“Vai trò” có vai trò không tồn tại'],
      [4, '“Mã chức vụ” bắt buộc phải có'],
      [5, '“Mã chức vụ” mã A1.VT là chức vụ của đơn vị khác'],
      [6, '“Thư công vụ” phải là địa chỉ thư điện tử'],
    ]);
  });

  it('reach no further than who imports', async () => {
    const party = await importer('bloc', 'party');
    const own = await importer(
      'organisation',
      'government',
      (await find('so tai chinh'))[0]!.organisationId,
    );
    const attempt = async (kind: Kind, row: string, caller: Caller) =>
      problems(await table(kind, [row], { caller }))[0]?.[1];
    const renamed = unit('A1', 'Sở bị đổi', '2026-01-01,,NQ');
    const mine = renamed.replace('government,LD', 'party,').replace('department', 'committee');
    expect(await attempt('organisations', mine, party)).toBe('Không tìm thấy');
    expect(await attempt('organisations', renamed, own)).toContain('không có quyền');
    const holder = 'Ai,ai@lamdong.gov.vn,A1,A1.VT,Văn thư,clerk,,,,,2024-01-01,';
    expect(await attempt('people', holder, party)).toBe('Không tìm thấy');
    expect(await attempt('people', holder, own)).toContain('không có quyền');
    const wide = holder.replace('A1,A1.VT', 'A2,A2.VT').replace(',,,,,2024', ',,,,bloc,2024');
    expect(await attempt('people', wide, own)).toContain('không có quyền');
    expect(await attempt('successions', 'A1,A2,merge,,2026-01-01,NQ', party)).toBe(
      'Không tìm thấy',
    );
    expect(await attempt('people', wide.replace(',bloc,', ',,'), own)).toBeUndefined();
  });

  it('bring successions once', async () => {
    const rows = ['A1,A2,transfer,thi đua,2026-01-01,NQ', 'C1,,dissolve,,01/01/2026,NQ'];
    expect(await table('successions', rows)).toMatchObject({ created: 2, written: true });
    expect(await table('successions', rows)).toMatchObject({ created: 0, unchanged: 2 });
    const wrong = await table('successions', [
      'A1,XX,merge,,2026-01-01,NQ',
      'A1,A1,merge,,2026-01-01,NQ',
    ]);
    expect(problems(wrong).map(([row]) => row)).toEqual([2, 3]);
  });

  it('take the 5,000 rows that a table may have', async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => unit(`Z${index}`, `Đơn vị ${index}`));
    const text = [headings.organisations, ...rows].join('\n');
    const ticket = await house.ticketOf(text, 'text/csv', admin);
    const input = { kind: 'organisations', ticket };
    // Seconds on a machine of its own; a spec that shares one waits longer than the gateway would.
    const asked = new Services(house.nats).ask('directory.imports.run', input, admin, 280_000);
    expect(await asked).toMatchObject({ written: true, created: 5_000 });
  }, 300_000);

  it('come over HTTP: a file, then its ticket', async () => {
    const content = `${headings.organisations}\n${unit('H1', 'Sở Công Thương')}\n`;
    const { body } = await outsider.upload('co-quan.csv', content);
    const { ticket } = body.files[0]!;
    const sent = { kind: 'organisations', ticket, dryRun: true };
    const reply = await outsider.post('/v1/directory/imports', sent);
    expect([reply.status, reply.body.created]).toEqual([200, 1]);
  });
});
