import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, certificateRegistered, certificates, figuresOf } from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { certificateOf } from '@eoffice/testing/certificates';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { SignaturesModule } from '../signatures.module.js';

describe('the register of certificates', () => {
  let house: House;
  let agency: Agency;
  let officer: Caller;
  const client = () => house.client(certificates);
  const registration = (pem: string, holderId = agency.people.leader) => ({
    ...{ pem, holderId, agencyId: agency.organisationId },
    ...{ holderKind: 'person' as const, device: 'token' as const },
  });

  beforeAll(async () => {
    house = await House.open();
    await house.start('signatures', SignaturesModule);
    agency = await openAgency(house);
    const permissions = ['signatures.read', 'signatures.manage', 'inspections.read'];
    officer = await house.as({ permissions, organisationId: agency.organisationId });
    const { organisationId: agencyId } = agency;
    await eventually(async () => {
      const { units } = await client().coverage({ agencyId }, officer);
      expect(units[0]?.signers).toBe(1);
    });
  });
  afterAll(() => house.close());

  it('names who signs and has no certificate', async () => {
    const { units } = await client().coverage({ agencyId: agency.organisationId }, officer);
    expect(units[0]!.gaps).toMatchObject([{ fullName: 'Lê Đức Anh', why: 'none' }]);
    const far = await house.as({ permissions: ['signatures.read'], organisationId: agency.unitId });
    expect(await problemOf(client().coverage({ agencyId: agency.organisationId }, far))).toBe(
      'not-found',
    );
  });

  it('reads a certificate as openssl does, keeps it once, and counts it', async () => {
    const { pem, fingerprint, key } = certificateOf(
      '/C=VN/O=UBND tỉnh Lâm Đồng/CN=Lê Đức Anh',
      365,
    );
    const reader = await house.as({ permissions: ['signatures.read'] });
    expect(await problemOf(client().register(registration(pem), reader))).toBe('forbidden');
    const kept = await client().register(registration(pem), officer);
    expect(kept).toMatchObject({
      ...{ fingerprint, state: 'valid', subject: 'C=VN, O=UBND tỉnh Lâm Đồng, CN=Lê Đức Anh' },
    });
    await house.announced(certificateRegistered);
    expect(await problemOf(client().register(registration(pem), officer))).toBe('conflict');
    expect(await problemOf(client().register(registration(key), officer))).toBe(
      'signatures/not-a-certificate',
    );
    expect(await problemOf(client().register(registration(pem + key), officer))).toBe(
      'signatures/not-a-certificate',
    );
    const { organisationId } = agency;
    const input = { organisationIds: [organisationId], from: localDay(), to: localDay() };
    const { items } = await house.client(figuresOf('signatures')).measure(input, officer);
    expect(items.map(({ code, value, of }) => [code, value, of])).toEqual([
      ['signatures.signers-covered', 1, 1],
      ['signatures.agency-covered', 0, 1],
      ['signatures.expiring', 0, 1],
    ]);
  });

  it('shows what expires, and a revoked one as a gap again', async () => {
    const { pem } = certificateOf('/CN=Sắp hết hạn', 20);
    const { id, state, version } = await client().register(
      registration(pem, agency.people.head),
      officer,
    );
    expect(state).toBe('expiring');
    const soon = await client().list({ expiringWithinDays: 30 }, officer);
    expect(soon.items.map((each) => each.id)).toEqual([id]);
    const [valid] = (await client().list({}, officer)).items.filter(
      (each) => each.state === 'valid',
    );
    await client().revoke(
      { id: valid!.id, version: valid!.version, reason: 'Mất thiết bị' },
      officer,
    );
    const { units } = await client().coverage({ agencyId: agency.organisationId }, officer);
    expect(units[0]!.gaps[0]!.why).toBe('revoked');
    expect(
      await problemOf(client().revoke({ id, version: version + 1, reason: 'x' }, officer)),
    ).toBe('changed');
  });

  it.each([
    ['nothing', 'x'],
    [
      'bytes that are no certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    ],
  ])('refuses %s', async (_, pem) => {
    expect(await problemOf(client().register(registration(pem), officer))).toBe(
      'signatures/not-a-certificate',
    );
  });
});
