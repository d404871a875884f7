import { randomUUID } from 'node:crypto';
import {
  type BatchRow,
  type BatchRowPage,
  type Caller,
  Conflict,
  cursorOf,
  type FindBatch,
  keyOf,
  type ListBatchRows,
  NotFound,
  OutOfOrder,
  type ResumeBatch,
  signatureBatches,
  type SignatureBatch,
  type StartBatch,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { present } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { KeyVault } from '../keys/key-vault.js';
import { BatchRunner } from './batch-runner.js';

/** Silent for so long, its process has ended and the key with it. */
const silentS = 30;

/** Serves signing in batches: begun with the key, worked on aside, watched row by row. */
@Serves(signatureBatches)
export class Batches {
  constructor(
    private readonly database: Database,
    private readonly vault: KeyVault,
    private readonly runner: BatchRunner,
  ) {}

  async start(input: StartBatch, caller: Caller): Promise<SignatureBatch> {
    const { kind, keyId, passphrase, image, documentIds } = input;
    if (new Set(documentIds).size < documentIds.length) throw twice();
    const [{ certificateId }, key] = await this.vault.open(keyId, { passphrase }, caller);
    const id = randomUUID();
    const begun = await this.database.transaction(caller, async (manager, _, record) => {
      await manager.query(`select pg_advisory_xact_lock(hashtext('batch ' || $1))`, [
        caller.personId,
      ]);
      const running = await manager.query<unknown[]>(
        `select 1 from signature_batch where person_id = $1 and ended_at is null
           and alive_at > now() - make_interval(secs => $2)`,
        [caller.personId, silentS],
      );
      if (running.length > 0) throw stillRunning();
      await manager.query(
        'insert into signature_batch (id, kind, person_id, key_id) values ($1, $2, $3, $4)',
        [id, kind, caller.personId, keyId],
      );
      await manager.query(
        `insert into signature_batch_row (batch_id, row, document_id)
         select $1, place, document from unnest($2::uuid[]) with ordinality as d (document, place)`,
        [id, documentIds],
      );
      record('signatures.batches.started', id, { kind, keyId, documents: documentIds.length });
      const total = documentIds.length;
      const counts = { total, waiting: total, stamping: 0, signed: 0, refused: 0 };
      const { personId } = caller;
      return { id, kind, personId, state: 'running', ...counts, begunAt: new Date() } as const;
    });
    this.runner.run({ id, kind, key, certificateId, image }, caller);
    return begun;
  }

  async resume({ id, passphrase, image }: ResumeBatch, caller: Caller): Promise<SignatureBatch> {
    const { kind } = await this.find({ id }, caller);
    const [batch] = await this.database.query<{ keyId: string }>(
      'select key_id as "keyId" from signature_batch where id = $1',
      [id],
    );
    const [{ certificateId }, key] = await this.vault.open(batch!.keyId, { passphrase }, caller);
    const resumed = await this.database.transaction(caller, async (manager, _, record) => {
      const [taken] = await manager.query<[unknown[], number]>(
        `update signature_batch set alive_at = now()
         where id = $1 and ended_at is null and alive_at <= now() - make_interval(secs => $2)
         returning id`,
        [id, silentS],
      );
      if (taken.length === 0) throw stillRunning();
      record('signatures.batches.resumed', id, {});
      return { id };
    });
    this.runner.run({ ...resumed, kind, key, certificateId, image }, caller);
    return this.find({ id }, caller);
  }

  async find({ id }: FindBatch, { personId }: Caller): Promise<SignatureBatch> {
    const [batch] = await this.database.query<SignatureBatch>(
      `select b.id, b.kind, b.person_id as "personId", b.begun_at as "begunAt",
         b.ended_at as "endedAt",
         case when b.ended_at is not null then 'ended'
           when b.alive_at > now() - make_interval(secs => $3) then 'running'
           else 'interrupted' end as state,
         count(*)::int as total,
         ${(['waiting', 'stamping', 'signed', 'refused'] as const)
           .map((state) => `count(*) filter (where r.state = '${state}')::int as ${state}`)
           .join(', ')}
       from signature_batch b join signature_batch_row_state r on r.batch_id = b.id
       where b.id = $1 and b.person_id = $2 group by b.id`,
      [id, personId || null, silentS],
    );
    if (!batch) throw noBatch();
    return present(batch);
  }

  async rows(input: ListBatchRows, caller: Caller): Promise<BatchRowPage> {
    const { id, limit = 50, after, state = null } = input;
    await this.find({ id }, caller);
    const [from = '0'] = keyOf(after) ?? [];
    const items = await this.database.query<BatchRow>(
      `select row, document_id as "documentId", state, signature_id as "signatureId", problem
       from signature_batch_row_state
       where batch_id = $1 and row > $2::int and ($3::text is null or state = $3)
       order by row limit $4`,
      [id, from, state, limit],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items: items.map(present), next: last && cursorOf(`${last.row}`, id) };
  }
}

const noBatch = () => new NotFound({ vi: 'Không có đợt ký này', en: 'There is no such batch' });
const twice = () =>
  new Conflict({ vi: 'Một văn bản ghi hai lần', en: 'A document is listed twice' });
const stillRunning = () =>
  new OutOfOrder({
    vi: 'Một đợt ký của bạn đang chạy hoặc đã xong',
    en: 'A batch of yours is running, or this one has ended',
  });
