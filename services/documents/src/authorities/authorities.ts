import { randomUUID } from 'node:crypto';
import {
  authorities,
  authorityEnded,
  AuthorityEnded,
  authorityGranted,
  type AuthorityPage,
  type Caller,
  Changed,
  cursorOf,
  type EndAuthority,
  GrantAuthority,
  Invalid,
  keyOf,
  type ListAuthorities,
  NotFound,
  NotHandedOn,
  type Sentence,
  type SigningAuthority,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { placeOf } from '../directory/known-organisations.js';

const permission = 'documents.approve';
const columns = `${columnsOf(GrantAuthority, 'a')}, a.id, p.full_name as person,
  a.granted_by as "grantedBy", a.granted_at as "grantedAt", a.ended_at as "endedAt",
  a.end_reason as "endReason", a.version`;
const rows = 'signing_authority a left join known_person p on p.person_id = a.person_id';

/** Serves the written authorities to sign by order (TL.) and by authority (TUQ.). */
@Serves(authorities)
export class Authorities {
  constructor(private readonly database: Database) {}

  grant(input: GrantAuthority, caller: Caller): Promise<SigningAuthority> {
    mustLast(input);
    return this.database.transaction(caller, async (manager, emit) => {
      const { organisationId, personId } = input;
      caller.acting(permission, await placeOf(manager, organisationId));
      await mustSignThemselves(manager, organisationId, caller);
      await mustFit(manager, input, caller);
      const id = randomUUID();
      await manager.query(
        `insert into signing_authority (id, organisation_id, person_id, capacity, delegated_from,
           document_types, valid_from, valid_to, legal_basis, granted_by)
         values ($1, $2, $3, $4, 'head', $5, $6, $7, $8, $9)`,
        [
          ...[id, organisationId, personId, input.capacity, input.documentTypes],
          ...[input.validFrom, input.validTo, input.legalBasis, caller.personId],
        ],
      );
      emit(authorityGranted, id, { authorityId: id, organisationId, personId });
      return this.find(manager, id);
    });
  }

  async list(input: ListAuthorities, caller: Caller): Promise<AuthorityPage> {
    const { limit = 50, after, organisationId, on } = input;
    const place = await placeOf(this.database.manager, organisationId);
    if (!caller.may('documents.read', place)) throw new NotFound();
    const [at = null, id = null] = keyOf(after) ?? [];
    const items = await this.database.query<SigningAuthority & { sortKey: string }>(
      `select ${columns}, a.granted_at::text as "sortKey" from ${rows}
       where a.organisation_id = $1
         and ($2::date is null or ($2 between a.valid_from and a.valid_to and a.ended_at is null))
         and ($3::timestamptz is null or (a.granted_at, a.id) < ($3, $4::uuid))
       order by a.granted_at desc, a.id desc limit $5`,
      [organisationId, on ?? null, at, id, limit],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.sortKey, last.id) };
  }

  end({ id, version, reason }: EndAuthority, caller: Caller): Promise<SigningAuthority> {
    return this.database.transaction(caller, async (manager, emit) => {
      await manager.query('select from signing_authority where id = $1 for update', [id]);
      const authority = await this.find(manager, id);
      const { organisationId, personId } = authority;
      const place = await placeOf(manager, organisationId);
      if (!caller.may('documents.read', place)) throw noAuthority();
      caller.acting(permission, place);
      if (authority.version !== version) throw new Changed();
      if (authority.endedAt || authority.validTo < localDay()) throw new AuthorityEnded();
      await manager.query(
        `update signing_authority set ended_at = now(), end_reason = $2, version = version + 1
         where id = $1`,
        [id, reason],
      );
      emit(authorityEnded, id, { authorityId: id, organisationId, personId });
      return this.find(manager, id);
    });
  }

  private async find(manager: EntityManager, id: string): Promise<SigningAuthority> {
    const [found] = await manager.query<SigningAuthority[]>(
      `select ${columns} from ${rows} where a.id = $1`,
      [id],
    );
    if (!found) throw noAuthority();
    return found;
  }
}

/**
 * Only who holds a post that signs delegates: not who signs by authority (Art. 13), and not who
 * stands in for the holder, which would be a handing on by another name.
 */
async function mustSignThemselves(manager: EntityManager, agencyId: string, caller: Caller) {
  const post = await postsOf(manager, agencyId, caller.personId, localDay());
  if (!post?.signs) throw new NotHandedOn();
}

/** By order signs the head of a unit, by authority somebody of the agency; types must exist. */
async function mustFit(manager: EntityManager, input: GrantAuthority, { personId }: Caller) {
  if (input.personId === personId) {
    throw wrong('/personId', { vi: 'phải là người khác', en: 'must be somebody else' });
  }
  const post = await postsOf(manager, input.organisationId, input.personId, input.validFrom);
  if (!post) {
    throw wrong('/personId', {
      vi: 'không giữ chức vụ nào ở cơ quan vào ngày đó',
      en: 'holds no post of the agency on that day',
    });
  }
  if (input.capacity === 'TL' && !post.leads) {
    throw wrong('/personId', {
      vi: 'chỉ người đứng đầu đơn vị ký thừa lệnh',
      en: 'only the head of a unit signs by order',
    });
  }
  const types = await manager.query<{ code: string }[]>(
    `select code from document_type where code = any ($1) and valid_from <= $2
     and (valid_to is null or valid_to >= $2)`,
    [input.documentTypes, input.validFrom],
  );
  const unknown = input.documentTypes.findIndex((type) => !types.some(({ code }) => code === type));
  if (unknown < 0) return;
  throw wrong(`/documentTypes/${unknown}`, {
    vi: 'không có loại văn bản này',
    en: 'is no type of document',
  });
}

async function postsOf(manager: EntityManager, agencyId: string, personId: string, on: string) {
  const [post] = await manager.query<{ signs: boolean | null; leads: boolean | null }[]>(
    `select bool_or(t.signs) as signs, bool_or(t.leads) as leads
     from known_assignment a join known_post t using (post_id)
     join known_person p on p.person_id = a.person_id and p.active
     where a.agency_id = $1 and a.person_id = $2
       and a.valid_from <= $3 and (a.valid_to is null or a.valid_to >= $3)
       and t.valid_from <= $3 and (t.valid_to is null or t.valid_to >= $3)`,
    [agencyId, personId, on],
  );
  return post && post.signs !== null ? { signs: post.signs, leads: post.leads } : undefined;
}

function mustLast({ validFrom, validTo }: GrantAuthority) {
  if (validTo >= validFrom && validTo >= localDay()) return;
  throw wrong('/validTo', {
    vi: 'phải sau ngày bắt đầu và chưa qua',
    en: 'must not come before the first day or be over',
  });
}

const wrong = (pointer: string, detail: Sentence) => new Invalid([{ pointer, detail }]);
const noAuthority = () =>
  new NotFound({ vi: 'Không có văn bản giao ký này', en: 'There is no such authority to sign' });
