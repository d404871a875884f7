import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addDays } from '@eoffice/platform/local-time';
import type { Player } from './cast.js';
import { type Stage, today, type Versioned, ward } from './stage.js';
import { act, tell } from './timeline.js';

const localities = [
  ward,
  'UBND phường 2 Bảo Lộc',
  'UBND phường 3 Bảo Lộc',
  "UBND phường B'Lao",
  'UBND xã Bảo Lâm 1',
  'UBND xã Di Linh',
];

interface Counts {
  open: number;
  confirmed: number;
  requested: number;
  delivered: number;
  rejected: number;
}
interface Campaign extends Versioned {
  agencies: { agencyId: string; name: string; requestId?: string; lines: Counts }[];
  lines: Counts;
}
interface GapList {
  version: number;
  lines: { id: string; form: string; why: string; fields: { fullName?: string; name?: string } }[];
}
interface Request {
  id: string;
  reference: string;
  dueOn: string;
  lines: { id: string; reference: string; state: string }[];
}

/** Finds and closes missing certificates of the southern localities, from the gap to the token. */
export async function campaign({ cast, folder }: Stage, officer: Player) {
  act('A campaign for missing certificates in the southern localities');
  const agencies = await Promise.all(
    localities.map(async (agency) => {
      const [clerk, leader] = [
        await cast.at(agency, /^Văn thư/),
        await cast.at(agency, /^Chủ tịch/),
      ];
      return { agency, clerk, leader };
    }),
  );
  const opened = await officer.client.post<Campaign>('/v1/signature-campaigns', {
    ...{ name: 'Rà soát, đăng ký chữ ký số còn thiếu', deadline: addDays(today(), 14) },
    legalBasis: 'Kế hoạch của UBND tỉnh (thử nghiệm)',
    agencyIds: agencies.map(({ clerk }) => clerk.agencyId),
  });
  const path = `/v1/signature-campaigns/${opened.id}`;
  tell(officer.called, `opens it for ${localities.length} localities: ${progress(opened)}`);
  let ordinal = 0;
  for (const { agency, clerk, leader } of agencies) {
    const list = `${path}/agencies/${clerk.agencyId}`;
    ordinal = await fillIn(clerk, list, ordinal);
    const { version, lines } = await clerk.client.get<GapList>(list);
    if (agency === ward) tellGaps(clerk, lines);
    await leader.client.change(`${list}/confirmation`, version);
    if (agency === ward) await printList(clerk, list, folder);
  }
  tell('the localities', `complete their forms; ${agencies.length} heads confirm their lists`);
  const { duplicates } = await officer.client.get<{ duplicates: object[] }>(
    `${path}/consolidation`,
  );
  const consolidated = await officer.client.post<Campaign>(`${path}/consolidation`);
  const requests = await requestsOf(officer, consolidated);
  tell(
    officer.called,
    `finds ${duplicates.length} duplicates and sends ${requests.length} requests, due ${requests[0]!.dueOn}`,
  );
  await answerAll(officer, requests);
  await handOverAll(officer, requests, agencies, folder);
  const { version } = await officer.client.get<Campaign>(path);
  const closed = await officer.client.change<Campaign>(`${path}/close`, version);
  tell(officer.called, `closes the campaign: ${progress(closed)}`);
  await writeFile(join(folder, 'dot-ra-soat.xlsx'), await officer.client.download(`${path}/file`));
}

const progress = ({ lines }: Campaign) =>
  Object.entries(lines)
    .filter(([, count]) => count > 0)
    .map(([phase, count]) => `${count} ${phase}`)
    .join(', ');

function tellGaps({ called }: Player, lines: GapList['lines']) {
  const missing = lines.map(({ fields }) => fields.fullName ?? fields.name).join(', ');
  tell(called, `sees what ${ward} lacks: ${missing}`);
}

/** Fills in what the forms ask for; numbers are invented, addresses of people are the directory's. */
async function fillIn(clerk: Player, list: string, from: number): Promise<number> {
  const { lines } = await clerk.client.get<GapList>(list);
  let ordinal = from;
  for (const { id, form } of lines) {
    const number = String(++ordinal).padStart(4, '0');
    const identity = {
      ...{ personalId: `06809900${number}`, mobile: `090000${number}` },
      ...{ idIssuedOn: '2021-05-01', idIssuedBy: 'Bộ Công an' },
    };
    const agency = {
      ...{ email: `donvi${number}@lamdong.gov.vn`, address: 'Trụ sở UBND', province: 'Lâm Đồng' },
      ...{ receiverName: clerk.fullName, position: clerk.title },
    };
    const fields = form === '02' ? { ...identity, ...agency } : identity;
    await clerk.client.send('PATCH', `${list}/lines/${id}`, { fields });
  }
  return ordinal;
}

async function printList({ client, called }: Player, list: string, folder: string) {
  for (const format of ['pdf', 'docx']) {
    const content = await client.download(`${list}/file?format=${format}`);
    await writeFile(join(folder, `danh-sach-thieu-chu-ky-so.${format}`), content);
  }
  tell(called, 'prints the list the head has confirmed (PDF, Word)');
}

function requestsOf({ client }: Player, { agencies }: Campaign): Promise<Request[]> {
  const ids = agencies.flatMap(({ requestId }) => requestId ?? []);
  return Promise.all(ids.map((id) => client.get<Request>(`/v1/certificate-requests/${id}`)));
}

/** The provider's answers come as a sheet: all devices are ready but one line is refused. */
async function answerAll({ client, called }: Player, requests: Request[]) {
  const references = requests.flatMap(({ lines }) => lines.map(({ reference }) => reference));
  const answers = references.map((reference, index) =>
    index === 0
      ? `${reference},Từ chối,Sai địa chỉ trụ sở,`
      : `${reference},Có thiết bị,,TK-${String(index).padStart(5, '0')}`,
  );
  const sheet = ['Mã dòng,Kết quả,Lý do từ chối,Số hiệu thiết bị cấp', ...answers].join('\n');
  const ticket = await client.upload('tra-loi.csv', Buffer.from(sheet));
  const { recorded, refused } = await client.post<{ recorded: number; refused: number }>(
    '/v1/certificate-requests/answers',
    { ticket },
  );
  tell(called, `imports the provider's answers: ${recorded} recorded, ${refused} refused`);
}

async function handOverAll(
  { client, called, fullName }: Player,
  requests: Request[],
  agencies: { clerk: Player }[],
  folder: string,
) {
  let devices = 0;
  for (const [index, { id }] of requests.entries()) {
    const path = `/v1/certificate-requests/${id}`;
    const { lines, agencyId } = await client.get<Request & { agencyId: string }>(path);
    const ready = lines.filter(({ state }) => state === 'device_ready');
    if (ready.length === 0) continue;
    const { clerk } = agencies.find((each) => each.clerk.agencyId === agencyId)!;
    const minutes = await client.post<{ id: string }>(`${path}/hand-overs`, {
      ...{ lines: ready.map((line) => ({ lineId: line.id })), handedOverOn: today() },
      ...{ place: 'Sở Khoa học và Công nghệ', giver: fullName },
      ...{ receiver: clerk.fullName, receiverPosition: clerk.title },
    });
    devices += ready.length;
    if (index > 0) continue;
    const content = await clerk.client.download(`/v1/hand-overs/${minutes.id}/file?format=pdf`);
    await writeFile(join(folder, 'bien-ban-ban-giao.pdf'), content);
  }
  tell(called, `hands over ${devices} devices, each with its serial in the minutes`);
}
