import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Caller,
  Figures,
  organisationChanged,
  personChanged,
  recommendationMade,
  type Visit,
  visitClosed,
  visits,
} from '@eoffice/contracts';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { organisation, person } from '@eoffice/testing/directory';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { InspectionsModule } from '../inspections.module.js';

describe('working visits', () => {
  let house: House;
  let inspector: Caller;
  let unit: Caller;
  let visit: Visit;
  const sender = organisation({ name: 'Sở Khoa học và Công nghệ' });
  const ward = organisation({ name: 'UBND phường 1 Bảo Lộc' });
  const commune = organisation({ name: 'UBND xã Bảo Lâm 1' });
  const head = person({ fullName: 'Đỗ Đạt' });
  const today = localDay();
  const opening = {
    organisationId: sender.organisationId,
    title: 'Kiểm tra <ứng dụng> công nghệ thông tin tại Bảo Lộc',
    legalBasis: 'Quyết định 15/QĐ-SKHCN',
    from: today,
    to: addDays(today, 2),
    members: [{ personId: head.personId, role: 'head' as const }],
    units: [
      { organisationId: ward.organisationId, on: today },
      { organisationId: commune.organisationId, on: addDays(today, 1) },
    ],
  };
  const client = () => house.client(visits);

  beforeAll(async () => {
    house = await House.open();
    await house.start('inspections', InspectionsModule);
    for (const each of [sender, ward, commune]) {
      await house.announce(organisationChanged, each.organisationId, each);
    }
    await house.announce(personChanged, head.personId, head);
    const permissions = ['inspections.read', 'inspections.manage', 'inspections.follow-up'];
    const { organisationId } = sender;
    inspector = await house.as({ permissions, organisationId, personId: head.personId });
    unit = await house.as({
      permissions: ['inspections.read', 'inspections.follow-up'],
      organisationId: ward.organisationId,
    });
    visit = await eventually(() => client().open(opening, inspector));
  });
  afterAll(() => house.close());

  it('have one head, days that fit, and a sender whose inspector opens them', async () => {
    const two = [...opening.members, { personId: ward.organisationId, role: 'head' as const }];
    expect(await problemOf(client().open({ ...opening, members: two }, inspector))).toBe('invalid');
    const late = [{ organisationId: ward.organisationId, on: addDays(today, 9) }];
    expect(await problemOf(client().open({ ...opening, units: late }, inspector))).toBe('invalid');
    expect(await problemOf(client().open(opening, unit))).toBe('forbidden');
    expect(visit).toMatchObject({ state: 'open', version: 1, from: today });
  });

  it('record findings, recommend with a deadline, and hear what was done', async () => {
    const { id } = visit;
    const { organisationId } = ward;
    const finding = await client().record(
      { id, organisationId, text: 'Chưa dùng chữ ký số' },
      inspector,
    );
    expect(
      await problemOf(
        client().record({ id, organisationId: sender.organisationId, text: 'x' }, inspector),
      ),
    ).toBe('invalid');
    expect(await problemOf(client().record({ id, organisationId, text: 'x' }, unit))).toBe(
      'forbidden',
    );
    const made = await client().recommend(
      {
        id,
        organisationId,
        findingId: finding.id,
        text: 'Cấp chứng thư số',
        dueOn: addDays(today, -1),
      },
      inspector,
    );
    expect(made).toMatchObject({ state: 'open', late: true, followUps: [] });
    expect((await house.announced(recommendationMade))[0]!.data.dueOn).toBe(addDays(today, -1));
    const stranger = await house.as({
      permissions: ['inspections.follow-up'],
      organisationId: commune.organisationId,
    });
    expect(
      await problemOf(client().followUp({ id: made.id, text: 'x', done: true }, stranger)),
    ).toBe('forbidden');
    await client().followUp({ id: made.id, text: 'Đã gửi hồ sơ', done: false }, unit);
    const done = await client().followUp({ id: made.id, text: 'Đã cấp', done: true }, unit);
    expect(done).toMatchObject({ state: 'done', late: false });
    expect(done.followUps.map(({ text }) => text)).toEqual(['Đã gửi hồ sơ', 'Đã cấp']);
    expect(await problemOf(client().followUp({ id: made.id, text: 'x', done: true }, unit))).toBe(
      'inspections/visit-state',
    );
  });

  it('are seen by who sent them and who was visited, and by nobody else', async () => {
    expect((await client().list({}, unit)).items.map(({ id }) => id)).toEqual([visit.id]);
    const far = await house.as({
      permissions: ['inspections.read'],
      organisationId: head.personId,
    });
    expect((await client().list({}, far)).items).toEqual([]);
    expect(await problemOf(client().find({ id: visit.id }, far))).toBe('not-found');
  });

  it('report what the other services measured, and never a zero for what none did', async () => {
    const figure = {
      organisationId: ward.organisationId,
      code: 'documents.registered',
      unit: 'văn bản',
    };
    const answer: Figures = { items: [{ ...figure, name: 'Văn bản đến', value: 12 }] };
    house.nats.subscribe('documents.figures.measure', {
      callback: (_, message) => void message.respond(JSON.stringify(answer)),
    });
    await house.nats.flush();
    const { figures } = await client().report({ id: visit.id }, inspector);
    expect(figures).toContainEqual(
      expect.objectContaining({ source: 'documents', unit: ward.name, measured: true, value: 12 }),
    );
    const mail = figures.filter(({ source }) => source === 'mail');
    expect(mail).toHaveLength(2);
    expect(mail.every(({ measured, value }) => !measured && value === undefined)).toBe(true);
    const { html } = await client().reportPage({ id: visit.id }, inspector);
    expect(html).toContain('Kiểm tra &#60;ứng dụng&#62;');
    expect(html).toContain('12 văn bản');
    expect(html).toContain('không đo được');
  });

  it('are closed once, by who has read them', async () => {
    const { id } = visit;
    expect(await problemOf(client().close({ id, version: 5 }, inspector))).toBe('changed');
    expect(await client().close({ id, version: 1 }, inspector)).toMatchObject({ state: 'closed' });
    await house.announced(visitClosed);
    const late = { id, organisationId: ward.organisationId, text: 'x' };
    expect(await problemOf(client().record(late, inspector))).toBe('inspections/visit-state');
  });
});
