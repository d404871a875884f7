import { setTimeout as wait } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { documentSigned, type TimeStamper } from '@eoffice/contracts';
import { SignedData } from '@eoffice/signing/cms/signed-data';
import { withTimeStamp } from '@eoffice/signing/cms/stamped-cms';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { localDay } from '@eoffice/platform/local-time';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import { timeStampersToday } from '../trust/trusted.js';
import { ask, type Stamp } from './ask-time-stamp.js';
import { signedFile } from './returned.js';
import { Signature } from './signature.js';
import { baseOf, keepWhole } from './stored-files.js';
import { rootsFor } from './trusted-certificate.js';

const everyMs = 1_000;
const atOnce = 4;
const firstWaitS = 2;
const longestWaitS = 600;
/** Beyond what all authorities together may take, a try was cut off and is made again. */
const leaseSlackS = 5;

/**
 * Has signatures stamped by the authorities of today, by priority, with growing waits while none
 * answers. A try is leased in the row: one that dies with the process is made again. A signature goes
 * without a time stamp only after as many minutes as a row of `stamp-wait-minutes` says.
 */
@Injectable()
export class Stamping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private readonly running = new Map<string, Promise<void>>();
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  onApplicationBootstrap() {
    this.timer = setInterval(() => void this.round(), everyMs).unref();
  }

  async onApplicationShutdown() {
    this.stopping = true;
    clearInterval(this.timer);
    await Promise.all(this.running.values());
  }

  /** Takes up what is due, a few at once. */
  async round() {
    try {
      while (!this.stopping && this.running.size < atOnce) {
        const id = await this.lease();
        if (!id) return;
        void this.run(id);
      }
    } catch (error) {
      this.log.warn({ err: error }, 'no round of time stamps');
    }
  }

  /** Tries at once for somebody who waits, but lets them go on after so long. */
  async tryNow(id: string, withinMs: number) {
    const late = wait(withinMs, undefined, { ref: false });
    // A round that takes it up at this instant has it locked for a moment.
    for (let tries = 0; tries < 20 && !this.running.has(id); tries++) {
      if (tries > 0) await wait(50);
      const leased = await this.lease(id);
      if (leased && !this.running.has(id)) void this.run(id);
      if (!leased && !(await this.waits(id))) return;
    }
    await Promise.race([this.running.get(id), late]);
  }

  private async waits(id: string): Promise<boolean> {
    return this.database.manager.existsBy(Signature, { id, state: 'stamping' });
  }

  private async lease(id?: string): Promise<string | undefined> {
    const { manager } = this.database;
    const stampers = await timeStampersToday(manager);
    const longest = stampers.reduce((sum, { timeoutSeconds }) => sum + timeoutSeconds, leaseSlackS);
    return this.database.transaction({}, async (within) => {
      const [leased] = await within.query<[{ id: string }[], number]>(
        `update signature set stamp_tries = stamp_tries + 1,
           stamp_after = now() + make_interval(secs => $1)
         where id = (select id from signature where state = 'stamping'
             and (id = $2 or $2::uuid is null and stamp_after <= now())
           order by stamp_after limit 1 for update skip locked)
         returning id`,
        [longest, id ?? null],
      );
      return leased[0]?.id;
    });
  }

  private run(id: string): Promise<void> {
    const work = this.stamp(id)
      .catch((error) => this.log.warn({ err: error, signature: id }, 'not stamped'))
      .finally(() => {
        this.running.delete(id);
        void this.round();
      });
    this.running.set(id, work);
    return work;
  }

  private async stamp(id: string) {
    const { manager } = this.database;
    const row = await manager.findOneByOrFail(Signature, { id });
    const stampers = await timeStampersToday(manager);
    const roots = await rootsFor(manager, 'time-stamping', localDay());
    const { signature } = SignedData.read(row.cms!).signers[0]!;
    const reasons: string[] = [];
    for (const stamper of stampers) {
      const found = await ask(stamper, signature, roots).catch((error: Error) => error);
      if (found instanceof Error) reasons.push(`${stamper.name}: ${found.message}`);
      else if (fits(row, found)) return this.finish(row, found);
      else reasons.push(`${stamper.name}: ${found.token.length} B, ${tooLarge}`);
    }
    await this.failed(row, stampers, reasons);
  }

  private async failed(row: Signature, stampers: TimeStamper[], reasons: string[]) {
    const why = stampers.length === 0 ? noStamper : reasons.join('; ');
    const [policy] = await this.database.query<{ minutes: number | null }>(
      `select policy_number('stamp-wait-minutes') as minutes`,
    );
    const minutes = policy?.minutes ?? Infinity;
    if (row.completedAt!.getTime() + minutes * 60_000 <= Date.now()) {
      return this.finish(row, undefined, why);
    }
    const seconds = Math.min(longestWaitS, firstWaitS * 2 ** Math.min(row.stampTries - 1, 20));
    await this.database.transaction({}, (manager) =>
      manager.query(
        `update signature set stamp_after = now() + make_interval(secs => $2), stamp_note = $3
         where id = $1 and state = 'stamping'`,
        [row.id, seconds, why.slice(0, 500)],
      ),
    );
  }

  /** The file is kept first: a row never names what is not there, a file may lie there unnamed. */
  private async finish(row: Signature, stamp?: Stamp, why?: string) {
    const base = await baseOf(this.files, row);
    const cms = stamp ? withTimeStamp(row.cms!, stamp.token) : row.cms!;
    const kept = await keepWhole(this.files, signedFile(base, row, cms));
    await this.database.transaction({}, async (manager, emit) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const now = await manager.findOne(Signature, { where: { id: row.id }, lock });
      if (now?.state !== 'stamping') return;
      now.cms = cms;
      now.stampedAt = stamp?.time ?? null;
      now.finish(kept, stamp ? 'B-T' : 'B-B', why && `${waived} ${why}`.slice(0, 500));
      await manager.save(now);
      const { id: signatureId, draftId, documentId, agencyId, personId, kind, rootSha256 } = now;
      emit(documentSigned, signatureId, {
        ...{ signatureId, agencyId, personId, kind, rootSha256, level: now.level! },
        ...{ sha256: kept.sha256, size: kept.size },
        ...(draftId ? { draftId } : {}),
        ...(documentId ? { documentId } : {}),
      });
    });
  }
}

/** Whether the room left in the file is enough for signature and token. */
const fits = ({ cms, contentsBytes }: Signature, { token }: Stamp): boolean =>
  withTimeStamp(cms!, token).length <= contentsBytes;

const tooLarge = 'lớn hơn chỗ chừa trong tệp';
const noStamper = 'Không có tổ chức cấp dấu thời gian nào được khai báo';
const waived = 'Không có dấu thời gian, theo quy định cho phép (stamp-wait-minutes).';
