import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AddAnchor,
  type Caller,
  certificatePolicies,
  trust,
  trustChanged,
  trustExpiring,
} from '@eoffice/contracts';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { issue, type Party } from '@eoffice/signing/testing/authority';
import { House, problemOf } from '@eoffice/testing/house';
import { SignaturesModule } from '../signatures.module.js';
import { TrustAlarms } from './trust-alarms.js';

const pemOf = ({ certificate }: Party) =>
  `-----BEGIN CERTIFICATE-----\n${certificate.bytes.toString('base64')}\n-----END CERTIFICATE-----\n`;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

describe('whom the house trusts', () => {
  let house: House;
  let alarms: TrustAlarms;
  let keeper: Caller;
  let reader: Caller;
  const client = () => house.client(trust);
  const root = issue({ subject: 'CN=Root', ca: true });
  const below = issue({ subject: 'CN=CA', issuer: root, ca: true, to: inDays(100) });
  const anchor = (overrides: Partial<AddAnchor> = {}): AddAnchor => ({
    ...{ name: 'Gốc', list: 'official-duty', purpose: 'signing', pem: pemOf(root) },
    ...{ validFrom: '2024-08-15', legalBasis: 'Nghị định 68/2024/NĐ-CP' },
    ...overrides,
  });

  beforeAll(async () => {
    house = await House.open();
    alarms = (await house.start('signatures', SignaturesModule)).get(TrustAlarms);
    keeper = await house.as({
      permissions: ['signatures.keep-trust', 'signatures.keep-policies'],
      reach: 'all',
    });
    reader = await house.as({ permissions: [] });
  });
  afterAll(() => house.close());

  it('is entered by who keeps it, and read by all who are signed in', async () => {
    expect(await problemOf(client().addAnchor(anchor(), reader))).toBe('forbidden');
    const near = await house.as({ permissions: ['signatures.keep-trust'], reach: 'bloc' });
    expect(await problemOf(client().addAnchor(anchor(), near))).toBe('forbidden');
    const added = await client().addAnchor(anchor({ intermediates: pemOf(below) }), keeper);
    expect(added).toMatchObject({
      fingerprint: root.certificate.fingerprint,
      ...{ subject: 'CN=Root', notAfter: root.certificate.notAfter.toISOString() },
    });
    const { anchors } = await client().list({}, reader);
    expect(anchors).toEqual([added]);
    const [event] = await house.announced(trustChanged);
    expect(event!.data).toEqual({ rowId: added.id });
  });

  it('keeps the lists apart: one root stands on one list at a time', async () => {
    const elsewhere = anchor({ list: 'public', validFrom: localDay() });
    expect(await problemOf(client().addAnchor(elsewhere, keeper))).toBe('conflict');
    const many = Array.from({ length: 4 }, () => client().addAnchor(elsewhere, keeper));
    expect(await Promise.all(many.map(problemOf))).toEqual(Array(4).fill('conflict'));
    const { anchors } = await client().list({}, reader);
    const { id } = anchors[0]!;
    const yesterday = addDays(localDay(), -1);
    expect(await client().endAnchor({ id, validTo: yesterday }, keeper)).toMatchObject({
      validTo: yesterday,
    });
    expect(await client().addAnchor(elsewhere, keeper)).toMatchObject({ list: 'public' });
    const forStamps = anchor({ purpose: 'time-stamping' });
    expect(await client().addAnchor(forStamps, keeper)).toMatchObject({ purpose: 'time-stamping' });
  });

  it.each<[string, Partial<AddAnchor>, string]>([
    ['what is no certificate', { pem: 'chứng thư' }, 'signatures/not-a-certificate'],
    [
      'a private key',
      { pem: pemOf(root).replaceAll('CERTIFICATE', 'PRIVATE KEY') },
      'signatures/not-a-certificate',
    ],
    [
      'a certificate that was cut',
      { pem: pemOf(root).replace(/^(.{80}).*$/m, '$1') },
      'signatures/not-a-certificate',
    ],
    [
      'a subscriber as a root',
      { pem: pemOf(issue({ issuer: root })) },
      'signatures/not-an-authority',
    ],
    [
      'a subscriber between',
      { intermediates: pemOf(issue({ issuer: root })) },
      'signatures/not-an-authority',
    ],
    ['two roots', { pem: pemOf(root) + pemOf(below) }, 'conflict'],
    ['an address that is none', { ocspUrl: 'file:///etc/passwd' }, 'invalid'],
  ])('refuses %s', async (_, wrong, expected) => {
    const before = await client().list({}, reader);
    expect(await problemOf(client().addAnchor(anchor(wrong), keeper))).toBe(expected);
    expect(await client().list({}, reader)).toEqual(before);
  });

  it('says once before each alarm, and at the end, that a certificate ends', async () => {
    const short = issue({ subject: 'CN=Ngắn hạn', ca: true, to: inDays(80) });
    const ended = issue({ subject: 'CN=Đã hết hạn', ca: true, to: inDays(-1) });
    const name = 'Gốc ngắn hạn';
    const added = await client().addAnchor(
      anchor({ name, list: 'trial', pem: pemOf(short), intermediates: pemOf(ended) }),
      keeper,
    );
    expect(await alarms.raise()).toBe(2);
    expect(await alarms.raise()).toBe(0);
    const told = await house.announced(trustExpiring, 2);
    expect(told.map(({ data }) => [data.rowId, data.fingerprint, data.days])).toEqual([
      [added.id, ended.certificate.fingerprint, 0],
      [added.id, short.certificate.fingerprint, 90],
    ]);
    const policy = { code: 'alarm-days', value: 85, validFrom: localDay() } as const;
    await house
      .client(certificatePolicies)
      .enact({ ...policy, legalBasis: 'Quy chế của tỉnh' }, keeper);
    expect(await alarms.raise()).toBe(1);
    expect((await house.announced(trustExpiring, 3)).at(-1)!.data.days).toBe(85);
  });

  it('has authorities that stamp the time, in the order in which they are asked', async () => {
    const stamper = (url: string, priority: number) => ({
      ...{ name: 'Cấp dấu thời gian', url, priority, timeoutSeconds: 180 },
      ...{ validFrom: '2024-08-15', legalBasis: 'Nghị định 23/2025/NĐ-CP (chưa xác nhận)' },
    });
    const second = await client().addTimeStamper(stamper('http://tsa.example/2', 2), keeper);
    const first = await client().addTimeStamper(stamper('http://tsa.example/1', 1), keeper);
    const again = client().addTimeStamper(stamper('http://tsa.example/1', 1), keeper);
    expect(await problemOf(again)).toBe('conflict');
    const wrong = client().addTimeStamper(stamper('http://a@tsa.example', 1), keeper);
    expect(await problemOf(wrong)).toBe('invalid');
    expect((await client().list({}, reader)).timeStampers).toEqual([first, second]);
    expect(
      await problemOf(client().endTimeStamper({ id: first.id, validTo: '2024-09-01' }, reader)),
    ).toBe('forbidden');
    const ended = await client().endTimeStamper({ id: first.id, validTo: '2024-09-01' }, keeper);
    expect(ended.validTo).toBe('2024-09-01');
  });

  it('lets hosts be asked for a status, by name and port', async () => {
    const host = (text: string) => ({
      ...{ host: text, inside: false, validFrom: '2024-08-15', legalBasis: 'Danh mục của tỉnh' },
    });
    const added = await client().addStatusHost(host('ocsp.ca.gov.vn'), keeper);
    expect(await problemOf(client().addStatusHost(host('ocsp.ca.gov.vn'), keeper))).toBe(
      'conflict',
    );
    for (const wrong of ['http://ocsp.ca.gov.vn', '*.vn', 'a b', 'x@y', 'OCSP.vn', 'a/../b']) {
      expect(await problemOf(client().addStatusHost(host(wrong), keeper))).toBe('invalid');
    }
    expect(await problemOf(client().addStatusHost(host('[::1]:8080'), reader))).toBe('forbidden');
    await client().addStatusHost(host('[::1]:8080'), keeper);
    await client().endStatusHost({ id: added.id, validTo: '2025-01-01' }, keeper);
    expect((await client().list({}, reader)).statusHosts).toMatchObject([
      { host: '[::1]:8080' },
      { host: 'ocsp.ca.gov.vn', validTo: '2025-01-01' },
    ]);
  });
});
