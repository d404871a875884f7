import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Flag, Id, List, Moment, Text } from '../language/fields.js';
import { NotFound } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';
import { OutOfOrder } from './certificates.js';
import { CertificateRequest, FindRequest } from './requests.js';

export const answerOutcomes = ['accepted', 'rejected', 'device_ready'] as const;
export type AnswerOutcome = (typeof answerOutcomes)[number];

export class LineAnswer {
  @Id() lineId: string;
  @Choice(answerOutcomes) outcome: AnswerOutcome;
  @Text({ max: 300, optional: true, description: 'Needed for a rejection' }) reason?: string;
  @Text({ max: 100, optional: true }) deviceSerial?: string;
}

export class RecordAnswers extends FindRequest {
  @List(() => LineAnswer, { min: 1, max: 200 }) answers: LineAnswer[];
}

export class ImportAnswers {
  @Text({ max: 2_000, description: 'Ticket of an uploaded XLSX or CSV file' }) ticket: string;
}

export class ImportedAnswer {
  @Count({ max: 10_000, description: 'Row in the sheet; the heading is row 1' }) row: number;
  @Text({ max: 100, optional: true }) reference?: string;
  @Flag() done: boolean;
  @Text({ max: 500, optional: true, description: 'Why the row was refused' }) problem?: string;
}

export class ImportedAnswers {
  @Count({ max: 10_000 }) recorded: number;
  @Count({ max: 10_000 }) refused: number;
  @List(() => ImportedAnswer, { max: 2_000 }) rows: ImportedAnswer[];
}

export class HandedOver {
  @Id() lineId: string;
  @Text({
    max: 100,
    optional: true,
    description: 'Of the device; needed unless it was named before',
  })
  deviceSerial?: string;
}

export class HandOverDevices extends FindRequest {
  @List(() => HandedOver, { min: 1, max: 200 }) lines: HandedOver[];
  @Day() handedOverOn: string;
  @Text({ max: 200 }) place: string;
  @Text({ max: 100, description: 'Who handed over' }) giver: string;
  @Text({ max: 100, description: 'Who took over for the agency' }) receiver: string;
  @Text({ max: 150 }) receiverPosition: string;
  @Text({ max: 500, optional: true }) note?: string;
}

/** The minutes of a hand-over of devices (biên bản bàn giao). */
export class HandOver {
  @Id() id: string;
  @Id() requestId: string;
  @Day() handedOverOn: string;
  @Text({ max: 200 }) place: string;
  @Text({ max: 100 }) giver: string;
  @Text({ max: 100 }) receiver: string;
  @Text({ max: 150 }) receiverPosition: string;
  @Text({ max: 500, optional: true }) note?: string;
  @Moment() keptAt: Date;
  @Count({ max: 1_000 }) devices: number;
}

export class ExportHandOver {
  @Id() id: string;
  @Choice(['pdf', 'docx']) format: 'pdf' | 'docx';
}

export const certificateDeliveries = contract('signatures.deliveries', {
  answer: {
    summary: 'Record what the provider answered, line by line; all of it or nothing',
    route: 'POST /certificate-requests/:id/answers',
    permission: 'signatures.manage',
    input: RecordAnswers,
    output: CertificateRequest,
    errors: [NotFound, OutOfOrder],
  },
  importAnswers: {
    summary:
      'Record the answers of a sheet (XLSX or CSV), each row by itself, and say how each went',
    route: 'POST /certificate-requests/answers',
    permission: 'signatures.manage',
    input: ImportAnswers,
    output: ImportedAnswers,
    timeoutMs: 60_000,
  },
  handOver: {
    summary: 'Record the minutes of a hand-over: who, when, and the serial of each device',
    route: 'POST /certificate-requests/:id/hand-overs',
    permission: 'signatures.manage',
    input: HandOverDevices,
    output: HandOver,
    errors: [NotFound, OutOfOrder],
    status: 201,
  },
  minutes: {
    summary: 'Print the minutes of a hand-over',
    route: 'GET /hand-overs/:id/file',
    permission: 'signatures.prepare',
    input: ExportHandOver,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
    timeoutMs: 60_000,
  },
});

export class LineFact {
  @Id() lineId: string;
  @Id() requestId: string;
  @Id() agencyId: string;
}

export const certificateAccepted = event(
  'signatures.deliveries.accepted.v1',
  'The provider accepted a line of a request',
  LineFact,
);
export const certificateRejected = event(
  'signatures.deliveries.rejected.v1',
  'The provider rejected a line of a request',
  LineFact,
);
export const deviceReady = event(
  'signatures.deliveries.device-ready.v1',
  'The device of a line is ready to be collected',
  LineFact,
);
export const deviceDelivered = event(
  'signatures.deliveries.delivered.v1',
  'The device of a line was handed over',
  LineFact,
);
