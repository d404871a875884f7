import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addDays } from '@eoffice/platform/local-time';
import type { Player } from './cast.js';
import { type Stage, today, type Versioned, ward } from './stage.js';
import { act, tell } from './timeline.js';

/** Where the delegation of 2013 went, as these places are called now, day by day. */
const localities: [day: number, agency: string][] = [
  [0, ward],
  [0, "UBND phường B'Lao"],
  [1, 'UBND xã Bảo Lâm 1'],
  [1, 'UBND xã Di Linh'],
  [2, 'UBND xã Đạ Huoai'],
  [2, 'UBND xã Đạ Tẻh'],
  [2, 'UBND xã Cát Tiên'],
];

interface Figure {
  unit: string;
  source: string;
  name: string;
  measured: boolean;
  value?: number;
  of?: number;
  counted?: string;
}

/** Three days in Bảo Lộc and the southern localities, and the report with what was measured. */
export async function visit({ cast, url, folder }: Stage) {
  act('A delegation visits Bảo Lộc and the southern localities for three days');
  const inspector = await cast.at('Sở KH&CN', /Chuyển đổi số$/, 'P. Chuyển đổi số');
  const member = await cast.at('Thanh tra tỉnh', /^Thanh tra viên/);
  const { client, called } = member;
  const hosts = await Promise.all(
    localities.map(async ([day, agency]) => ({ day, host: await cast.at(agency, /^Chủ tịch/) })),
  );
  const { id, version } = await client.post<Versioned>('/v1/visits', {
    ...{ organisationId: member.agencyId, from: today(), to: addDays(today(), 2) },
    title: 'Tìm hiểu hiện trạng ứng dụng công nghệ thông tin tại Bảo Lộc và các xã phía Nam',
    legalBasis: 'Kế hoạch công tác năm (dùng thử)',
    members: [
      { personId: inspector.personId, role: 'head' },
      { personId: member.personId, role: 'secretary' },
    ],
    units: hosts.map(({ day, host }) => ({
      ...{ organisationId: host.agencyId, on: addDays(today(), day) },
    })),
  });
  tell(called, `opens the visit: ${hosts.length} localities, led by ${inspector.called}`);
  await recommend(member, id, hosts[0]!.host);
  await report(member, id, { url, folder });
  await client.change(`/v1/visits/${id}/close`, version);
  tell(called, 'closes the visit; follow-up goes on');
}

/** What was found, what should be done about it by when, and that it was done. */
async function recommend({ client, called }: Player, id: string, host: Player) {
  const organisationId = host.agencyId;
  const finding = await client.post<{ id: string }>(`/v1/visits/${id}/findings`, {
    ...{ organisationId, text: 'Phó Chủ tịch chưa có chữ ký số' },
    evidence: 'Số liệu của hệ thống chữ ký số',
  });
  tell(called, 'records a finding at the first ward');
  const dueOn = addDays(today(), 30);
  await client.post(`/v1/visits/${id}/recommendations`, {
    ...{ organisationId, findingId: finding.id, dueOn },
    text: 'Gửi hồ sơ đề nghị cấp chứng thư số (Nghị định 68/2024, Mẫu 01)',
  });
  tell(called, `recommends to request the certificate by ${dueOn}`);
}

/** The figures come from the four other services; what none measured is no zero. */
async function report(member: Player, id: string, { url, folder }: Pick<Stage, 'url' | 'folder'>) {
  const { client, called, username, password } = member;
  const { figures } = await client.get<{ figures: Figure[] }>(`/v1/visits/${id}/report`);
  const sources = [...new Set(figures.filter((each) => each.measured).map((each) => each.source))];
  tell(called, `reports ${figures.length} figures, measured by ${sources.join(', ')}`);
  for (const line of figures.filter(({ unit }) => unit.endsWith('phường 1 Bảo Lộc'))) {
    tell('', figureLine(line));
  }
  const file = join(folder, 'bao-cao-doan-cong-tac.html');
  await writeFile(file, await client.download(`/visit-reports/${id}`));
  tell(called, `prints it: ${file}`);
  const token = `$(curl -s ${url}/v1/sessions --json '${JSON.stringify({ username, password })}' | sed 's/.*"accessToken":"\\([^"]*\\).*/\\1/')`;
  tell('', 'the page is for who signs in; while the stack runs, it is read again by');
  tell('', `curl -s ${url}/visit-reports/${id} -H "Authorization: Bearer ${token}" -o report.html`);
}

function figureLine({ unit, name, measured, value, of, counted }: Figure): string {
  if (!measured) return `${unit}: ${name}`;
  return `${unit}: ${name}: ${value}${of === undefined ? '' : `/${of}`} ${counted ?? ''}`;
}
