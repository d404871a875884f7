import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Caller,
  type Certificate,
  certificateBlocked,
  certificateExpiring,
  certificatePolicies,
  certificates,
} from '@eoffice/contracts';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { certificateOf } from '@eoffice/testing/certificates';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { SignaturesModule } from '../signatures.module.js';
import { ExpiryAlarms } from './expiry-alarms.js';

describe('the life of a certificate', () => {
  let house: House;
  let agency: Agency;
  let officer: Caller;
  let alarms: ExpiryAlarms;
  let held: Certificate;
  const client = () => house.client(certificates);
  const register = (pem: string) =>
    client().register(
      {
        ...{ pem, holderKind: 'person', holderId: agency.people.leader },
        ...{ agencyId: agency.organisationId, device: 'token' },
      },
      officer,
    );

  beforeAll(async () => {
    house = await House.open();
    alarms = (await house.start('signatures', SignaturesModule)).get(ExpiryAlarms);
    agency = await openAgency(house);
    const permissions = ['signatures.read', 'signatures.manage', 'signatures.prepare'];
    officer = await house.as({ permissions, reach: 'bloc' });
    held = await eventually(() => register(certificateOf('/CN=Lê Đức Anh', 365).pem));
  });
  afterAll(() => house.close());

  it('is blocked at once by its holder or agency, by nobody else, and the register says so', async () => {
    const { id, fingerprint } = held;
    const input = { id, reason: 'Mất thiết bị' };
    const { official, clerk, leader } = agency.callers;
    expect(await problemOf(client().block(input, official))).toBe('forbidden');
    const before = new Date().toISOString();
    const status = (at?: string) => client().status({ fingerprint, at }, official);
    expect(await status()).toMatchObject({ state: 'good' });
    expect(await client().block(input, leader)).toMatchObject({ state: 'blocked' });
    expect(await status()).toMatchObject({ state: 'blocked' });
    expect(await status(before)).toMatchObject({ state: 'good' });
    expect(await problemOf(client().block(input, clerk))).toBe('signatures/out-of-order');
    const [event] = await house.announced(certificateBlocked);
    expect(event).toMatchObject({ actor: agency.people.leader, data: { certificateId: id } });
    const { units } = await client().coverage({ agencyId: agency.organisationId }, officer);
    expect(units[0]!.gaps).toMatchObject([{ why: 'blocked' }]);
  });

  it('is unblocked by an officer only, and the time it was blocked stays known', async () => {
    const { id, fingerprint } = held;
    const blocked = new Date().toISOString();
    const { items } = await client().list({ agencyId: agency.organisationId }, officer);
    const input = { id, version: items[0]!.version, reason: 'Đã tìm thấy thiết bị' };
    expect(await problemOf(client().unblock(input, agency.callers.leader))).toBe('forbidden');
    const lifted = await client().unblock(input, officer);
    expect(lifted.state).toBe('valid');
    expect(await problemOf(client().unblock({ ...input, version: lifted.version }, officer))).toBe(
      'signatures/out-of-order',
    );
    const then = await client().status({ fingerprint, at: blocked }, officer);
    expect(then.state).toBe('blocked');
    const history = await client().history({ id }, officer);
    expect(history.items.map(({ kind, person }) => [kind, person])).toEqual([
      ['active', undefined],
      ['blocked', 'Lê Đức Anh'],
      ['unblocked', undefined],
    ]);
    expect(await client().status({ fingerprint: '0'.repeat(64) }, officer)).toMatchObject({
      state: 'unknown',
    });
  });

  it('raises the alarm nearest its end once, by rows that a province can change', async () => {
    const { id } = await register(certificateOf('/CN=Còn 80 ngày', 80).pem);
    await alarms.raise();
    expect(await alarms.raise()).toBe(0);
    const raised = await house.announced(certificateExpiring);
    expect(raised.map(({ data }) => data)).toMatchObject([{ certificateId: id, days: 90 }]);
    const policies = house.client(certificatePolicies);
    const alarm = {
      ...{ code: 'alarm-days' as const, value: 85, validFrom: '2026-01-01' },
      legalBasis: 'Quyết định của UBND tỉnh',
    };
    expect(await problemOf(policies.enact(alarm, officer))).toBe('forbidden');
    const keeper = await house.as({ permissions: ['signatures.keep-policies'] });
    const enacted = await policies.enact(alarm, keeper);
    expect(await problemOf(policies.enact(alarm, keeper))).toBe('conflict');
    expect(await alarms.raise()).toBe(1);
    await policies.end({ id: enacted.id, validTo: '2026-01-02' }, keeper);
    const { items } = await policies.list({}, officer);
    expect(items.filter(({ code }) => code === 'alarm-days').map(({ value }) => value)).toEqual([
      85, 120, 90, 65,
    ]);
  });
});
