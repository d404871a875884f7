import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { campaign } from './campaign.js';
import type { Player } from './cast.js';
import { mail } from './mail.js';
import { type Page, soon, type Stage, type Versioned, ward } from './stage.js';
import { act, tell } from './timeline.js';

const department = 'Sở KH&CN';

/** Mail, signatures and portals, each with what it does from the start. */
export async function otherServices(stage: Stage) {
  await mail(stage);
  await signatures(stage);
  await portals(stage);
}

interface Coverage {
  units: { signers: number; covered: number; gaps: { fullName: string; title: string }[] }[];
}

async function signatures(stage: Stage) {
  const { cast } = stage;
  act('Signatures: who signs, and who still lacks a certificate');
  const officer = await cast.at(department, /chứng thư số/);
  const leader = await cast.at(ward, /^Chủ tịch/);
  const { agencyId, personId, fullName } = leader;
  const coverage = () =>
    officer.client.get<Coverage>(`/v1/certificates/coverage?agencyId=${agencyId}`);
  tellGaps(officer, await coverage());
  const pem = await testCertificate(`/C=VN/O=${ward} (thử nghiệm)/CN=${fullName}`);
  const holder = { holderKind: 'person', holderId: personId, agencyId, device: 'token' };
  await officer.client.post('/v1/certificates', { ...holder, pem });
  tell(officer.called, `registers a certificate of ${fullName}`);
  tellGaps(officer, await coverage());
  await campaign(stage, officer);
}

function tellGaps({ called }: Player, { units }: Coverage) {
  const signers = units.reduce((sum, unit) => sum + unit.signers, 0);
  const covered = units.reduce((sum, unit) => sum + unit.covered, 0);
  const missing = units.flatMap(({ gaps }) => gaps.map(({ fullName }) => fullName));
  const who = missing.length > 0 ? `, missing: ${missing.join(', ')}` : '';
  tell(called, `${covered} of ${signers} signers hold a certificate${who}`);
}

/** A certificate that no authority stands behind: for trying out, and it says so. */
async function testCertificate(subject: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'eoffice-demo-'));
  try {
    const [key, pem] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-utf8', '-days', '365'];
    const parameters = [...request, '-subj', subject, '-keyout', key, '-out', pem];
    await promisify(execFile)('openssl', parameters);
    return await readFile(pem, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function portals({ cast, url }: Stage) {
  act('Portals: a reviewed article on the page of a locality');
  const editor = await cast.at(ward, /^Chuyên viên/, 'P. VH-XH');
  const reviewer = await cast.at(ward, /^Trưởng phòng/, 'P. VH-XH');
  const { agencyId: organisationId } = editor;
  const { id: siteId, slug } = await siteOf(reviewer, organisationId);
  const article = await editor.client.post<Versioned & { slug: string }>('/v1/articles', {
    ...{ siteId, section: 'tin-tuc', title: 'Phường 1 Bảo Lộc đón đoàn công tác của tỉnh' },
    summary: 'Đoàn tìm hiểu việc ứng dụng công nghệ thông tin trong ba ngày.',
    body: 'Đoàn làm việc về **thư điện tử công vụ**, chữ ký số và trang thông tin điện tử.',
  });
  tell(editor.called, `writes “${article.slug}” and hands it in`);
  const path = `/v1/articles/${article.id}`;
  const { version } = await editor.client.change<Versioned>(`${path}/submission`, article.version);
  await reviewer.client.change(`${path}/publication`, version);
  tell(reviewer.called, 'reviews and publishes it');
  const page = await fetch(`${url}/pages/${slug}/${article.slug}`);
  tell('anybody', `reads it: ${page.status} ${url}/pages/${slug}/${article.slug}`);
}

/** The ward's site; a second demonstration finds the one of the first. */
async function siteOf({ client }: Player, organisationId: string) {
  const sites = () =>
    client.get<Page<{ id: string; slug: string; organisationId: string }>>('/v1/sites');
  const isOurs = (site: { organisationId: string }) => site.organisationId === organisationId;
  const known = (await sites()).items.find(isOurs);
  if (known) return known;
  await client.tryPost('/v1/sites', { organisationId, welcome: 'Kính chào quý vị.' });
  return (await soon(sites, ({ items }) => items.some(isOurs))).items.find(isOurs)!;
}
