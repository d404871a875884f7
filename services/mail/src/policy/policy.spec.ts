import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, mailPolicy, mailPolicyChanged } from '@eoffice/contracts';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { House, problemOf } from '@eoffice/testing/house';
import { MailModule } from '../mail.module.js';

const legalBasis = 'Quyết định của UBND tỉnh';
const today = localDay();

describe('the policy of official mail', () => {
  let house: House;
  let keeper: Caller;
  let official: Caller;
  const client = () => house.client(mailPolicy);
  const tried = async (mail: {
    senders?: string[];
    recipients?: string[];
    fileNames?: string[];
  }) => {
    const input = { way: 'out' as const, senders: [], recipients: [], ...mail };
    return (await client().try(input, official)).items;
  };

  beforeAll(async () => {
    house = await House.open();
    await house.start('mail', MailModule);
    keeper = await house.as({ permissions: ['mail.keep-policy'], reach: 'all' });
    official = await house.as({});
  });
  afterAll(() => house.close());

  it('refuses a Gmail address, by a rule that says which version it is', async () => {
    const { rules } = await client().show({}, official);
    const { id, legalBasis } = rules.find(({ code }) => code === 'private-recipient')!;
    expect(await tried({ recipients: ['"vanthu@lamdong.gov.vn" <x@gmail.com>'] })).toEqual([
      {
        ...{ ruleId: id, code: 'private-recipient', action: 'refuse', legalBasis },
        ...{ where: 'To', what: 'x@gmail.com' },
      },
    ]);
    expect(await tried({ recipients: ['x@lamdong.gov.vn'] })).toEqual([]);
  });

  it('is changed by who reaches everything, by rows that begin and end on days', async () => {
    const rule = {
      ...{ code: 'private-recipient' as const, action: 'flag' as const, words: [] },
      ...{ validFrom: today, legalBasis },
    };
    expect(await problemOf(client().enact(rule, official))).toBe('forbidden');
    const near = await house.as({ permissions: ['mail.keep-policy'], reach: 'bloc' });
    expect(await problemOf(client().enact(rule, near))).toBe('forbidden');
    const made = await client().enact(rule, keeper);
    expect(await problemOf(client().enact(rule, keeper))).toBe('conflict');
    expect(await tried({ recipients: ['x@gmail.com'] })).toMatchObject([
      { action: 'flag', ruleId: made.id },
    ]);
    const [event] = await house.announced(mailPolicyChanged);
    expect(event!.data).toEqual({ subject: made.id });
    await client().end({ id: made.id, validTo: addDays(today, -1) }, keeper);
    expect(await tried({ recipients: ['x@gmail.com'] })).toMatchObject([{ action: 'refuse' }]);
    const nobody = { id: crypto.randomUUID(), validTo: today };
    expect(await problemOf(client().end(nobody, keeper))).toBe('not-found');
  });

  it('takes domains as people write them, and forgets them on a day', async () => {
    const row = { verdict: 'private' as const, validFrom: today, legalBasis };
    const added = await client().enactDomain({ ...row, domain: 'Thư-Riêng.VN' }, keeper);
    expect(added.domain).toMatch(/^xn--.*\.vn$/);
    expect(await tried({ recipients: ['x@thư-riêng.vn'] })).toHaveLength(1);
    expect(await problemOf(client().enactDomain({ ...row, domain: 'thư-riêng.vn' }, keeper))).toBe(
      'conflict',
    );
    expect(await problemOf(client().enactDomain({ ...row, domain: 'không' }, keeper))).toBe(
      'invalid',
    );
    const end = { domain: 'thư-riêng.vn', validFrom: today, validTo: addDays(today, -1) };
    await client().endDomain(end, keeper);
    expect(await tried({ recipients: ['x@thư-riêng.vn'] })).toEqual([]);
  });
});
