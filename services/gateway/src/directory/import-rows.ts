import { randomUUID } from 'node:crypto';
import {
  AssignPost,
  type Caller,
  type Class,
  CreatePost,
  Invalid,
  type OrganisationVersion,
  parse,
  RecordSuccession,
  RegisterOrganisation,
  RegisterPerson,
  type RunImport,
  type Sentence,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';
import {
  changeOrganisation,
  findVersion,
  recordSuccession,
  registerOrganisation,
} from './organisations.js';
import { writeAssignment, writePerson, writePost } from './people.js';
import { mustReachPost } from './reach.js';

const permission = 'directory.import';

const columns = {
  organisations: {
    code: { headings: ['Mã', 'code'] },
    bloc: { headings: ['Khối', 'bloc'] },
    parent: { headings: ['Mã cấp trên', 'parent'], optional: true },
    kind: { headings: ['Loại', 'kind'] },
    agency: { headings: ['Là cơ quan', 'agency'], optional: true },
    name: { headings: ['Tên', 'name'] },
    shortName: { headings: ['Tên tắt', 'short name'] },
    symbol: { headings: ['Ký hiệu', 'symbol'] },
    identifier: { headings: ['Mã định danh', 'identifier'], optional: true },
    administrativeCode: { headings: ['Mã hành chính', 'administrative code'], optional: true },
    place: { headings: ['Địa danh', 'place'], optional: true },
    validFrom: { headings: ['Từ ngày', 'valid from'] },
    validTo: { headings: ['Đến ngày', 'valid to'], optional: true },
    legalBasis: { headings: ['Căn cứ', 'legal basis'] },
  },
  people: {
    name: { headings: ['Họ và tên', 'full name'] },
    email: { headings: ['Thư công vụ', 'email'] },
    unit: { headings: ['Mã đơn vị', 'unit'] },
    code: { headings: ['Mã chức vụ', 'post code'] },
    title: { headings: ['Chức vụ', 'title'] },
    roles: { headings: ['Vai trò', 'roles'], optional: true },
    mailbox: { headings: ['Hộp thư chức vụ', 'mailbox'], optional: true },
    leads: { headings: ['Lãnh đạo đơn vị', 'leads'], optional: true },
    signs: { headings: ['Ký văn bản', 'signs'], optional: true },
    reach: { headings: ['Phạm vi', 'reach'], optional: true },
    validFrom: { headings: ['Từ ngày', 'valid from'] },
    validTo: { headings: ['Đến ngày', 'valid to'], optional: true },
  },
  successions: {
    from: { headings: ['Mã cũ', 'from'] },
    to: { headings: ['Mã mới', 'to'], optional: true },
    kind: { headings: ['Hình thức', 'kind'] },
    scope: { headings: ['Phạm vi', 'scope'], optional: true },
    effectiveOn: { headings: ['Ngày hiệu lực', 'effective on'] },
    legalBasis: { headings: ['Căn cứ', 'legal basis'] },
  },
};

export type ImportRecord = Partial<Record<string, string>>;
type Outcome = { outcome: 'new' | 'unchanged'; what?: string };

/** The columns of a kind of table: field → headings that are accepted. */
export function columnsFor(
  kind: RunImport['kind'],
): Record<string, { headings: string[]; optional?: boolean }> {
  return columns[kind];
}

/** Writes one row, or finds that the directory says it already. Throws the Problem of the row. */
export function writeRow(
  kind: RunImport['kind'],
  given: ImportRecord,
  manager: EntityManager,
  emit: Emit,
  caller: Caller,
): Promise<Outcome> {
  if (kind === 'organisations') return writeOrganisation(given, manager, emit, caller);
  if (kind === 'people') return writeHolder(given, manager, emit, caller);
  return writeSuccession(given, manager, emit, caller);
}

async function writeOrganisation(
  { parent, agency, ...given }: ImportRecord,
  manager: EntityManager,
  emit: Emit,
  caller: Caller,
): Promise<Outcome> {
  const parentId = parent ? (await organisationOf(manager, parent, '/parent')).id : undefined;
  const input = read(RegisterOrganisation, { ...given, parentId, agency: yes(agency) });
  caller.acting(permission, { id: parentId ?? '', bloc: input.bloc });
  const [existing] = await manager.query<{ id: string; last: string }[]>(
    `select o.id, max(v.valid_from)::text as last from organisation o
     join organisation_version v on v.organisation_id = o.id where o.code = $1 group by o.id`,
    [input.code],
  );
  if (!existing) {
    await registerOrganisation(manager, emit, input);
    return { outcome: 'new', what: input.name };
  }
  const { bloc: _, code: __, ...facts } = input;
  if (facts.validFrom <= existing.last) return { outcome: 'unchanged', what: input.name };
  await changeOrganisation(manager, emit, { id: existing.id, ...facts });
  return { outcome: 'new', what: input.name };
}

/** A person is known by their official address, a post by its code: names are never keys. */
async function writeHolder(
  { name, email, unit, code, ...given }: ImportRecord,
  manager: EntityManager,
  emit: Emit,
  caller: Caller,
): Promise<Outcome> {
  const { fullName, email: address } = read(RegisterPerson, { fullName: name, email });
  const { id: unitId } = await organisationOf(manager, unit ?? '', '/unit');
  const on = given.validFrom ?? '';
  const post = read(CreatePost, {
    unitId,
    ...given,
    reach: given.reach ?? 'organisation',
    leads: yes(given.leads),
    signs: yes(given.signs),
    roles: (given.roles ?? '').split(/[\s,;]+/).filter(Boolean),
  });
  const version = await findVersion(manager, unitId, on);
  if (!version) throw wrongField('/unit', noUnit);
  caller.acting(permission, { id: version.agencyId, bloc: version.bloc });

  const [person] = await manager.query<{ id: string }[]>(
    'select person_id as id from person where lower(email) = lower($1)',
    [address],
  );
  const personId = person?.id ?? randomUUID();
  if (!person) {
    await writePerson(manager, emit, { personId, fullName, email: address, active: true });
  }
  const [known] = await manager.query<{ id: string }[]>(
    'select post_id as id from post_grant where code = $1',
    [code],
  );
  const postId =
    known?.id ??
    (await writePost(manager, emit, post, version.agencyId, version.bloc, code)).postId;
  await mustReachPost(manager, caller, permission, postId);
  const held = await manager.query<unknown[]>(
    'select 1 from assignment where person_id = $1 and post_id = $2 and valid_from = $3',
    [personId, postId, on],
  );
  if (held.length > 0) return { outcome: 'unchanged', what: fullName };
  const { validTo } = given;
  const assigned = read(AssignPost, { personId, postId, validFrom: on, validTo });
  await writeAssignment(manager, emit, assigned, { unitId, agencyId: version.agencyId });
  return { outcome: 'new', what: fullName };
}

async function writeSuccession(
  { from, to, ...given }: ImportRecord,
  manager: EntityManager,
  emit: Emit,
  caller: Caller,
): Promise<Outcome> {
  const source = await organisationOf(manager, from ?? '', '/from');
  const target = to ? await organisationOf(manager, to, '/to') : undefined;
  const input = read(RecordSuccession, { fromId: source.id, toId: target?.id, ...given });
  caller.acting(permission, { id: source.id, bloc: source.bloc });
  const what = `${from} → ${to ?? ''}`;
  const known = await manager.query<unknown[]>(
    `select 1 from succession where from_id = $1 and to_id is not distinct from $2
     and kind = $3 and effective_on = $4 and scope is not distinct from $5`,
    [source.id, target?.id ?? null, input.kind, input.effectiveOn, input.scope ?? null],
  );
  if (known.length > 0) return { outcome: 'unchanged', what };
  await recordSuccession(manager, emit, input, source.bloc);
  return { outcome: 'new', what };
}

async function organisationOf(manager: EntityManager, code: string, pointer: string) {
  const [found] = await manager.query<{ id: string; bloc: OrganisationVersion['bloc'] }[]>(
    'select id, bloc from organisation where code = $1',
    [code],
  );
  if (found) return found;
  throw wrongField(pointer, {
    vi: `không có cơ quan mã ${code}`,
    en: `names no organisation with the code ${code}`,
  });
}

const noUnit: Sentence = {
  vi: 'đơn vị chưa có hoặc đã hết hiệu lực vào ngày đó',
  en: 'the unit does not exist on that day',
};
const wrongField = (pointer: string, detail: Sentence) => new Invalid([{ pointer, detail }]);
const yes = (cell?: string) => /^(x|1|có|co|true|yes)$/i.test(cell ?? '');

/** Reads a row as the operation would, so that a file can say nothing that a request could not. */
function read<T extends object>(type: Class<T>, row: Record<string, unknown>): T {
  return parse(type, row, { textual: true });
}
