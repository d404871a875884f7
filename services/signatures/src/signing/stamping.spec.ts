import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { certificatePolicies, documentSigned, signing, trust } from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import { signWith } from '@eoffice/signing/testing/authority';
import { eventually, House } from '@eoffice/testing/house';
import { ServiceProcess } from '@eoffice/testing/service-process';
import { type Registered, SigningOffice } from '@eoffice/testing/signing-office';

describe('time stamps of signatures', () => {
  let house: House;
  let office: SigningOffice;
  let leaders: Registered;
  let service: ServiceProcess;
  const client = () => house.client(signing);

  beforeAll(async () => {
    house = await House.open();
    house.answerKeys();
    service = new ServiceProcess(house, 'signatures');
    service.start();
    const nobody = await house.as({});
    await eventually(() => house.client(trust).list({}, nobody), 20_000);
    office = await SigningOffice.open(house);
    leaders = await office.certificateFor('leader');
  }, 40_000);
  afterAll(async () => {
    await office?.close();
    await service?.kill();
    await house.close();
  });
  afterEach(() => {
    office.certifying.tsa = 'well';
  });

  const prepared = async () => {
    const { id: documentId } = await office.document();
    const input = { kind: 'personal', documentId, certificateId: leaders.id } as const;
    return eventually(() => client().prepare(input, office.leader));
  };
  const completed = async (made: Awaited<ReturnType<typeof prepared>>) => {
    const { id, token, toBeSigned } = made;
    const signature = signWith(leaders.keys, Buffer.from(toBeSigned, 'base64')).toString('base64');
    return client().complete({ id, token, signature }, office.leader);
  };
  const found = (id: string) => client().find({ id }, office.leader);
  const signedSoon = (id: string) =>
    eventually(async () => {
      const row = await found(id);
      expect(row.state).toBe('signed');
      return row;
    }, 30_000);

  it('are waited for while nobody is there to give one: nothing half signed is kept', async () => {
    const { id, state, sha256 } = await completed(await prepared());
    expect([state, sha256]).toEqual(['stamping', undefined]);
    expect((await found(id)).stampNote).toContain('Không có tổ chức cấp dấu thời gian');
    await office.addStamper('/tsa/first', 1);
    await office.addStamper('/tsa/second', 2);
    expect(await signedSoon(id)).toMatchObject({ level: 'B-T' });
  }, 40_000);

  it('come from the first authority by priority, and from the next when it fails', async () => {
    const { stamps } = office.certifying;
    stamps.length = 0;
    await completed(await prepared());
    expect(stamps).toEqual(['/tsa/first']);
  });

  it.each(['down', 'slow', 'lying'] as const)(
    'are not taken from authorities that are %s',
    async (way) => {
      office.certifying.tsa = way;
      office.certifying.stamps.length = 0;
      const { id, state } = await completed(await prepared());
      expect(state).toBe('stamping');
      const { stampNote } = await eventually(async () => {
        const row = await found(id);
        expect(row.stampNote).toContain('/tsa/second');
        return row;
      });
      expect(stampNote).toContain('TSA /tsa/first: ');
      expect(office.certifying.stamps).toEqual(['/tsa/first', '/tsa/second']);
      await wait(1_200);
      // It waits before it asks again.
      expect(office.certifying.stamps).toHaveLength(2);
      office.certifying.tsa = 'well';
      expect(await signedSoon(id)).toMatchObject({ level: 'B-T' });
    },
    60_000,
  );

  it('survive a process that is killed between hash and signature, and while it asks', async () => {
    const made = await prepared();
    await service.kill();
    service.start();
    office.certifying.tsa = 'down';
    const { id } = await eventually(() => completed(made), 20_000);
    const asking = await prepared();
    office.certifying.tsa = 'slow';
    void completed(asking).catch(() => {});
    await eventually(async () => {
      expect((await found(asking.id)).state).toBe('stamping');
    });
    await service.kill();
    office.certifying.tsa = 'well';
    service.start();
    expect(await signedSoon(id)).toMatchObject({ level: 'B-T' });
    expect(await eventually(() => signedSoon(asking.id), 60_000)).toMatchObject({ level: 'B-T' });
    await eventually(async () => {
      const told = await house.announced(documentSigned);
      const about = told.filter(({ data }) => [id, asking.id].includes(data.signatureId));
      expect(about).toHaveLength(2);
    });
  }, 120_000);

  it('are done without only where a dated policy says so, and the signature says that', async () => {
    office.certifying.tsa = 'down';
    const input = { code: 'stamp-wait-minutes', value: 0, validFrom: localDay() } as const;
    const legalBasis = 'Quyết định của tỉnh (thử nghiệm)';
    await house.client(certificatePolicies).enact({ ...input, legalBasis }, office.keeper);
    const row = await completed(await prepared());
    expect(row).toMatchObject({ state: 'signed', level: 'B-B' });
    expect(row.stampNote).toContain('stamp-wait-minutes');
  });
});
