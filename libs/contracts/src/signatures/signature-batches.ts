import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Id, List, Moment, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Conflict, NotFound } from '../language/problem.js';
import { OutOfOrder } from './certificates.js';
import { KeyLocked, KeysNotSetUp, WrongPassphrase } from './keys.js';

export const batchKinds = ['personal', 'agency'] as const;
export const batchStates = ['running', 'interrupted', 'ended'] as const;
export const batchRowStates = ['waiting', 'stamping', 'signed', 'refused'] as const;

class WithKey {
  @Text({ min: 1, max: 200, secret: true }) passphrase: string;
  @Text({ max: 2_000, optional: true, description: 'Ticket of the PNG to show on each' })
  image?: string;
}

export class StartBatch extends WithKey {
  @Choice(batchKinds) kind: (typeof batchKinds)[number];
  @Id({ description: 'A key that you keep here' }) keyId: string;
  @List(Id(), { min: 1, max: 500, description: 'The documents, or their approved drafts' })
  documentIds: string[];
}

export class ResumeBatch extends WithKey {
  @Id() id: string;
}

/** Many documents signed with one key: how far it is. */
export class SignatureBatch {
  @Id() id: string;
  @Choice(batchKinds) kind: (typeof batchKinds)[number];
  @Id() personId: string;
  @Choice(batchStates, { description: 'interrupted: its process ended; resume it with the key' })
  state: (typeof batchStates)[number];
  @Count({ max: 500 }) total: number;
  @Count({ max: 500, description: 'Not begun' }) waiting: number;
  @Count({ max: 500, description: 'Signed, and waiting for a time stamp' }) stamping: number;
  @Count({ max: 500 }) signed: number;
  @Count({ max: 500 }) refused: number;
  @Moment() begunAt: Date;
  @Moment({ optional: true }) endedAt?: Date;
}

export class FindBatch {
  @Id() id: string;
}

export class ListBatchRows extends PageInput {
  @Id() id: string;
  @Choice(batchRowStates, { optional: true }) state?: (typeof batchRowStates)[number];
}

/** What became of one document of a batch. */
export class BatchRow {
  @Count({ min: 1, max: 500, description: 'Its place in the list that was given' }) row: number;
  @Id() documentId: string;
  @Choice(batchRowStates) state: (typeof batchRowStates)[number];
  @Id({ optional: true }) signatureId?: string;
  @Text({ max: 500, optional: true, description: 'Why it was refused' }) problem?: string;
}

export class BatchRowPage extends pageOf(BatchRow) {}

const locked = [WrongPassphrase, KeyLocked, KeysNotSetUp];

export const signatureBatches = contract('signatures.batches', {
  start: {
    summary: 'Sign up to 500 documents with a key that you keep here, each by all the rules',
    route: 'POST /signature-batches',
    permission: 'signatures.sign',
    input: StartBatch,
    output: SignatureBatch,
    errors: [NotFound, Conflict, OutOfOrder, ...locked],
    status: 202,
    timeoutMs: 15_000,
  },
  resume: {
    summary: 'Go on with a batch whose process ended; what was signed stays signed',
    route: 'POST /signature-batches/:id/resumption',
    permission: 'signatures.sign',
    input: ResumeBatch,
    output: SignatureBatch,
    errors: [NotFound, OutOfOrder, ...locked],
    status: 202,
    timeoutMs: 15_000,
  },
  find: {
    summary: 'Show how far a batch of yours is',
    route: 'GET /signature-batches/:id',
    permission: 'signatures.sign',
    input: FindBatch,
    output: SignatureBatch,
    errors: [NotFound],
  },
  rows: {
    summary: 'List what became of each document of a batch, in the order given',
    route: 'GET /signature-batches/:id/rows',
    permission: 'signatures.sign',
    input: ListBatchRows,
    output: BatchRowPage,
    errors: [NotFound],
  },
});

export class SignatureBatchFact {
  @Id() batchId: string;
  @Id() personId: string;
  @Count({ max: 500 }) made: number;
  @Count({ max: 500 }) refused: number;
}

export const signatureBatchEnded = event(
  'signatures.batches.ended.v1',
  'Every document of a batch was signed or refused',
  SignatureBatchFact,
);
