import { randomBytes, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { localDay } from '@eoffice/platform/local-time';
import { generate } from 'otplib';
import { Client } from './client.js';

export interface SeedOptions {
  url: string;
  adminPassword: string;
  /** The TOTP secret of `admin`, if a seed before this one set it up. */
  adminTotp?: string;
  /** Told of the TOTP secret as soon as it counts: without it nobody could sign in as `admin`. */
  keepTotp: (secret: string) => Promise<void>;
  report: (line: string) => void;
  /** Where the authority for development and tests answers, if it runs. */
  trialAuthority?: string;
}

/** Somebody who can sign in to try things out. */
export interface DemoAccount {
  username: string;
  password: string;
  fullName: string;
  title: string;
  unit: string;
  agencyId: string;
  unitId: string;
  personId: string;
}

/** What the seed leaves for those who try the house out. */
export interface Planted {
  accounts: DemoAccount[];
  /** The API key of an integration that follows the events of the government bloc. */
  integrationKey: string;
}

interface ImportReport {
  written: boolean;
  created: number;
  unchanged: number;
  rows: { row: number; outcome: string; problem?: string }[];
}

/** Plants a province over HTTP, as an outsider would. A second run finds all there and changes nothing. */
export async function seed(options: SeedOptions): Promise<Planted> {
  const { report } = options;
  const admin = await signIn(options);
  for (const kind of ['organisations', 'successions', 'people']) {
    const { created, unchanged } = await importTable(admin, kind);
    report(`${kind}: ${created} new, ${unchanged} already there`);
  }
  const accounts = await createAccounts(admin);
  report(`accounts: ${accounts.length}`);
  const books = await openBooks(admin, accounts);
  report(`register books: ${books}`);
  if (options.trialAuthority) await trustTrials(admin, options.trialAuthority, report);
  return { accounts, integrationKey: await makeIntegrationKey(admin) };
}

const integration = 'Hệ thống kết nối (dùng thử)';

/** A key is shown only once, so one of an earlier seed that did not end is replaced. */
async function makeIntegrationKey(admin: Client): Promise<string> {
  for await (const { id, name, revoked } of admin.pages<ApiKey>('/v1/api-keys')) {
    if (name === integration && !revoked) await admin.post(`/v1/api-keys/${id}/revoke`);
  }
  const { items } = await admin.get<{ items: Organisation[] }>(
    '/v1/organisations?kind=province&bloc=government',
  );
  const { key } = await admin.post<{ key: string }>('/v1/api-keys', {
    ...{ name: integration, scopes: ['events.read', 'documents.read'], reach: 'bloc' },
    organisationId: items[0]!.organisationId,
  });
  return key;
}

interface ApiKey {
  id: string;
  name: string;
  revoked: boolean;
}

/** Signs in as `admin`; at the first time sets the second factor up and goes on in the same session. */
async function signIn({ url, adminPassword, adminTotp, keepTotp }: SeedOptions): Promise<Client> {
  const stranger = new Client(url);
  const code = adminTotp && (await freshCode(adminTotp));
  const sent = { username: 'admin', password: adminPassword, ...(code ? { code } : {}) };
  const session = await stranger.post<{ accessToken: string; refreshToken: string }>(
    '/v1/sessions',
    sent,
  );
  const admin = stranger.bearing(session.accessToken);
  if (adminTotp) return admin;
  const { secret } = await admin.post<{ secret: string }>('/v1/me/second-factor');
  await admin.post('/v1/me/second-factor/confirm', { code: await generate({ secret }) });
  await keepTotp(secret);
  const { refreshToken } = session;
  const next = await stranger.post<{ accessToken: string }>('/v1/sessions/refresh', {
    refreshToken,
  });
  return stranger.bearing(next.accessToken);
}

/** A code counts once, so one of a step that may have been used is waited out. */
async function freshCode(secret: string): Promise<string> {
  await wait(30_000 - (Date.now() % 30_000) + 500);
  return generate({ secret });
}

async function importTable(admin: Client, kind: string): Promise<ImportReport> {
  const name = `${kind}.csv`;
  const ticket = await admin.upload(name, await readFile(new URL(name, import.meta.url)));
  const result = await admin.post<ImportReport>('/v1/directory/imports', { kind, ticket });
  if (result.written) return result;
  const wrong = result.rows.filter(({ outcome }) => outcome === 'wrong');
  const lines = wrong.map(({ row, problem }) => `row ${row}: ${problem}`);
  throw new Error(`${name} was not imported:\n${lines.join('\n')}`);
}

const trials = 'Chỉ để thử nghiệm trên máy này, không có giá trị pháp lý';

/** Has signatures of the authority for tests count here, on the list of trials and on no other. */
async function trustTrials(admin: Client, url: string, report: (line: string) => void) {
  const certificate = async (name: string) => {
    const der = new Uint8Array(await (await fetch(`${url}/${name}.crt`)).arrayBuffer());
    return new X509Certificate(der).toString();
  };
  const [pem, intermediates] = [await certificate('root'), await certificate('issuing')];
  const since = { validFrom: localDay(), legalBasis: trials };
  const anchor = { ...since, list: 'trial', pem, intermediates, ocspUrl: `${url}/ocsp` };
  let entered = 0;
  for (const purpose of ['signing', 'time-stamping']) {
    const named = { ...anchor, purpose, name: 'Tổ chức chứng thực của máy này (thử nghiệm)' };
    if (await admin.tryPost('/v1/trust/anchors', named)) entered++;
  }
  const stamper = { ...since, url: `${url}/tsa`, priority: 1, timeoutSeconds: 20 };
  const named = { ...stamper, name: 'Cấp dấu thời gian của máy này (thử nghiệm)' };
  if (await admin.tryPost('/v1/trust/time-stampers', named)) entered++;
  const host = { ...since, host: new URL(url).host, inside: true };
  if (await admin.tryPost('/v1/trust/status-hosts', host)) entered++;
  report(`trust for trials: ${entered} new`);
}

interface Holder {
  personId: string;
  fullName: string;
  title: string;
  unitId: string;
}

/** An account for everybody who holds a post today; one password, made for this machine. */
async function createAccounts(admin: Client): Promise<DemoAccount[]> {
  const password = `Lâm Đồng ${randomBytes(4).toString('hex')}`;
  const people = new Map<string, string>();
  for await (const each of admin.pages<{ personId: string; email?: string }>('/v1/people')) {
    if (each.email) people.set(each.personId, each.email);
  }
  const names = new Map<string, { agencyId: string; shortName: string }>();
  const agencies = new Set<string>();
  for await (const each of admin.pages<Organisation>('/v1/organisations')) {
    names.set(each.organisationId, each);
    if (each.agency) agencies.add(each.organisationId);
  }
  const accounts = new Map<string, DemoAccount>();
  for (const agencyId of agencies) {
    const { items } = await admin.get<{ items: Holder[] }>(`/v1/organisations/${agencyId}/holders`);
    for (const { personId, fullName, title, unitId } of items) {
      const username = people.get(personId)?.split('@')[0];
      if (!username || accounts.has(username)) continue;
      const unit = names.get(unitId)!;
      const agency = names.get(unit.agencyId)!.shortName;
      accounts.set(username, {
        ...{ username, password, fullName, title, personId, unitId, agencyId: unit.agencyId },
        unit: agency === unit.shortName ? agency : `${unit.shortName}, ${agency}`,
      });
    }
  }
  for (const { username, personId } of accounts.values()) {
    await admin.tryPost('/v1/accounts', { personId, username, password });
  }
  return [...accounts.values()];
}

interface Organisation {
  organisationId: string;
  agencyId: string;
  agency: boolean;
  shortName: string;
  name: string;
  kind: string;
}

async function openBooks(admin: Client, accounts: DemoAccount[]): Promise<number> {
  const year = Number(
    new Intl.DateTimeFormat('en', { timeZone: 'Asia/Ho_Chi_Minh', year: 'numeric' }).format(),
  );
  let opened = 0;
  for (const organisationId of new Set(accounts.map(({ agencyId }) => agencyId))) {
    for (const direction of ['incoming', 'outgoing']) {
      const name = direction === 'incoming' ? 'Sổ văn bản đến' : 'Sổ văn bản đi';
      const book = { organisationId, direction, year, code: 'CHUNG', name };
      if (await admin.tryPost('/v1/books', book)) opened++;
    }
  }
  return opened;
}
