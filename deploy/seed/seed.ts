import { randomBytes, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { localDay } from '@eoffice/platform/local-time';
import { generate } from 'otplib';
import { Client, Refused } from './client.js';

export interface SeedOptions {
  url: string;
  adminPassword: string;
  /** What a seed before this one has kept. */
  kept: SignInSecrets;
  /** Keeps secrets durably, before they count. */
  keep: (secrets: SignInSecrets) => Promise<void>;
  report: (line: string) => void;
  /** Where the authority for development and tests answers, if it runs. */
  trialAuthority?: string;
}

/** What a seed makes up. Lost with one that was interrupted, it would lock everybody out for good. */
export interface SignInSecrets {
  /** The TOTP secret of `admin`; its last one, if several were begun. */
  adminTotp?: string;
  /** The password of every demo account. */
  demoPassword?: string;
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

/**
 * Plants a province over HTTP, as an outsider would. A second run finds all there and changes nothing;
 * one after a seed that was interrupted, at whatever moment, goes on where that one stopped.
 */
export async function seed(options: SeedOptions): Promise<Planted> {
  const { report } = options;
  const admin = await signIn(options);
  for (const kind of ['organisations', 'successions', 'people']) {
    const { created, unchanged } = await importTable(admin, kind);
    report(`${kind}: ${created} new, ${unchanged} already there`);
  }
  const accounts = await createAccounts(admin, await demoPassword(options));
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
async function signIn({ url, adminPassword, kept, keep, report }: SeedOptions): Promise<Client> {
  const stranger = new Client(url);
  const open = (code?: string) =>
    stranger.post<{ accessToken: string; refreshToken: string }>('/v1/sessions', {
      ...{ username: 'admin', password: adminPassword, code },
    });
  const session = await open().catch((error: unknown) => {
    if (!asks(error, 'code-required')) throw error;
  });
  if (!session) {
    const again = await open(await nextCode(kept.adminTotp!)).catch(async (error: unknown) => {
      if (!asks(error, 'sign-in-refused')) throw error;
      report('Waiting for another code of the administrator, half a minute at most …');
      await wait(30_000 - (Date.now() % 30_000) + 500);
      return open(await nextCode(kept.adminTotp!));
    });
    return stranger.bearing(again.accessToken);
  }
  const admin = stranger.bearing(session.accessToken);
  const { secret } = await admin.post<{ secret: string }>('/v1/me/second-factor');
  await keep({ adminTotp: secret });
  await admin.post('/v1/me/second-factor/confirm', { code: await generate({ secret }) });
  const { refreshToken } = session;
  const next = await stranger.post<{ accessToken: string }>('/v1/sessions/refresh', {
    refreshToken,
  });
  return stranger.bearing(next.accessToken);
}

/** One password for all, made for this machine: that of the seed which was interrupted, if any. */
async function demoPassword({ kept, keep }: SeedOptions): Promise<string> {
  const password = kept.demoPassword ?? `Lâm Đồng ${randomBytes(4).toString('hex')}`;
  await keep({ demoPassword: password });
  return password;
}

const asks = (error: unknown, problem: string) =>
  error instanceof Refused && error.problem.type === `/problems/accounts/${problem}`;

/** A code counts once; that of the half minute to come is good already, and hardly ever used. */
const nextCode = (secret: string) =>
  generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 });

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

/** An account for everybody who holds a post today. */
async function createAccounts(admin: Client, password: string): Promise<DemoAccount[]> {
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
