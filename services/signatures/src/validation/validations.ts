import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  type Caller,
  cursorOf,
  type FindValidation,
  keyOf,
  NotFound,
  NothingToReplay,
  type PageInput,
  type PrintValidation,
  type Revalidate,
  type Said,
  type StoredFile,
  type ValidatedSignature,
  type ValidateFile,
  type Validation,
  validationConcluded,
  type ValidationPage,
  validations,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { FileTickets } from '@eoffice/platform/file-tickets';
import { present } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { slug } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';
import { reachOf, withinReach } from '../directory/known-organisations.js';
import { keepPrint } from '../printing/keep-print.js';
import { policyInForce } from './policy-rows.js';
import { printedReport } from './printed-report.js';
import { type Concluded, Validator } from './validator.js';

const columns = `id, sha256, name, size::float8 as size, verdict, at, policy,
  policy_digest as "policyDigest", signatures, problem, unreached, replay_of as "replayOf",
  document_id as "documentId"`;
const maxReportBytes = 100 * 1024 * 1024;

/** A validation with what only we need to know of it. */
type Row = Validation & { factsDigest: string | null };

/** What a validation is of, and whose. */
export interface Subject {
  sha256: string;
  name: string;
  size: number;
  documentId?: string;
  organisationId?: string;
  personId?: string;
  replayOf?: string;
}

/** Validates what people upload, and keeps every validation for whoever asks later. */
@Serves(validations)
export class Validations {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
    private readonly tickets: FileTickets,
    private readonly validator: Validator,
  ) {}

  async validate({ files, policy }: ValidateFile, caller: Caller): Promise<Validation> {
    const [document, content] = await this.tickets.filesOf(files, caller);
    const [octets, beside] = await Promise.all([
      this.validator.read(document!),
      content && this.validator.read(content),
    ]);
    const concluded = await this.validator.validate(octets, { policy, content: beside });
    const { sha256, name, size } = document!;
    return this.keep({ sha256, name, size, personId: caller.personId }, concluded, caller);
  }

  async find({ id }: FindValidation, caller: Caller): Promise<Validation> {
    return present(await this.rowFor(id, caller));
  }

  async list({ limit = 50, after }: PageInput, caller: Caller): Promise<ValidationPage> {
    const [at = null, last = null] = keyOf(after) ?? [];
    const items = await this.database.query<Validation>(
      `select ${columns} from validation where person_id = $1
         and ($2::timestamptz is null or (at, id) < ($2, $3::uuid))
       order by at desc, id desc limit $4`,
      [caller.personId, at, last, limit],
    );
    const end = items.length === limit ? items.at(-1) : undefined;
    return { items: items.map(present), next: end && cursorOf(end.at.toISOString(), end.id) };
  }

  async replay({ id, policy: name, at }: Revalidate, caller: Caller): Promise<Validation> {
    const row = await this.rowFor(id, caller);
    const facts = await this.factsOf(row);
    const policy = await policyInForce(this.database.manager, name ?? row.policy);
    const concluded = await this.validator.judge(facts, policy, at ? new Date(at) : new Date());
    const { sha256, size, name: file } = row;
    const subject = { sha256, size, name: file, personId: caller.personId, replayOf: id };
    return this.keep(subject, concluded, caller);
  }

  async print({ id, format }: PrintValidation, caller: Caller): Promise<StoredFile> {
    const row = await this.rowFor(id, caller);
    const name = `Kết quả kiểm tra chữ ký số ${row.name}`;
    if (format === 'pdf') return keepPrint(this.files, printedReport(row), 'pdf', name);
    const rules = await text(await this.files.open(row.policyDigest));
    const report = await this.validator.report(await this.factsOf(row), rules, row.at, format);
    const kept = await this.files.put(Readable.from([Buffer.from(report)]), {
      maxBytes: maxReportBytes,
    });
    return { ...kept, name: `${slug(name)}.${format}`, mediaType: `application/${format}` };
  }

  private async keep(subject: Subject, concluded: Concluded, caller: Caller): Promise<Validation> {
    const digests = await this.validator.keep(concluded);
    return this.database.transaction(caller, (manager, emit) =>
      keepValidation(manager, emit, subject, concluded, digests),
    );
  }

  private async factsOf({ factsDigest }: Row): Promise<string> {
    if (!factsDigest) throw new NothingToReplay();
    return text(await this.files.open(factsDigest));
  }

  /** What somebody may read: what they asked for, or what was done for an agency they reach. */
  private async rowFor(id: string, caller: Caller): Promise<Row> {
    const { everywhere, agencies, blocs } = reachOf(caller, ['signatures.read-validations']);
    const [row] = await this.database.query<Row>(
      `select ${columns}, facts_digest as "factsDigest" from validation
       where id = $4 and (person_id = $5
         or (organisation_id is not null and ${withinReach('organisation_id')}))`,
      [everywhere, agencies, blocs, id, caller.personId ?? null],
    );
    if (row) return row;
    throw new NotFound({ vi: 'Không có lần kiểm tra này', en: 'There is no such validation' });
  }
}

/** Why a document is not passed, in one sentence, and which lists its signers are on. */
function reasonOf(signatures: ValidatedSignature[], problem: Said | undefined) {
  const failed = signatures.find(({ indication }) => indication === 'TOTAL_FAILED');
  const open = signatures.find(({ indication }) => indication !== 'TOTAL_PASSED');
  const lists = signatures.flatMap(({ signer }) => signer?.list ?? []);
  return { reason: problem ?? (failed ?? open)?.message, lists: [...new Set(lists)].sort() };
}

/** Keeps a validation and announces it, in one transaction. */
export async function keepValidation(
  manager: EntityManager,
  emit: Emit,
  subject: Subject,
  { verdict, at, policy, signatures, problem, unreached }: Concluded,
  { policyDigest, factsDigest }: { policyDigest: string; factsDigest?: string },
): Promise<Validation> {
  const { sha256, name, size, documentId, organisationId, personId, replayOf } = subject;
  const id = randomUUID();
  await manager.query(
    `insert into validation (id, sha256, name, size, verdict, at, policy, policy_digest,
       facts_digest, signatures, problem, replay_of, document_id, organisation_id, person_id,
       unreached)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      ...[id, sha256, name, size, verdict, at, policy.name, policyDigest, factsDigest ?? null],
      ...[JSON.stringify(signatures), problem ? JSON.stringify(problem) : null, replayOf ?? null],
      ...[documentId ?? null, organisationId ?? null, personId ?? null, unreached],
    ],
  );
  const fact = { validationId: id, sha256, verdict, organisationId, documentId };
  emit(validationConcluded, id, { ...fact, ...reasonOf(signatures, problem) });
  const made = { id, sha256, name, size, verdict, at, policy: policy.name, policyDigest };
  return { ...made, signatures, problem, unreached, replayOf, documentId };
}
