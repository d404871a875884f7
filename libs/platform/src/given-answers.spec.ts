import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House, problemOf } from '@eoffice/testing/house';
import { trial, TrialModule, trialService, TrialTables } from '@eoffice/testing/trial';

describe('an idempotency key', () => {
  let house: House;
  let tables: TrialTables;
  let app: Awaited<ReturnType<House['start']>>;

  beforeAll(async () => {
    house = await House.open();
    tables = await TrialTables.make(house);
    app = await house.start(trialService, TrialModule);
  });
  afterAll(async () => {
    await tables.close();
    await house.close();
  });

  const note = (text: string, more: object = {}) => ({
    ...{ subject: 'ghi chú', text, delayMs: 0, crash: false },
    ...more,
  });
  const somebody = (idempotencyKey: string, accountId = randomUUID()) =>
    house.as({ permissions: ['mail.manage'], idempotencyKey, accountId });
  const write = (input: object, caller: Awaited<ReturnType<typeof somebody>>) =>
    house.client(trial).write(input as never, caller);
  const notes = async (text: string) =>
    (await tables.rows('select from note where text = $1', [text])).length;

  it('gives one answer to twenty requests at the same instant, and writes once', async () => {
    const caller = await somebody('một');
    const input = note('song song', { delayMs: 20 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => write(input, caller)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await notes('song song')).toBe(1);
    const audit = await tables.rows(`select from audit where stream = 'ghi chú'`);
    expect(audit).toHaveLength(1);
  });

  it('is refused with another input, and is somebody’s own', async () => {
    const caller = await somebody('hai');
    const first = await write(note('của tôi'), caller);
    await expect(write(note('khác'), caller)).rejects.toMatchObject({
      ...{ status: 422, type: 'idempotency-key-reused' },
    });
    expect(await notes('khác')).toBe(0);
    const other = await write(note('của người khác'), await somebody('hai'));
    expect(other.id).not.toBe(first.id);
  });

  it('gives the answer though the service fell over after it had written', async () => {
    const caller = await somebody('ba');
    const first = await write(note('sập', { crash: true }), caller);
    expect(await write(note('sập', { crash: true }), caller)).toEqual(first);
    expect(await notes('sập')).toBe(1);
    expect(
      await problemOf(
        write(
          note('sập không khóa', { crash: true }),
          await house.as({
            permissions: ['mail.manage'],
          }),
        ),
      ),
    ).toBe('unexpected');
  });

  it('remembers nothing of what failed: the next attempt does the work', async () => {
    await write(note('trùng'), await somebody('bốn'));
    const caller = await somebody('năm');
    expect(await problemOf(write(note('trùng'), caller))).toBe('conflict');
    await tables.own.query(`delete from note where text = 'trùng'`);
    expect((await write(note('trùng'), caller)).id).toBeTruthy();
  });

  it('outlives the process that answered', async () => {
    const caller = await somebody('sáu');
    const first = await write(note('khởi động lại'), caller);
    await house.stop(app);
    app = await house.start(trialService, TrialModule);
    expect(await write(note('khởi động lại'), caller)).toEqual(first);
    expect(await notes('khởi động lại')).toBe(1);
  });
});
