import { buffer } from 'node:stream/consumers';
import {
  type Caller,
  certificateDeliveries,
  type CertificateRequest as CertificateRequestReply,
  type ExportHandOver,
  Forbidden,
  type HandOver as HandOverReply,
  type HandOverDevices,
  type ImportAnswers,
  type ImportedAnswer,
  type ImportedAnswers,
  Invalid,
  NotFound,
  Problem,
  type RecordAnswers,
  type StoredFile,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { FileTickets } from '@eoffice/platform/file-tickets';
import { Serves } from '@eoffice/platform/serves';
import { readSheet } from '@eoffice/platform/sheets';
import type { EntityManager } from 'typeorm';
import { placeOf } from '../directory/known-organisations.js';
import { keepPrint } from '../printing/keep-print.js';
import { CertificateRequest } from '../requests/certificate-request.js';
import { lockRequest } from '../requests/locked-request.js';
import { RequestLine } from '../requests/request-line.js';
import { shownRequest } from '../requests/shown-request.js';
import { answersIn, type AnswerRow } from './answer-sheet.js';
import { announce, keepLineSteps, lineOf, pointedAt, takeAnswer } from './answers.js';
import { HandOver } from './hand-over.js';
import { minutesOf } from './minutes.js';

const permission = 'signatures.manage';
const maxSheetBytes = 10 * 1024 * 1024;
const maxAnswers = 2_000;

/** Records what the provider answered and how devices reached those who use them. */
@Serves(certificateDeliveries)
export class Deliveries {
  constructor(
    private readonly database: Database,
    private readonly tickets: FileTickets,
    private readonly files: FileStore,
  ) {}

  answer({ id, answers }: RecordAnswers, caller: Caller): Promise<CertificateRequestReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const request = await lockRequest(manager, { id });
      const actor = caller.acting(permission, await placeOf(manager, request.agencyId));
      for (const [index, answer] of answers.entries()) {
        await takeAnswer(manager, request, answer, { actor, emit }).catch((error: unknown) => {
          throw pointedAt(error, `/answers/${index}`);
        });
      }
      return shownRequest(manager, request);
    });
  }

  /** A row that is refused changes nothing; the others and the reply are kept in one transaction. */
  async importAnswers({ ticket }: ImportAnswers, caller: Caller): Promise<ImportedAnswers> {
    const [file] = await this.tickets.filesOf([ticket], caller, '/ticket');
    if (file!.size > maxSheetBytes) {
      const detail = { vi: 'tệp quá lớn', en: 'is too large' };
      throw new Invalid([{ pointer: '/ticket', detail }]);
    }
    const content = await buffer(await this.files.open(file!.sha256));
    const table = await readSheet(content, file!.mediaType, { maxRows: maxAnswers + 1 });
    const answers = answersIn(table);
    return this.database.transaction(caller, async (manager, emit) => {
      const rows: ImportedAnswer[] = [];
      for (const row of answers) rows.push(await importRow(manager, emit, row, caller));
      const recorded = rows.filter(({ done }) => done).length;
      return { recorded, refused: rows.length - recorded, rows };
    });
  }

  handOver(input: HandOverDevices, caller: Caller): Promise<HandOverReply> {
    return this.database.transaction(caller, async (manager, emit) => {
      const request = await lockRequest(manager, { id: input.id });
      const actor = caller.acting(permission, await placeOf(manager, request.agencyId));
      const minutes = await manager.save(HandOver.of(input, actor.personId));
      for (const [index, { lineId, deviceSerial }] of input.lines.entries()) {
        const line = await lineOf(manager, request, lineId);
        try {
          line.deliver(minutes.id, deviceSerial);
        } catch (error) {
          throw pointedAt(error, `/lines/${index}`);
        }
        await manager.save(line);
        await keepLineSteps(manager, line, ['delivered'], actor);
        announce(request, line, ['delivered'], emit);
      }
      return { ...minutes, note: minutes.note ?? undefined, devices: input.lines.length };
    });
  }

  async minutes({ id, format }: ExportHandOver, caller: Caller): Promise<StoredFile> {
    const { manager } = this.database;
    const minutes = await manager.findOneBy(HandOver, { id });
    if (!minutes) throw noMinutes();
    const request = await manager.findOneByOrFail(CertificateRequest, { id: minutes.requestId });
    const place = await placeOf(manager, request.agencyId);
    if (!caller.may('signatures.prepare', place)) throw noMinutes();
    const name = `bien-ban-ban-giao-${request.reference}-${minutes.handedOverOn}`;
    const document = await minutesOf(manager, minutes, request);
    const file = await keepPrint(this.files, document, format, name);
    const facts = { format, sha256: file.sha256 };
    await this.database.record(caller, 'signatures.deliveries.minutes-printed', id, facts);
    return file;
  }
}

async function importRow(
  manager: EntityManager,
  emit: Emit,
  { row, reference, place, answer, problem }: AnswerRow,
  caller: Caller,
): Promise<ImportedAnswer> {
  const refused = (why: string) => ({ row, reference, done: false, problem: why });
  if (!place || !answer) return refused(problem!);
  try {
    const { ordinal, ...inYear } = place;
    const request = await lockRequest(manager, inYear);
    const actor = caller.acting(permission, await placeOf(manager, request.agencyId));
    const line = await manager.findOneBy(RequestLine, { requestId: request.id, ordinal });
    if (!line) throw noLine();
    await takeAnswer(manager, request, { lineId: line.id, ...answer }, { actor, emit });
    return { row, reference, done: true };
  } catch (error) {
    // Whether a line of somebody else's exists is not theirs to learn.
    if (error instanceof Forbidden || error instanceof NotFound)
      return refused(sentenceOf(noLine(), caller));
    if (error instanceof Problem && error.status < 500) return refused(sentenceOf(error, caller));
    throw error;
  }
}

function sentenceOf({ title, detail, errors }: Problem, { request }: Caller): string {
  const fields = (errors ?? []).map((error) => error.detail[request.language]).join('; ');
  return (fields || (detail ?? title)[request.language]).slice(0, 500);
}

const noMinutes = () => new NotFound({ vi: 'Không có biên bản này', en: 'No such minutes' });
const noLine = () => new NotFound({ vi: 'Không có dòng đề nghị này', en: 'There is no such line' });
