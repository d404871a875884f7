import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Problem, remoteServices, signing, signingKeys } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { LocalFileStore } from '@eoffice/platform/files';
import { localDay } from '@eoffice/platform/local-time';
import { ecKeys, type Keys, rsaKeys } from '@eoffice/signing/testing/authority';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { requireProgram } from '@eoffice/testing/programs';
import { type Fault, faults, type Keeping, SigningService } from '@eoffice/testing/signing-service';
import { SigningOffice } from '@eoffice/testing/signing-office';
import { SignaturesModule } from '../signatures.module.js';

const run = promisify(execFile);
const passphrase = 'con trâu đi trước';
const pin = '246813';
const oids = {
  rsa: '1.2.840.113549.1.1.1',
  rsaSha256: '1.2.840.113549.1.1.11',
  pss: '1.2.840.113549.1.1.10',
  ecSha256: '1.2.840.10045.4.3.2',
  ecSha384: '1.2.840.10045.4.3.3',
};

const pssKeys = (): Keys => ({
  ...generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  scheme: { kind: 'rsa-pss', digest: 'sha256', maskDigest: 'sha256', saltLength: 32 },
});

describe('keys of remote signing services', () => {
  let house: House;
  let office: SigningOffice;
  let database: Database;
  const services: SigningService[] = [];
  const ids: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'eoffice-remote-'));
  const client = () => house.client(signingKeys);

  const terms = ({ url, clientId, clientSecret }: SigningService, more: object = {}) => ({
    ...{ name: 'Dịch vụ ký số', url, clientId, clientSecret, timeoutSeconds: 2 },
    ...{ validFrom: '2024-08-15', legalBasis: 'Hợp đồng 01/2026', ...more },
  });
  const add = (service: SigningService, more: object = {}, caller = office.keeper) =>
    house.client(remoteServices).add(terms(service, more), caller);

  /** A registered certificate whose key a service keeps, and how. */
  async function kept(service: SigningService, keys = ecKeys(), more: Partial<Keeping> = {}) {
    const own = await office.certificateFor('leader', { keys });
    const algorithms = [oids.ecSha256];
    const keeping = { party: own, algorithms, pin, user: own.id, ...more };
    return { ...own, keeping: service.keep(keeping) };
  }
  const connect = (certificateId: string, more: object = {}, caller = office.leader) =>
    client().connectRemote(
      {
        ...{ certificateId, serviceId: ids[1]!, userId: certificateId },
        ...{ pin, passphrase, ...more },
      },
      caller,
    );
  async function connected(more: Partial<Keeping> = {}) {
    const own = await kept(services[1]!, ecKeys(), more);
    return { ...own, keyId: (await connect(own.id)).id };
  }
  const sign = (documentId: string, keyId: string, code?: string) =>
    house
      .client(signing)
      .sign({ kind: 'personal', documentId, keyId, passphrase, code }, office.leader);
  const signWith = (documentId: string, keyId: string) => eventually(() => sign(documentId, keyId));
  /** What a signature comes to that is not made, once the document is known. */
  const refusal = (documentId: string, keyId: string, code?: string) =>
    eventually(async () => {
      const problem = await sign(documentId, keyId, code).then(
        () => undefined,
        (error: Problem) => error,
      );
      if (problem?.type === 'not-found') throw problem;
      return problem;
    });
  const signatures = (documentId: string) =>
    database.query<unknown[]>('select 1 from signature where draft_id = $1', [documentId]);

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('signatures', SignaturesModule, {
      SIGNING_SECRET: 'k'.repeat(40),
    });
    database = app.get(Database);
    office = await SigningOffice.open(house);
    await office.addStamper('/tsa', 1, 20);
    services.push(await SigningService.open(1), await SigningService.open(2));
    for (const service of services) ids.push((await add(service)).id);
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.close()));
    await office?.close();
    await house?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    for (const service of services) service.fault = undefined;
  });

  it.each([
    ['RSA, API 1', 0, rsaKeys(), { algorithms: [oids.rsa] }],
    ['RSA, API 2', 1, rsaKeys(), { algorithms: [oids.pss, oids.rsaSha256] }],
    ['RSA by PSS alone, API 1', 0, rsaKeys(), { algorithms: [oids.pss] }],
    ['RSA by PSS alone, API 2', 1, rsaKeys(), { algorithms: [oids.pss] }],
    ['P-256, API 1', 0, ecKeys(), { raw: true }],
    ['P-256, asked by the service', 1, ecKeys(), { pin: undefined }],
    ['P-384, API 2', 1, ecKeys('P-384', 'sha384'), { algorithms: [oids.ecSha384] }],
  ])('sign documents that others find valid: %s', async (_, at, keys, more) => {
    const service = services[at]!;
    const own = await kept(service, keys, more);
    const given = 'pin' in more ? undefined : pin;
    const key = await connect(own.id, { serviceId: ids[at], pin: given });
    expect(key).toMatchObject({ service: service.url, certificateId: own.id });
    expect(JSON.stringify(key)).not.toContain(pin);
    const { id } = await office.document();
    const made = await signWith(id, key.id);
    expect(made).toMatchObject({ state: 'signed', level: 'B-T' });
    const file = join(folder, 'signed.pdf');
    const store = new LocalFileStore(house.filesFolder);
    writeFileSync(file, await buffer(await store.open(made.sha256!)));
    const { stdout } = await run(requireProgram('pdfsig'), ['-nocert', file]);
    expect(stdout).toContain('Signature is Valid.');
    expect(stdout).toContain('Total document signed');
  });

  it('sign with RSASSA-PSS where that is what the certificate’s key does', async () => {
    const own = await kept(services[1]!, pssKeys(), { algorithms: [oids.pss] });
    const key = await connect(own.id);
    const { id } = await office.document();
    expect(await signWith(id, key.id)).toMatchObject({ state: 'signed', level: 'B-T' });
  });

  it('are connected by who keeps them, and only when the service has them', async () => {
    const own = await office.certificateFor('leader');
    expect(await problemOf(connect(own.id))).toBe('signatures/not-the-key');
    services[1]!.keep({ party: own, algorithms: [oids.ecSha256], pin });
    expect(await problemOf(connect(own.id))).toBe('signatures/not-the-key');
    services[1]!.keep({ party: own, algorithms: [oids.ecSha256], pin, user: own.id });
    expect(await problemOf(connect(own.id, {}, office.clerk))).toBe('not-found');
    expect(await problemOf(connect(own.id, { pin: '999999' }))).toBe('signatures/pin-refused');
    const unknown = connect(own.id, { serviceId: crypto.randomUUID() });
    expect(await problemOf(unknown)).toBe('not-found');
    await connect(own.id);
    expect(await problemOf(connect(own.id))).toBe('conflict');
  });

  it.each<[string, Partial<Keeping>]>([
    ['something is answered elsewhere', { elsewhere: true }],
    ['the key is disabled', { status: 'disabled' }],
    ['it signs in other ways only', { algorithms: [oids.pss] }],
    ['it signs in other ways only, with a code', { algorithms: [oids.pss], otp: 'made' }],
  ])('are refused when %s', async (_, more) => {
    const own = await kept(services[1]!, ecKeys(), more);
    expect(await problemOf(connect(own.id))).toBe('signatures/credential-unusable');
  });

  it.each([
    ['API 1, sent', 0, 'sent', pin],
    ['API 2, sent', 1, 'sent', pin],
    ['API 2, sent, without a PIN', 1, 'sent', undefined],
    ['API 1, made by a device', 0, 'made', pin],
    ['API 2, made by a device', 1, 'made', pin],
  ] as const)('sign with a one-time code, once: %s', async (_, at, otp, own) => {
    const service = services[at]!;
    const more = { otp, pin: own, ...(otp === 'made' && { code: '135790' }) };
    const { id: certificateId, keeping } = await kept(service, ecKeys(), more);
    const { id } = await connect(certificateId, { serviceId: ids[at], pin: own });
    expect(await client().sendCode({ id }, office.leader)).toEqual({ sent: otp === 'sent' });
    expect(await problemOf(client().sendCode({ id }, office.clerk))).toBe('not-found');
    const { code } = keeping;
    const document = await office.document();
    expect(await refusal(document.id, id)).toMatchObject({
      ...{ type: 'signatures/code-refused', status: 403 },
    });
    expect(await refusal(document.id, id, '000000')).toHaveProperty(
      'type',
      'signatures/code-refused',
    );
    expect(await signatures(document.id)).toEqual([]);
    expect(await sign(document.id, id, code)).toMatchObject({ state: 'signed', level: 'B-T' });
    const other = await office.document();
    expect(await refusal(other.id, id, code)).toHaveProperty('type', 'signatures/code-refused');
    const rows = await database.query('select * from audit');
    expect(JSON.stringify(rows)).not.toContain(code);
  });

  it('take a wrong PIN for one, in either version, and lock', async () => {
    for (const at of [0, 1]) {
      const own = await kept(services[at]!);
      const { id } = await connect(own.id, { serviceId: ids[at] });
      const { id: documentId } = await office.document();
      own.keeping.pin = '975310';
      expect(await refusal(documentId, id)).toHaveProperty('type', 'signatures/pin-refused');
      expect(await refusal(documentId, id)).toHaveProperty('type', 'signatures/key-locked');
    }
  });

  it.each(Object.keys(faults) as Fault[])(
    'of a service that is %s leave nothing half signed',
    async (fault) => {
      const { keyId } = await connected();
      const { id } = await office.document();
      services[1]!.fault = fault;
      const problem = await refusal(id, keyId);
      expect(problem).toMatchObject({
        ...{ type: 'signatures/remote-service-unavailable', status: 503 },
        detail: {
          vi: expect.stringContaining('Dịch vụ ký “Dịch vụ ký số”'),
          en: expect.stringContaining('cannot sign now'),
        },
      });
      expect(services[1]!.asked).not.toContain('/csc/elsewhere');
      expect(await signatures(id)).toEqual([]);
      services[1]!.fault = undefined;
      expect(await signWith(id, keyId)).toMatchObject({ state: 'signed' });
    },
  );

  it('do not sign under another certificate than the registered one', async () => {
    const { keyId, keeping } = await connected();
    keeping.party = await office.certificateFor('leader');
    const { id } = await office.document();
    expect(await refusal(id, keyId)).toMatchObject({
      ...{ type: 'signatures/credential-unusable', status: 409 },
    });
    expect(await signatures(id)).toEqual([]);
  });

  it('are not asked again with a PIN that was refused', async () => {
    const { keyId, keeping } = await connected();
    const { id } = await office.document();
    keeping.pin = '975310';
    expect(await refusal(id, keyId)).toHaveProperty('type', 'signatures/pin-refused');
    services[1]!.asked.length = 0;
    expect(await refusal(id, keyId)).toHaveProperty('type', 'signatures/key-locked');
    expect(services[1]!.asked).toEqual([]);
  });

  it('sign as long as the service may be used, and no longer', async () => {
    const service = await SigningService.open(2);
    services.push(service);
    const tomorrow = localDay(new Date(Date.now() + 86_400_000));
    const early = await add(service, { validFrom: tomorrow });
    const own = await kept(service);
    const soon = connect(own.id, { serviceId: early.id });
    expect(await problemOf(soon)).toBe('signatures/remote-service-ended');
    const { id: serviceId } = await add(service);
    const { id: keyId } = await connect(own.id, { serviceId });
    await house.client(remoteServices).end({ id: serviceId, validTo: '2024-12-31' }, office.keeper);
    const { id } = await office.document();
    expect(await refusal(id, keyId)).toHaveProperty('type', 'signatures/remote-service-ended');
    // The same service under a new contract, with a new secret.
    await add(service, { validFrom: localDay() });
    expect(await signWith(id, keyId)).toMatchObject({ state: 'signed' });
  });

  it('need services that the keeper of trust entered, by safe addresses', async () => {
    const [service] = services;
    expect(await problemOf(add(service!, {}, office.leader))).toBe('forbidden');
    for (const url of [
      ...['http://ky.example.vn/csc', 'https://a:b@ky.example.vn', 'http://127.0.0.1.example.vn'],
      ...['ftp://ky.example.vn', 'https://ky.example.vn/csc?x=1'],
    ]) {
      expect([url, await problemOf(add(service!, { url }))]).toEqual([url, 'invalid']);
    }
    const listed = await house.client(remoteServices).list({}, office.leader);
    expect(listed.items.length).toBeGreaterThan(1);
    const rows = await database.query('select * from remote_service');
    for (const { clientSecret } of services) {
      expect(JSON.stringify(listed)).not.toContain(clientSecret);
      expect(JSON.stringify(rows)).not.toContain(Buffer.from(clientSecret).toString('hex'));
    }
  });

  it('are not told our secret when somebody changes their address in the database', async () => {
    const { keyId } = await connected();
    const { id } = await office.document();
    const other = await SigningService.open(2);
    services.push(other);
    await database.query('update remote_service set token_url = $2 where id = $1', [
      ...[ids[1], `${other.url}/oauth2/token`],
    ]);
    expect(await refusal(id, keyId)).toHaveProperty('type', 'signatures/keys-not-set-up');
    expect(other.asked).toEqual([]);
    await database.query('update remote_service set token_url = null where id = $1', [ids[1]]);
    expect(await signWith(id, keyId)).toMatchObject({ state: 'signed' });
  });
});
