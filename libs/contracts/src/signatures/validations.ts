import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Flag, Hash, Id, List, Moment, Part, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { NotFound, problem } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';

export class NoSuchPolicy extends problem(422, 'signatures/no-such-policy', {
  vi: 'Không có chính sách kiểm tra này còn hiệu lực',
  en: 'No validation policy of this name holds today',
}) {}
export class NothingToReplay extends problem(409, 'signatures/nothing-to-replay', {
  vi: 'Tệp này không đọc được nên không có dữ kiện để kiểm tra lại',
  en: 'The file could not be read, so there are no facts to validate again',
}) {}

/**
 * What became of a document: the least of its signatures' states (EN 319 102-1, 5.1.3). A file
 * without signatures and one that cannot be read have a word of their own.
 */
export const verdicts = [
  'TOTAL_PASSED',
  'TOTAL_FAILED',
  'INDETERMINATE',
  'NO_SIGNATURE',
  'UNREADABLE',
] as const;
export type Verdict = (typeof verdicts)[number];

/** A sentence for people. */
export class Said {
  @Text({ max: 1_000 }) vi: string;
  @Text({ max: 1_000 }) en: string;
}

export class ValidatedStamp {
  @Text({ max: 20, description: 'content, signature or archive' }) kind: string;
  @Moment({ optional: true }) time?: Date;
  @Text({ max: 20 }) indication: string;
  @Text({ max: 60, optional: true }) subIndication?: string;
  @Part(() => Said) message: Said;
}

/** The certificate of who signed. */
export class ValidatedSigner {
  @Text({ max: 300, description: 'Common name' }) name: string;
  @Text({ max: 1_000 }) subject: string;
  @Text({ max: 1_000 }) issuer: string;
  @Text({ max: 100, description: 'Hexadecimal' }) serial: string;
  @Hash() fingerprint: string;
  @Moment() notBefore: Date;
  @Moment() notAfter: Date;
  @Text({ max: 40, optional: true, description: 'The trust list: official-duty, public or trial' })
  list?: string;
}

/** One signature: what it is, what became of it, and why. */
export class ValidatedSignature {
  @Text({ max: 300, description: 'Its field, path or number in the document' }) id: string;
  @Text({ max: 20 }) form: string;
  @Text({
    max: 20,
    optional: true,
    description:
      'B, T, LT or LTA: the baseline level that what is really in the file makes (EN 319 142-1, ' +
      'EN 319 132-1), whatever the verdict; none: not even B',
  })
  level?: string;
  @Choice(['TOTAL_PASSED', 'TOTAL_FAILED', 'INDETERMINATE']) indication: Verdict;
  @Text({ max: 60, optional: true, description: 'EN 319 102-1, tables 5 and 6' })
  subIndication?: string;
  @Part(() => Said) message: Said;
  @Text({ max: 1_000, optional: true, description: 'What exactly, in technical words' })
  detail?: string;
  @Moment({ optional: true, description: 'The moment the reason is about' }) at?: Date;
  @Moment({ description: 'The earliest moment at which it is known to have existed' })
  bestSignatureTime: Date;
  @Flag({ description: 'Whether a time stamp proves that moment' }) proven: boolean;
  @Moment({ optional: true, description: 'What the signer claims; proves nothing' })
  claimedTime?: Date;
  @Part(() => ValidatedSigner, { optional: true }) signer?: ValidatedSigner;
  @List(() => ValidatedStamp, { max: 100 }) timeStamps: ValidatedStamp[];
}

/** A validation that is kept: what was asked, the verdict, and what it rests on. */
export class Validation {
  @Id() id: string;
  @Hash({ description: 'Of the document' }) sha256: string;
  @Text({ max: 255 }) name: string;
  @Count({ max: 10_000_000_000 }) size: number;
  @Choice(verdicts) verdict: Verdict;
  @Moment({ description: 'As of when it was validated' }) at: Date;
  @Text({ max: 40 }) policy: string;
  @Hash({ description: 'SHA-256 of the rules and trust lists as they were' }) policyDigest: string;
  @List(() => ValidatedSignature, { max: 100 }) signatures: ValidatedSignature[];
  @Part(() => Said, { optional: true, description: 'Why the file could not be read' })
  problem?: Said;
  @List(Text({ max: 260 }), {
    max: 20,
    description: 'Hosts that did not answer for the status of a certificate, or may not be asked',
  })
  unreached: string[];
  @Id({ optional: true, description: 'The validation whose facts were judged again' })
  replayOf?: string;
  @Id({ optional: true, description: 'The incoming document it was done for by itself' })
  documentId?: string;
}

const Policy = () =>
  Text({ max: 40, optional: true, description: 'Name of the policy; `general` if not said' });

export class ValidateFile {
  @List(Text({ max: 2_000 }), {
    min: 1,
    max: 2,
    description: 'Tickets: the signed PDF, CMS or XML; for a detached CMS also its content',
  })
  files: string[];
  @Policy() policy?: string;
}

export class FindValidation {
  @Id() id: string;
}

export class Revalidate {
  @Id() id: string;
  @Policy() policy?: string;
  @Moment({ optional: true, description: 'As of when; now if not said' }) at?: Date;
}

export const validationReports = ['json', 'xml', 'pdf'] as const;

export class PrintValidation {
  @Id() id: string;
  @Choice(validationReports, {
    description: 'Whole report as JSON or ETSI TS 119 102-2 XML, or one page to read as PDF',
  })
  format: (typeof validationReports)[number];
}

export class ValidationPage extends pageOf(Validation) {}

export const validations = contract('signatures.validations', {
  validate: {
    summary: 'Validate the signatures of an uploaded PDF, CMS or XML, and keep what was found',
    route: 'POST /validations',
    permission: 'signed-in',
    input: ValidateFile,
    output: Validation,
    errors: [NoSuchPolicy],
    status: 201,
    timeoutMs: 30_000,
  },
  find: {
    summary: 'Read a validation you asked for, or one of a document of your agency',
    route: 'GET /validations/:id',
    permission: 'signed-in',
    input: FindValidation,
    output: Validation,
    errors: [NotFound],
  },
  list: {
    summary: 'List the validations you asked for, newest first',
    route: 'GET /validations',
    permission: 'signed-in',
    input: PageInput,
    output: ValidationPage,
  },
  replay: {
    summary: 'Judge the facts of a validation again, under another policy or as of another time',
    route: 'POST /validations/:id/replays',
    permission: 'signed-in',
    input: Revalidate,
    output: Validation,
    errors: [NotFound, NoSuchPolicy, NothingToReplay],
    status: 201,
    timeoutMs: 15_000,
  },
  print: {
    summary: 'The report of a validation, for programs or for a person to read',
    route: 'GET /validations/:id/reports/:format',
    permission: 'signed-in',
    input: PrintValidation,
    output: StoredFile,
    errors: [NotFound, NothingToReplay],
    replies: 'file',
    timeoutMs: 15_000,
  },
});

export class ValidationFact {
  @Id() validationId: string;
  @Hash({ description: 'Of the document' }) sha256: string;
  @Choice(verdicts) verdict: Verdict;
  @Id({ optional: true }) organisationId?: string;
  @Id({ optional: true, description: 'The incoming document it was done for' })
  documentId?: string;
  @Part(() => Said, { optional: true, description: 'Why it is not passed' }) reason?: Said;
  @List(Text({ max: 40 }), { max: 10, description: 'Trust lists that its signers are on' })
  lists: string[];
}

export const validationConcluded = event(
  'signatures.validations.concluded.v1',
  'The signatures of a document were validated',
  ValidationFact,
);
