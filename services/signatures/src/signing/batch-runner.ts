import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Caller, Problem, signatureBatchEnded } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import type { OpenKey } from '../keys/key-vault.js';
import { SignatureMaker } from './signature-maker.js';

/** A batch with its key, which lives no longer than the work. */
export interface OpenBatch {
  id: string;
  kind: 'personal' | 'agency';
  key: OpenKey;
  certificateId: string | null;
  image?: string;
}

interface Row {
  row: number;
  documentId: string;
}

/** A key elsewhere may take long over one row, and what is silent for half a minute counts as ended. */
const beatMs = 10_000;
const atOnce = 4;
const rowsAtOnce = 20;

/** Works on batches, a few rows at a time; each row is one transaction with what became of it. */
@Injectable()
export class BatchRunner implements OnApplicationShutdown {
  private readonly running = new Set<Promise<void>>();
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly maker: SignatureMaker,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  run(batch: OpenBatch, caller: Caller) {
    const beat = setInterval(() => void this.beat(batch.id), beatMs);
    const work: Promise<void> = this.work(batch, caller)
      .catch((error) => this.log.warn({ err: error, batch: batch.id }, 'batch interrupted'))
      .finally(() => {
        clearInterval(beat);
        this.running.delete(work);
      });
    this.running.add(work);
  }

  async onApplicationShutdown() {
    this.stopping = true;
    await Promise.all(this.running);
  }

  private async work(batch: OpenBatch, caller: Caller) {
    for (let from = 0; ;) {
      const rows = await this.database.query<Row>(
        `select row, document_id as "documentId" from signature_batch_row_state
         where batch_id = $1 and state = 'waiting' and row > $2 order by row limit $3`,
        [batch.id, from, rowsAtOnce],
      );
      if (rows.length === 0) return this.end(batch, caller);
      from = rows.at(-1)!.row;
      const next = rows.values();
      const worker = async () => {
        for (const row of next) {
          if (this.stopping) return;
          await this.sign(batch, row, caller);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
      if (this.stopping) return;
    }
  }

  private beat(id: string) {
    return this.database
      .transaction({}, (manager) =>
        manager.query('update signature_batch set alive_at = now() where id = $1', [id]),
      )
      .catch((error) => this.log.warn({ err: error, batch: id }, 'batch silent'));
  }

  private async sign(batch: OpenBatch, { row, documentId }: Row, caller: Caller) {
    const { id, kind, key, certificateId, image } = batch;
    try {
      const wanted = { kind, documentId, image };
      const made = await this.maker.make(wanted, certificateId, key, caller);
      const { actor, request } = caller;
      await this.database.transaction({ actor, request }, async (manager, _, record) => {
        made.complete();
        await manager.save(made.row);
        await manager.query(
          `update signature_batch_row set signature_id = $3 where batch_id = $1 and row = $2`,
          [id, row, made.row.id],
        );
        record('signatures.signing.completed', made.row.id, { kind, batchId: id });
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.status === 503) throw error;
      await this.refuse(id, row, error, caller);
    }
  }

  private async refuse(id: string, row: number, problem: Problem, { request }: Caller) {
    const { title, detail } = problem;
    const words = (detail ?? title)[request.language].slice(0, 500);
    await this.database.transaction({}, (manager) =>
      manager.query(
        `update signature_batch_row set problem = $3
         where batch_id = $1 and row = $2 and signature_id is null`,
        [id, row, words],
      ),
    );
  }

  private async end({ id }: OpenBatch, { personId, actor, request }: Caller) {
    await this.database.transaction({ actor, request }, async (manager, emit) => {
      const [ended] = await manager.query<[unknown[], number]>(
        'update signature_batch set ended_at = now() where id = $1 and ended_at is null returning id',
        [id],
      );
      if (ended.length === 0) return;
      const [counts] = await manager.query<{ made: number; refused: number }[]>(
        `select count(signature_id)::int as made, count(problem)::int as refused
         from signature_batch_row where batch_id = $1`,
        [id],
      );
      emit(signatureBatchEnded, id, { batchId: id, personId, ...counts! });
    });
  }
}
