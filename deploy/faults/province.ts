import { setTimeout as wait } from 'node:timers/promises';
import { zipOf } from '@eoffice/testing/files';
import { generate } from 'otplib';
import { Client, Refused } from '../seed/client.js';

const validFrom = '2024-01-01';
const password = 'Đà Lạt sương mù 2024';

const staff = {
  clerk: { title: 'Văn thư', leads: false, signs: false },
  leader: { title: 'Chủ tịch', leads: true, signs: true },
  'unit-head': { title: 'Trưởng phòng', leads: true, signs: false },
  official: { title: 'Chuyên viên', leads: false, signs: false },
  inspector: { title: 'Thanh tra viên', leads: false, signs: false },
};
type Role = keyof typeof staff;

/** What somebody does beside. */
const also: Partial<Record<Role, string[]>> = {
  inspector: ['portal-editor', 'portal-reviewer', 'certificate-officer', 'mail-officer'],
};

/** One agency with a unit, five people and two books: the least that documents need. */
export interface SmallProvince {
  admin: Client;
  tokens: Record<Role | 'admin', string>;
  unitId: string;
  leaderId: string;
  inBookId: string;
  outBookId: string;
  /** The ticket of a draft's file. */
  ticket: string;
}

/** Plants it over HTTP, as an outsider would. */
export async function plantSmallProvince(
  url: string,
  adminPassword: string,
): Promise<SmallProvince> {
  const stranger = new Client(url);
  const adminToken = await enrol(stranger, adminPassword);
  const admin = stranger.bearing(adminToken);
  const agencyId = await organisation(admin, { kind: 'province', agency: true, symbol: 'UBND' });
  const unit = { kind: 'unit', agency: false, symbol: 'KT', parentId: agencyId };
  const unitId = await organisation(admin, unit);
  const people = {} as Record<Role, string>;
  const tokens = { admin: adminToken } as SmallProvince['tokens'];
  for (const role of Object.keys(staff) as Role[]) {
    const where = role === 'clerk' || role === 'leader' ? agencyId : unitId;
    people[role] = await employ(admin, role, where);
    tokens[role] = (await signIn(stranger, role)).accessToken;
  }
  const clerk = stranger.bearing(tokens.clerk);
  const inBookId = await openBook(clerk, agencyId, 'incoming');
  const outBookId = await openBook(clerk, agencyId, 'outgoing');
  const ticket = await stranger
    .bearing(tokens.official)
    .upload('du-thao.odt', zipOf({ mimetype: 'application/vnd.oasis.opendocument.text' }));
  return { admin, tokens, unitId, leaderId: people.leader, inBookId, outBookId, ticket };
}

const signIn = (stranger: Client, username: string) =>
  stranger.post<{ accessToken: string; refreshToken: string }>('/v1/sessions', {
    username,
    password,
  });

/** `admin` may do nothing before a second factor is set up. */
async function enrol(stranger: Client, adminPassword: string): Promise<string> {
  const sent = { username: 'admin', password: adminPassword };
  const session = await stranger.post<{ accessToken: string; refreshToken: string }>(
    '/v1/sessions',
    sent,
  );
  const admin = stranger.bearing(session.accessToken);
  const { secret } = await admin.post<{ secret: string }>('/v1/me/second-factor');
  await admin.post('/v1/me/second-factor/confirm', { code: await generate({ secret }) });
  const { refreshToken } = session;
  const next = await stranger.post<{ accessToken: string }>('/v1/sessions/refresh', {
    refreshToken,
  });
  return next.accessToken;
}

async function organisation(admin: Client, facts: { kind: string; [fact: string]: unknown }) {
  const { organisationId } = await admin.post<{ organisationId: string }>('/v1/organisations', {
    ...{ bloc: 'government', name: `Đơn vị ${facts.kind}`, shortName: facts.kind },
    ...{ place: 'Lâm Đồng', validFrom, legalBasis: 'Nghị quyết thử', ...facts },
  });
  return organisationId;
}

/** Registers a person with a post and an account named after their role. */
async function employ(admin: Client, role: Role, unitId: string): Promise<string> {
  const post = { unitId, roles: [role, ...(also[role] ?? [])], validFrom, ...staff[role] };
  const { postId } = await admin.post<{ postId: string }>('/v1/posts', post);
  const person = { fullName: `Nguyễn ${staff[role].title}` };
  const { personId } = await admin.post<{ personId: string }>('/v1/people', person);
  await admin.post('/v1/assignments', { personId, postId, validFrom });
  await admin.post('/v1/accounts', { personId, username: role, password });
  return personId;
}

async function openBook(clerk: Client, organisationId: string, direction: string) {
  const zone = { timeZone: 'Asia/Ho_Chi_Minh', year: 'numeric' } as const;
  const year = Number(new Intl.DateTimeFormat('en', zone).format());
  const book = { organisationId, direction, year, code: 'CHUNG', name: 'Sổ chung' };
  for (let attempt = 1; ; attempt++) {
    try {
      return (await clerk.post<{ id: string }>('/v1/books', book)).id;
    } catch (error) {
      // What the directory has just announced may not have reached the documents yet.
      const early = error instanceof Refused && [403, 404].includes(error.status);
      if (!early || attempt > 100) throw error;
      await wait(50);
    }
  }
}
