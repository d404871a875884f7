import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  assignmentChanged,
  AssignmentVersion,
  type CloudEvent,
  type Mailbox,
  mailboxClosed,
  mailboxOpened,
  mailboxRefused,
  personChanged,
  type PersonVersion,
  postChanged,
  PostVersion,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { keep } from '@eoffice/platform/keep';
import { localDay } from '@eoffice/platform/local-time';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';
import { provisionFolders } from '../folders/provision.js';
import { isTaken, keepFormer } from './addresses.js';
import { judge } from './address.js';
import { domainsToday } from './domains.js';

type Wanted = Pick<Mailbox, 'kind' | 'ownerId' | 'name'> & {
  address?: string;
  agencyId?: string;
  open: boolean;
};

/** Provisions mailboxes: what the directory says of people and posts is what there is. */
@Injectable()
export class MailboxReactions {
  @On(personChanged)
  async followPerson({ data }: CloudEvent<PersonVersion>, manager: EntityManager, emit: Emit) {
    const { personId, fullName, email, active } = data;
    await oneAtATime(manager, personId);
    const [held] = await manager.query<{ agencyId: string }[]>(
      `select agency_id as "agencyId" from known_assignment where person_id = $1
       order by valid_from desc limit 1`,
      [personId],
    );
    const person = { kind: 'person', ownerId: personId, name: fullName, address: email } as const;
    await provision(manager, emit, { ...person, agencyId: held?.agencyId, open: active });
  }

  @On(postChanged)
  async followPost({ data }: CloudEvent<PostVersion>, manager: EntityManager, emit: Emit) {
    await keep(manager, 'known_post', ['postId'], PostVersion, data);
    const { postId, title, mailbox, agencyId, validTo } = data;
    const open = !validTo || validTo >= localDay();
    const post = { kind: 'post', ownerId: postId, name: title, address: mailbox } as const;
    await provision(manager, emit, { ...post, agencyId, open });
  }

  @On(assignmentChanged)
  async followAssignment({ data }: CloudEvent<AssignmentVersion>, manager: EntityManager) {
    await oneAtATime(manager, data.personId);
    await keep(manager, 'known_assignment', ['assignmentId'], AssignmentVersion, data);
    await manager.query(
      `update mailbox set agency_id = $2 where kind = 'person' and owner_id = $1`,
      [data.personId, data.agencyId],
    );
  }
}

/** Two reactions about one person may run side by side: the later must see what the earlier wrote. */
async function oneAtATime(manager: EntityManager, personId: string) {
  await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [personId]);
}

async function provision(manager: EntityManager, emit: Emit, wanted: Wanted) {
  const { kind, ownerId, address, agencyId, name, open } = wanted;
  const [before] = await manager.query<Mailbox[]>(
    'select id, address, state from mailbox where kind = $1 and owner_id = $2 for update',
    [kind, ownerId],
  );
  if (!address && !before) return;
  const id = before?.id ?? randomUUID();
  const kept = address ?? before!.address;
  const refusal = await refusalOf(manager, id, kept);
  const state = refusal ? 'refused' : open && address ? 'open' : 'closed';
  await manager.query(
    `insert into mailbox (id, address, kind, owner_id, agency_id, name, state, reason)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (kind, owner_id) do update set address = $2, agency_id = coalesce($5, mailbox.agency_id),
       name = $6, state = $7, reason = $8, changed_at = now()`,
    [id, kept, kind, ownerId, agencyId ?? null, name, state, refusal ?? null],
  );
  if (before?.state === state && before.address === kept) return;
  if (before && before.address !== kept && before.state !== 'refused')
    await keepFormer(manager, id, before.address);
  if (state === 'open' && before?.state !== 'open') await provisionFolders(manager, id);
  const fact = { open: mailboxOpened, closed: mailboxClosed, refused: mailboxRefused }[state];
  emit(fact, id, { mailboxId: id, address: kept, agencyId });
}

/** Why an address cannot be an official mailbox; undefined when it can. */
async function refusalOf(manager: EntityManager, id: string, address: string) {
  const { acceptable, verdict } = judge(address, await domainsToday(manager));
  if (!acceptable) return `${verdict}: không phải địa chỉ thư công vụ`;
  return (await isTaken(manager, address, id))
    ? 'taken: địa chỉ đã cấp cho người hoặc chức vụ khác'
    : undefined;
}
