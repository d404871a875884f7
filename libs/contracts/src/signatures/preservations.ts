import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Hash, Id, List, Moment, Text } from '../language/fields.js';
import { NotFound } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';

export const preservationStates = ['waiting', 'kept', 'failed'] as const;

/** One time stamp over a document and all evidence about it (PAdES B-LTA). */
export class PreservationStep {
  @Moment({ description: 'What the time stamp says' }) stampedAt: Date;
  @Text({ max: 200, description: 'Whose time stamp it is' }) stamper: string;
  @Moment({ description: 'Until when the stamp and its algorithms can be relied on' })
  lastsUntil: Date;
  @Hash({ description: 'The file that was stamped' }) fromSha256: string;
  @Hash({ description: 'The file with the stamp' }) sha256: string;
}

/** A signed file that is kept so that its signatures can be verified for as long as it is kept. */
export class Preservation {
  @Id() id: string;
  @Id() organisationId: string;
  @Hash({ description: 'The signed file' }) sourceSha256: string;
  @Choice(preservationStates) state: (typeof preservationStates)[number];
  @Hash({ optional: true, description: 'Its newest form, with all evidence in it' })
  sha256?: string;
  @Count({ max: 10_000_000_000, optional: true }) size?: number;
  @Moment({ description: 'When it is stamped again, or tried again' }) renewAt: Date;
  @Text({ max: 1_000, optional: true, description: 'What hinders it' }) note?: string;
  @List(() => PreservationStep, { max: 100 }) steps: PreservationStep[];
}

export class ListPreservations {
  @Id({ description: 'An incoming or issued document, or the draft of one' }) documentId: string;
}

export class PreservationList {
  @List(() => Preservation, { max: 50 }) items: Preservation[];
}

export class FindPreservation {
  @Id() id: string;
}

export const preservations = contract('signatures.preservations', {
  list: {
    summary: 'List the signed files of a document that are kept for the long term',
    route: 'GET /preservations',
    permission: 'signatures.read-validations',
    input: ListPreservations,
    output: PreservationList,
  },
  file: {
    summary: 'Download a signed file with all evidence about it, as it is kept',
    route: 'GET /preservations/:id/file',
    permission: 'signatures.read-validations',
    input: FindPreservation,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
  },
});

export class PreservationFact {
  @Id() preservationId: string;
  @Id({ optional: true }) documentId?: string;
  @Id() organisationId: string;
  @Hash({ description: 'The signed file' }) sourceSha256: string;
}

export class PreservedFact extends PreservationFact {
  @Hash({ description: 'Its form with all evidence' }) sha256: string;
  @Moment({ description: 'When it will be stamped again' }) renewAt: Date;
}

export const preservationExtended = event(
  'signatures.preservations.extended.v1',
  'A signed file was given its evidence and a time stamp over all of it',
  PreservedFact,
);

export class PreservationFailedFact extends PreservationFact {
  @Text({ max: 1_000 }) reason: string;
}

export const preservationFailed = event(
  'signatures.preservations.failed.v1',
  'A signed file can no longer be kept: its signatures do not hold',
  PreservationFailedFact,
);
