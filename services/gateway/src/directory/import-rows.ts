import { randomUUID } from 'node:crypto';
import {
  AssignPost,
  type Caller,
  type Class,
  CreatePost,
  Invalid,
  parse,
  type Place,
  RecordSuccession,
  RegisterOrganisation,
  RegisterPerson,
  type RunImport,
  type Sentence,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { typedDay } from '@eoffice/platform/local-time';
import type { SheetColumns } from '@eoffice/platform/sheets';
import type { EntityManager } from 'typeorm';
import { writeAssignment, writePerson, writePost } from './holding.js';
import {
  changeOrganisation,
  findVersion,
  idOfCode,
  lockLatest,
  registerOrganisation,
} from './organisation-versions.js';
import { recordSuccession } from './succession.js';
import { mustManage, mustReach } from './tenancy.js';

const permission = 'directory.import';

const columns: Record<RunImport['kind'], SheetColumns<string>> = {
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
export function columnsFor(kind: RunImport['kind']): SheetColumns<string> {
  return columns[kind];
}

/** Writes one row, or finds that the directory says it already. Throws the Problem of the row. */
export function writeRow(
  kind: RunImport['kind'],
  record: ImportRecord,
  manager: EntityManager,
  emit: Emit,
  caller: Caller,
): Promise<Outcome> {
  const given = { ...record };
  for (const name of ['validFrom', 'validTo', 'effectiveOn']) {
    if (given[name]) given[name] = typedDay(given[name]);
  }
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
  const above = parent ? await organisationOf(manager, parent, '/parent') : undefined;
  const input = read(RegisterOrganisation, { ...given, parentId: above, agency: yes(agency) });
  mustHave({ code: input.code });
  const existing = await idOfCode(manager, input.code!);
  if (!existing) {
    const on = above ? await findVersion(manager, above, input.validFrom, [input.bloc]) : undefined;
    caller.acting(permission, { id: on?.agencyId ?? '', bloc: input.bloc });
    await registerOrganisation(manager, emit, input, on);
    return { outcome: 'new', what: input.name };
  }
  const latest = await lockLatest(manager, existing);
  mustManage(caller, { id: latest.agencyId, bloc: latest.bloc }, permission);
  const { bloc: _, code: __, ...facts } = input;
  if (facts.validFrom <= latest.validFrom) return { outcome: 'unchanged', what: input.name };
  await changeOrganisation(manager, emit, latest, facts);
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
  mustHave({ email: address, code });
  const unitId = await organisationOf(manager, unit ?? '', '/unit');
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
  const place = { id: version.agencyId, bloc: version.bloc };
  mustManage(caller, place, permission);
  mustReach(caller, { ...post, bloc: place.bloc }, permission);

  const [person] = await manager.query<{ id: string }[]>(
    'select person_id as id from person where lower(email) = lower($1)',
    [address],
  );
  const personId = person?.id ?? randomUUID();
  if (!person) {
    const fresh = { personId, fullName, email: address, active: true };
    await writePerson(manager, emit, fresh, { bloc: place.bloc });
  }
  const postId = await postOf(manager, emit, post, place, code);
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

/**
 * The post with this code, made if there is none: it is there as long as its unit, whoever holds it.
 * One of another unit is not meant: a wrong row.
 */
async function postOf(
  manager: EntityManager,
  emit: Emit,
  post: CreatePost,
  place: Place,
  code?: string,
): Promise<string> {
  const [known] = await manager.query<{ id: string; unitId: string }[]>(
    `select t.post_id as id, t.unit_id as "unitId"
     from post_grant g join post t using (post_id) where g.code = $1`,
    [code],
  );
  if (!known) {
    const [unit] = await manager.query<{ first: string }[]>(
      'select min(valid_from) as first from organisation_version where organisation_id = $1',
      [post.unitId],
    );
    const lasting = { ...post, validFrom: unit!.first, validTo: undefined };
    return (await writePost(manager, emit, lasting, place, code)).postId;
  }
  if (known.unitId === post.unitId) return known.id;
  throw wrongField('/code', {
    vi: `mã ${code} là chức vụ của đơn vị khác`,
    en: `the code ${code} is a post of another unit`,
  });
}

async function writeSuccession(
  { from, to, ...given }: ImportRecord,
  manager: EntityManager,
  emit: Emit,
  caller: Caller,
): Promise<Outcome> {
  const source = await organisationOf(manager, from ?? '', '/from');
  const target = to ? await organisationOf(manager, to, '/to') : undefined;
  const input = read(RecordSuccession, { fromId: source, toId: target, ...given });
  const { agencyId, bloc } = await lockLatest(manager, source);
  mustManage(caller, { id: agencyId, bloc }, permission);
  const what = `${from} → ${to ?? ''}`;
  const known = await manager.query<unknown[]>(
    `select 1 from succession where from_id = $1 and to_id is not distinct from $2
     and kind = $3 and effective_on = $4 and scope is not distinct from $5`,
    [source, target ?? null, input.kind, input.effectiveOn, input.scope ?? null],
  );
  if (known.length > 0) return { outcome: 'unchanged', what };
  await recordSuccession(manager, emit, input, bloc);
  return { outcome: 'new', what };
}

const known = new WeakMap<EntityManager, Map<string, string>>();

/** The organisation with a code, looked up once an import: thousands of rows name the same few. */
async function organisationOf(manager: EntityManager, code: string, pointer: string) {
  const ids = known.get(manager) ?? new Map<string, string>();
  known.set(manager, ids);
  const id = ids.get(code) ?? (await idOfCode(manager, code));
  if (!id) {
    throw wrongField(pointer, {
      vi: `không có cơ quan mã ${code}`,
      en: `names no organisation with the code ${code}`,
    });
  }
  ids.set(code, id);
  return id;
}

/** Without its key a row would be new at every run. */
function mustHave(keys: Record<string, string | undefined>) {
  const missing = Object.keys(keys).find((name) => !keys[name]);
  if (missing) throw wrongField(`/${missing}`, { vi: 'bắt buộc phải có', en: 'is required' });
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
