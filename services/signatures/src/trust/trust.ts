import { randomUUID } from 'node:crypto';
import {
  type AddAnchor,
  type AddStatusHost,
  type AddTimeStamper,
  Anchor,
  type Caller,
  type Class,
  Conflict,
  type EndTrust,
  NotFound,
  StatusHost,
  TimeStamper,
  trust,
  type Trust as TrustReply,
  trustChanged,
  everywhere,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf, keep, present } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { readAuthorities } from './read-authorities.js';

const permission = 'signatures.keep-trust';

/** Keeps whom the house trusts: roots by list, and the authorities that stamp the time. */
@Serves(trust)
export class Trust {
  constructor(private readonly database: Database) {}

  async list(): Promise<TrustReply> {
    const [anchors, timeStampers, statusHosts] = await Promise.all([
      this.database.query<Anchor>(
        `select ${columnsOf(Anchor)} from trust_anchor
         order by list, purpose, valid_from desc, id limit 500`,
      ),
      this.database.query<TimeStamper>(
        `select ${columnsOf(TimeStamper)} from time_stamper order by priority, valid_from, id limit 100`,
      ),
      this.database.query<StatusHost>(
        `select ${columnsOf(StatusHost)} from status_host order by host, valid_from limit 200`,
      ),
    ]);
    return {
      anchors: anchors.map(present),
      timeStampers: timeStampers.map(present),
      statusHosts: statusHosts.map(present),
    };
  }

  addAnchor(input: AddAnchor, caller: Caller): Promise<Anchor> {
    const roots = readAuthorities(input.pem);
    const [root] = roots;
    if (!root || roots.length > 1) {
      throw new Conflict({ vi: 'Chỉ gửi một chứng thư gốc', en: 'Send exactly one root' });
    }
    const watched = [root, ...(input.intermediates ? readAuthorities(input.intermediates) : [])];
    const { fingerprint, subject, notAfter } = root;
    const id = randomUUID();
    const anchor: Anchor = { ...input, id, fingerprint, subject: subject.toString(), notAfter };
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      await mustBeApart(manager, anchor);
      await keep(manager, 'trust_anchor', ['id'], Anchor, anchor);
      await manager.query(
        `insert into trust_certificate (anchor_id, fingerprint, not_after)
         select $1, w.fingerprint, w.not_after
         from unnest($2::text[], $3::timestamptz[]) as w (fingerprint, not_after)
         on conflict do nothing`,
        [id, watched.map((each) => each.fingerprint), watched.map((each) => each.notAfter)],
      );
      emit(trustChanged, id, { rowId: id });
      return anchor;
    });
  }

  endAnchor(input: EndTrust, caller: Caller): Promise<Anchor> {
    return this.end('trust_anchor', Anchor, input, caller);
  }

  addTimeStamper(input: AddTimeStamper, caller: Caller): Promise<TimeStamper> {
    return this.add('time_stamper', TimeStamper, { ...input, id: randomUUID() }, caller);
  }

  endTimeStamper(input: EndTrust, caller: Caller): Promise<TimeStamper> {
    return this.end('time_stamper', TimeStamper, input, caller);
  }

  addStatusHost(input: AddStatusHost, caller: Caller): Promise<StatusHost> {
    return this.add('status_host', StatusHost, { ...input, id: randomUUID() }, caller);
  }

  endStatusHost(input: EndTrust, caller: Caller): Promise<StatusHost> {
    return this.end('status_host', StatusHost, input, caller);
  }

  private add<T extends TimeStamper | StatusHost>(
    table: 'time_stamper' | 'status_host',
    type: Class<T>,
    row: T,
    caller: Caller,
  ): Promise<T> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      await keep(manager, table, ['id'], type, row);
      emit(trustChanged, row.id, { rowId: row.id });
      return row;
    });
  }

  private end<T extends Anchor | TimeStamper | StatusHost>(
    table: 'trust_anchor' | 'time_stamper' | 'status_host',
    type: Class<T>,
    { id, validTo }: EndTrust,
    caller: Caller,
  ): Promise<T> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      const [row] = await manager.query<T[]>(
        `select ${columnsOf(type)} from ${table} where id = $1 for update`,
        [id],
      );
      if (!row) throw new NotFound();
      await manager.query(`update ${table} set valid_to = $2 where id = $1`, [id, validTo]);
      emit(trustChanged, id, { rowId: id });
      return present({ ...row, validTo });
    });
  }
}

/** One root stands on one list at a time: else nobody could say which kind a signature is. */
async function mustBeApart(
  manager: EntityManager,
  { fingerprint, purpose, validFrom }: Anchor,
): Promise<void> {
  await manager.query(`select pg_advisory_xact_lock(hashtext('trust ' || $1))`, [fingerprint]);
  const known = await manager.query<unknown[]>(
    `select 1 from trust_anchor where fingerprint = $1 and purpose = $2
       and (valid_to is null or valid_to >= $3)`,
    [fingerprint, purpose, validFrom],
  );
  if (known.length > 0) {
    throw new Conflict({
      vi: 'Chứng thư gốc này đã có trong một danh sách tin cậy',
      en: 'The root stands on a trust list already',
    });
  }
}
