import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { preservationExtended, preservationFailed } from '@eoffice/contracts';
import { completeSignature, type PreparedSignature } from '@eoffice/signing/pdf/sign/prepare';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { localDay } from '@eoffice/platform/local-time';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import { Rounds } from '@eoffice/platform/rounds';
import { ask } from '../signing/ask-time-stamp.js';
import { keepWhole, wholeFile } from '../signing/stored-files.js';
import { rootsFor } from '../signing/trusted-certificate.js';
import { timeStampersToday } from '../trust/trusted.js';
import { type Concluded, Validator } from '../validation/validator.js';
import { allowanceFor, Validators } from '../validation/validators.js';

interface Item {
  id: string;
  documentId: string | null;
  organisationId: string;
  sourceSha256: string;
  sha256: string | null;
  attempts: number;
}

/** A document with its evidence, and room for a time stamp over all of it. */
interface Extended {
  extended: Uint8Array;
  prepared: PreparedSignature;
}

/** How long a stamped document can be relied on. */
interface Prospect {
  stampedAt: Date;
  /** When the stamp, its authorities or its algorithms end first. */
  lastsUntil: Date;
  /**
   * Whether it holds a status of each signer that is newer than the proof of their signature: only
   * such a one says, once the certificate has ended, that it was good then (EN 319 102-1, 5.6.2.2).
   */
  ripe: boolean;
}

interface Renewed extends Prospect {
  content: Buffer;
  stamper: string;
}

const atOnce = 1;
/** Longer than all authorities of a province may take together. */
const leaseMinutes = 15;
const hourS = 3_600;
const dayS = 24 * hourS;

/**
 * Keeps signed files verifiable: puts what proves their signatures into them, has an authority stamp
 * all of it (EN 319 142-1, B-LTA), and does so again before the stamp or its algorithms end, or in a
 * day, in two, in four … as long as no status is newer than the signatures. A new form counts only once it has been validated itself; the one before stays in the store.
 */
@Injectable()
export class Preserving implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;

  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
    private readonly validator: Validator,
    private readonly validators: Validators,
    @Inject(ServiceLog) private readonly log: Log,
  ) {
    this.rounds = new Rounds(() => this.next(), log);
  }

  onApplicationBootstrap() {
    this.rounds.start(atOnce);
  }

  async onApplicationShutdown() {
    await this.rounds.stop();
  }

  private async next(): Promise<boolean> {
    const item = await this.claim();
    if (!item) return false;
    try {
      await this.preserve(item);
    } catch (error) {
      this.log.warn({ err: error, preservation: item.id }, 'keeping is tried again');
      await this.postpone(item, (error as Error).message, hourS);
    }
    return true;
  }

  private async claim(): Promise<Item | undefined> {
    const [[item]] = await this.database.transaction({}, (manager) =>
      manager.query<[Item[], number]>(
        `update preservation set attempts = attempts + 1,
           leased_until = now() + make_interval(mins => ${leaseMinutes})
         where id = (select id from preservation where state <> 'failed' and renew_at <= now()
           and (leased_until is null or leased_until < now())
           order by renew_at limit 1 for update skip locked)
         returning id, document_id as "documentId", organisation_id as "organisationId",
           source_sha256 as "sourceSha256", sha256, attempts`,
      ),
    );
    return item;
  }

  private async preserve(item: Item) {
    const current = await wholeFile(this.files, item.sha256 ?? item.sourceSha256);
    const concluded = await this.validator.validate(current);
    if (concluded.verdict !== 'TOTAL_PASSED') return this.notHeld(item, concluded);
    await this.keep(item, await this.renew(current, concluded));
  }

  /** Adds evidence and a time stamp. Throws when nobody stamps, or the result does not hold. */
  private async renew(document: Buffer, { facts }: Concluded): Promise<Renewed> {
    const allowance = allowanceFor(document.length + facts!.length);
    const { extended, prepared } = await this.validators.run<Extended>(
      'extend',
      { document, facts },
      allowance,
    );
    const { token, stamper } = await this.stamp(prepared);
    const content = Buffer.concat([extended, completeSignature(prepared, token)]);
    const checked = await this.validator.validate(content);
    if (checked.verdict !== 'TOTAL_PASSED') throw new Error(`the new form is ${checked.verdict}`);
    const input = { facts: checked.facts, policy: checked.policy.text, at: checked.at };
    const prospect = await this.validators.run<Prospect>('prospect', input, allowance);
    return { content, stamper, ...prospect };
  }

  private async stamp({ digestAlgorithm: digest, digest: hash }: PreparedSignature) {
    const { manager } = this.database;
    const roots = await rootsFor(manager, 'time-stamping', localDay());
    const reasons: string[] = [];
    for (const stamper of await timeStampersToday(manager)) {
      try {
        const { token } = await ask(stamper, { digest, hash: Buffer.from(hash) }, roots);
        return { token, stamper: stamper.name };
      } catch (error) {
        reasons.push(`${stamper.name}: ${(error as Error).message}`);
      }
    }
    throw new Error(`no time stamp: ${reasons.join('; ') || 'no authority is entered'}`);
  }

  /** The file is kept first: a row never names what is not there. */
  private async keep(item: Item, { content, stamper, stampedAt, lastsUntil, ripe }: Renewed) {
    const { sha256, size } = await keepWhole(this.files, content);
    const { id, documentId, organisationId, sourceSha256 } = item;
    await this.database.transaction({}, async (manager, emit) => {
      const [[row]] = await manager.query<[{ renewAt: Date }[], number]>(
        `update preservation set state = 'kept', sha256 = $3, size = $4, note = null, attempts = 0,
           leased_until = null, renew_at = case when $7
             then greatest(now() + interval '1 day', $5::timestamptz
               - make_interval(days => coalesce(policy_number('restamp-days'), 0)))
             else least($5, now() + make_interval(days => power(2, least(8,
               (select count(*) from preservation_step where preservation_id = $1)))::int)) end
         where id = $1 and source_sha256 = $2 and sha256 is not distinct from $6
         returning renew_at as "renewAt"`,
        [id, sourceSha256, sha256, size, lastsUntil, item.sha256, ripe],
      );
      // Another signature came in between, or somebody else was first.
      if (!row) return;
      await manager.query(
        `insert into preservation_step
           (preservation_id, from_sha256, sha256, stamped_at, stamper, lasts_until)
         values ($1, $2, $3, $4, $5, $6)`,
        [id, item.sha256 ?? sourceSha256, sha256, stampedAt, stamper.slice(0, 200), lastsUntil],
      );
      const about = { preservationId: id, documentId: documentId ?? undefined, organisationId };
      emit(preservationExtended, id, { ...about, sourceSha256, sha256, renewAt: row.renewAt });
    });
  }

  /** What fails will never hold again; what is only unknown may become known. */
  private async notHeld(item: Item, { verdict, signatures, problem }: Concluded) {
    const open = signatures.find(({ indication }) => indication !== 'TOTAL_PASSED');
    const reason = (problem ?? open?.message)?.vi ?? 'Tệp không có chữ ký số.';
    const note = [reason, open?.subIndication].filter(Boolean).join(' ').slice(0, 1_000);
    if (verdict === 'INDETERMINATE') return this.postpone(item, note, dayS);
    const { id, documentId, organisationId, sourceSha256 } = item;
    await this.database.transaction({}, async (manager, emit) => {
      await manager.query(
        `update preservation set state = 'failed', note = $2, leased_until = null where id = $1`,
        [id, note],
      );
      const about = { preservationId: id, documentId: documentId ?? undefined, organisationId };
      emit(preservationFailed, id, { ...about, sourceSha256, reason: note });
    });
  }

  private postpone({ id, attempts }: Item, note: string, longestS: number) {
    const seconds = Math.min(longestS, 5 * 2 ** Math.min(attempts, 20));
    return this.database.transaction({}, (manager) =>
      manager.query(
        `update preservation set note = $2, leased_until = null,
           renew_at = now() + make_interval(secs => $3) where id = $1`,
        [id, note.slice(0, 1_000), seconds],
      ),
    );
  }
}
