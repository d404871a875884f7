import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type CloudEvent, incomingSignable, type SignableIncoming } from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { On } from '@eoffice/platform/subscriptions';
import { ServiceLog } from '@eoffice/platform/tokens';
import type { EntityManager } from 'typeorm';
import { Rounds } from '@eoffice/platform/rounds';
import { keepValidation } from './validations.js';
import { type Concluded, Validator } from './validator.js';

interface Job {
  documentId: string;
  sha256: string;
  size: number;
  name: string;
  organisationId: string;
  attempts: number;
}

/** Far more than a validation takes: whoever holds a job for so long has died. */
const leaseSeconds = 120;
const atOnce = 2;
const minuteS = 60;
const hourS = 60 * minuteS;
/** When to ask once more for a status that could not be had: within hours, then days. */
const statusRetriesS = [10 * minuteS, hourS, 6 * hourS, 24 * hourS, 72 * hourS];

/**
 * Validates the PDF files of every incoming document, by itself. Registering only writes a row; the
 * work is done from rows, so that no crash, no outage and no second process loses or doubles it.
 */
@Injectable()
export class IncomingValidation implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;

  constructor(
    private readonly database: Database,
    private readonly validator: Validator,
    @Inject(ServiceLog) private readonly log: Log,
  ) {
    this.rounds = new Rounds(() => this.next(), log);
  }

  @On(incomingSignable)
  async receive({ data }: CloudEvent<SignableIncoming>, manager: EntityManager) {
    const { documentId, organisationId, number, year, files } = data;
    await manager.query(
      `insert into validation_job (document_id, sha256, size, name, organisation_id)
       select $1, f.sha256, f.size, $2, $3
       from jsonb_to_recordset($4) as f (sha256 text, size bigint) on conflict do nothing`,
      [documentId, `Văn bản đến số ${number}/${year}`, organisationId, JSON.stringify(files)],
    );
  }

  onApplicationBootstrap() {
    this.rounds.start(atOnce);
  }

  async onApplicationShutdown() {
    await this.rounds.stop();
  }

  /** Does the job that is due first. Returns whether there was one. */
  private async next(): Promise<boolean> {
    const job = await this.claim();
    if (!job) return false;
    try {
      await this.conclude(job, await this.validator.validateStored(job));
    } catch (error) {
      this.log.warn({ err: error, document: job.documentId }, 'validation is tried again');
      await this.postpone(job, Math.min(hourS, 2 ** Math.min(job.attempts, 12)));
    }
    return true;
  }

  private async claim(): Promise<Job | undefined> {
    const [[job]] = await this.database.transaction({}, (manager) =>
      manager.query<[Job[], number]>(
        `update validation_job set attempts = attempts + 1,
           leased_until = now() + make_interval(secs => ${leaseSeconds})
         where (document_id, sha256) = (select document_id, sha256 from validation_job
           where due_at <= now() and (leased_until is null or leased_until < now())
           order by due_at limit 1 for update skip locked)
         returning document_id as "documentId", sha256, size::float8 as size, name,
           organisation_id as "organisationId", attempts`,
      ),
    );
    return job;
  }

  private async conclude(job: Job, concluded: Concluded) {
    const digests = await this.validator.keep(concluded);
    const { documentId, sha256, attempts } = job;
    const retryS = waitsForStatus(concluded) ? statusRetriesS[attempts - 1] : undefined;
    await this.database.transaction({}, async (manager, emit) => {
      const mine = await manager.query<unknown[]>(
        'select 1 from validation_job where document_id = $1 and sha256 = $2 for update',
        [documentId, sha256],
      );
      // Somebody else took it over and was done before us.
      if (mine.length === 0) return;
      await this.keepNews(manager, emit, job, concluded, digests);
      if (retryS) await postponed(manager, job, retryS);
      else {
        await manager.query('delete from validation_job where document_id = $1 and sha256 = $2', [
          documentId,
          sha256,
        ]);
      }
    });
  }

  /** A verdict that says what the one before said is no news. */
  private async keepNews(
    manager: EntityManager,
    emit: Emit,
    job: Job,
    concluded: Concluded,
    digests: { policyDigest: string; factsDigest?: string },
  ) {
    const [before] = await manager.query<Pick<Concluded, 'verdict' | 'signatures'>[]>(
      `select verdict, signatures from validation
       where document_id = $1 and sha256 = $2 and replay_of is null order by at desc limit 1`,
      [job.documentId, job.sha256],
    );
    if (before && said(before) === said(concluded)) return;
    await keepValidation(manager, emit, job, concluded, digests);
  }

  private postpone(job: Job, seconds: number) {
    return this.database.transaction({}, (manager) => postponed(manager, job, seconds));
  }
}

const postponed = (manager: EntityManager, { documentId, sha256 }: Job, seconds: number) =>
  manager.query(
    `update validation_job set leased_until = null, due_at = now() + make_interval(secs => $3)
     where document_id = $1 and sha256 = $2`,
    [documentId, sha256, seconds],
  );

/** Whether a status that may come later is all that a document lacks. */
function waitsForStatus({ verdict, signatures }: Concluded): boolean {
  return (
    verdict === 'INDETERMINATE' &&
    signatures.some(({ subIndication }) => subIndication === 'TRY_LATER')
  );
}

const said = ({ verdict, signatures }: Pick<Concluded, 'verdict' | 'signatures'>) =>
  JSON.stringify([
    verdict,
    ...signatures.map(({ indication, subIndication }) => [indication, subIndication]),
  ]);
