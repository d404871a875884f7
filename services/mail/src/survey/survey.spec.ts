import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  assignmentChanged,
  type Caller,
  mailSurvey,
  mailSurveyClosed,
  officeHoursChanged,
  organisationChanged,
  personChanged,
  postChanged,
  type SurveyCode,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, localDay, weekdayOf } from '@eoffice/platform/local-time';
import { assignment, organisation, person, post } from '@eoffice/testing/directory';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { MailModule } from '../mail.module.js';
import { SurveyClosing } from './closing.js';
import { note } from './ledger.js';

const month = addDays(`${localDay().slice(0, 7)}-01`, -40).slice(0, 7);
const firstDay = `${month}-01`;
const workingDays = Array.from({ length: 31 }, (_, at) => addDays(firstDay, at)).filter(
  (day) => day.startsWith(month) && weekdayOf(day) <= 5,
);

describe('the survey of official mail', () => {
  let house: House;
  let database: Database;
  let closing: SurveyClosing;
  let reader: Caller;
  let boxes: Record<'an' | 'binh' | 'desk', string>;
  const agency = organisation({ symbol: 'UBND' });
  const agencyId = agency.organisationId;
  const an = person({ email: 'an@lamdong.gov.vn' });
  const binh = person({ email: 'binh@lamdong.gov.vn' });
  const chi = person({});
  const desk = post({ title: 'Văn thư', mailbox: 'vt@lamdong.gov.vn', agencyId, unitId: agencyId });
  const client = () => house.client(mailSurvey);
  const figure = async (code: SurveyCode, wanted = month) => {
    const { items } = await client().measure({ month: wanted, agencyId }, reader);
    return items.find((item) => item.code === code && !item.unitId);
  };

  /** What happened on days gone by, as it would have been noted then. */
  const past = (
    act: string,
    mailboxId: string,
    day: string,
    actor?: string,
    counterpart?: string,
  ) =>
    database.query(
      `insert into mail_ledger (at, day, act, mailbox_id, actor, counterpart)
       values ($1::date, $1, $2, $3, $4, $5)`,
      [day, act, mailboxId, actor, counterpart],
    );

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('mail', MailModule);
    database = app.get(Database);
    closing = app.get(SurveyClosing);
    reader = await house.as({ permissions: ['mail.read'], organisationId: agencyId });
    for (let weekday = 1; weekday <= 5; weekday++) {
      const officeHoursId = randomUUID();
      const hours = { opensAt: '07:30', closesAt: '17:00', validFrom: '2020-01-01' };
      await house.announce(officeHoursChanged, officeHoursId, { officeHoursId, weekday, ...hours });
    }
    await house.announce(organisationChanged, agencyId, agency);
    await house.announce(postChanged, desk.postId, desk);
    for (const one of [an, binh, chi]) {
      const validFrom = '2020-01-01';
      const held = assignment({ personId: one.personId, agencyId, unitId: agencyId, validFrom });
      await house.announce(assignmentChanged, held.assignmentId, held);
      await house.announce(personChanged, one.personId, one);
    }
    boxes = await eventually(async () => {
      const rows = await database.query<{ id: string; address: string }>(
        `select id, address from mailbox where agency_id is not null`,
      );
      const [days] = await database.query<{ count: number }>(
        'select count(*)::int as count from known_office_hours',
      );
      expect([rows.length, days!.count]).toEqual([3, 5]);
      const of = (address: string) => rows.find((row) => row.address === address)!.id;
      return { an: of(an.email!), binh: of(binh.email!), desk: of('vt@lamdong.gov.vn') };
    });
  });
  afterAll(() => house.close());

  it('is not for those without a post that may read it', async () => {
    const outside = await house.as({ permissions: ['mail.read'], organisationId: randomUUID() });
    expect(await problemOf(client().measure({ month, agencyId }, outside))).toBe('forbidden');
    expect((await client().measure({ month }, outside)).items).toEqual([]);
    expect(await problemOf(client().measure({ month: '2026-13' }, reader))).toBe('invalid');
  });

  it('counts people in office, whether or not they have a mailbox', async () => {
    const now = localDay().slice(0, 7);
    expect(await figure('MAIL_COVER', now)).toMatchObject({ value: 2, of: 3, version: 1 });
    expect(await figure('MAIL_NEVER', now)).toMatchObject({ value: 2, of: 2 });
  });

  it('lists who does not use the box and who never opened it', async () => {
    await database.transaction({}, (manager) =>
      note(manager, [
        { act: 'received', mailboxId: boxes.binh, counterpart: 'other' },
        { act: 'opened', mailboxId: boxes.an, actor: an.personId },
      ]),
    );
    const { items } = await client().idle({ agencyId, days: 30 }, reader);
    expect(items).toMatchObject([
      { address: 'binh@lamdong.gov.vn', neverOpened: true, received: 1 },
      { address: 'vt@lamdong.gov.vn', neverOpened: true, received: 0 },
    ]);
  });

  it('counts a month that is over for good, from what happened in it alone', async () => {
    await database.query(
      `insert into survey_mailbox (day, mailbox_id, kind, owner_id, unit_id, agency_id, open)
       select $1, mailbox_id, kind, owner_id, unit_id, agency_id, open from survey_mailbox`,
      [firstDay],
    );
    for (const day of workingDays) await past('opened', boxes.an, day, an.personId);
    for (const day of workingDays.slice(0, 5)) await past('opened', boxes.desk, day, binh.personId);
    await past('opened', boxes.desk, addDays(firstDay, -1), binh.personId);
    await past('sent', boxes.an, workingDays[0]!, an.personId, 'private');
    await past('received', boxes.binh, workingDays[0]!, undefined, 'official');
    await database.query(
      `insert into mail_ledger (day, act, mailbox_id, counterpart, automatic)
       values ($1, 'received', $2, 'private', true)`,
      [workingDays[0], boxes.an],
    );
    const declaration = { agencyId, month, code: 'MAIL_REGULAR' as const, value: 3, of: 3 };
    expect(await problemOf(client().declare(declaration, reader))).toBe('forbidden');
    const head = await house.as({ permissions: ['mail.declare'], organisationId: agencyId });
    await client().declare({ ...declaration, value: 2 }, head);
    await client().declare(declaration, head);

    expect((await closing.close())[0]).toBe(month);
    expect(await closing.close()).toEqual([]);
    const [event] = await house.announced(mailSurveyClosed);
    const survey = await client().measure({ month, agencyId }, reader);
    expect(survey).toMatchObject({ closed: true, sha256: event!.data.sha256 });
    expect(await figure('MAIL_COVER')).toMatchObject({ value: 2, of: 3 });
    expect(await figure('MAIL_REGULAR')).toMatchObject({
      ...{ value: 1, of: 3, declared: 3, declaredOf: 3 },
    });
    expect(await figure('MAIL_NEVER')).toMatchObject({ value: 0, of: 2 });
    expect(await figure('MAIL_DAILY')).toMatchObject({ value: 5, of: workingDays.length });
    expect(await figure('MAIL_PRIVATE')).toMatchObject({ value: 1, of: 2 });
    expect(await problemOf(client().declare(declaration, head))).toBe('mail/month-closed');
  });

  it('comes out the same when it is counted again, whatever has happened since', async () => {
    await past('opened', boxes.binh, workingDays[0]!, binh.personId);
    await house.announce(personChanged, an.personId, { ...an, active: false });
    await eventually(async () => {
      const rows = await database.query(`select 1 from mailbox where state = 'closed'`);
      expect(rows).toHaveLength(1);
    });
    const recount = await client().recount({ month }, reader);
    expect(recount).toMatchObject({ equal: true, counted: recount.kept });
    expect(await figure('MAIL_REGULAR')).toMatchObject({ value: 1 });
    await expect(database.query('delete from mail_ledger')).rejects.toThrow();
    await expect(database.query('update survey_month set closed_at = now()')).rejects.toThrow();
  });

  it('is taken away as a workbook and as a chart', async () => {
    const sheet = await client().export({ month, agencyId, format: 'xlsx' }, reader);
    expect(sheet).toMatchObject({ name: `thu-cong-vu-${month}.xlsx`, size: expect.any(Number) });
    const chart = await client().export({ month, agencyId, format: 'svg' }, reader);
    expect(chart.mediaType).toBe('image/svg+xml');
    expect(chart.size).toBeGreaterThan(500);
  });
});
