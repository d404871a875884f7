import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Flag, Hash, Id, List, Moment, Text } from '../language/fields.js';
import { NotFound, problem } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';

export const surveyCodes = [
  'MAIL_COVER',
  'MAIL_REGULAR',
  'MAIL_NEVER',
  'MAIL_DAILY',
  'MAIL_PRIVATE',
] as const;
export type SurveyCode = (typeof surveyCodes)[number];

export class MonthClosed extends problem(409, 'mail/month-closed', {
  vi: 'Tháng này đã chốt số liệu',
  en: 'The figures of this month are closed',
}) {}

const Month = () =>
  Text({ max: 7, pattern: /^\d{4}-(0[1-9]|1[0-2])$/, description: 'A month: 2026-11' });

export class SurveyInput {
  @Month() month: string;
  @Id({ optional: true, description: 'One agency; absent: all within reach' }) agencyId?: string;
}

/** What was measured of an agency, or of one of its units, beside what it declared. */
export class SurveyFigure {
  @Id() agencyId: string;
  @Id({ optional: true, description: 'Absent: the whole agency' }) unitId?: string;
  @Text({ max: 200, optional: true }) name?: string;
  @Choice(surveyCodes) code: SurveyCode;
  @Text({ max: 200, description: 'What it says, in Vietnamese' }) label: string;
  @Count({ max: 10_000, description: 'Of the definition' }) version: number;
  @Count({ max: 1_000_000_000 }) value: number;
  @Count({ max: 1_000_000_000, description: 'Out of how many' }) of: number;
  @Count({ max: 1_000_000_000, optional: true }) declared?: number;
  @Count({ max: 1_000_000_000, optional: true }) declaredOf?: number;
}

export class Survey {
  @Month() month: string;
  @Flag({ description: 'Counted for good; before that, as of now' }) closed: boolean;
  @Moment({ optional: true }) closedAt?: string;
  @Hash({ optional: true, description: 'SHA-256 of the closed figures' }) sha256?: string;
  @List(() => SurveyFigure, { max: 20_000 }) items: SurveyFigure[];
}

export class DeclareUse {
  @Id() agencyId: string;
  @Month() month: string;
  @Choice(surveyCodes) code: SurveyCode;
  @Count({ max: 1_000_000 }) value: number;
  @Count({ max: 1_000_000 }) of: number;
}

export class Declaration extends DeclareUse {
  @Moment() declaredAt: string;
}

export class IdleInput {
  @Id() agencyId: string;
  @Count({ min: 1, max: 3_650, description: 'Nothing sent or opened within so many days' })
  days: number = 30;
}

/** An open mailbox that nobody uses. */
export class IdleMailbox {
  @Id() mailboxId: string;
  @Text({ max: 254 }) address: string;
  @Text({ max: 200 }) name: string;
  @Choice(['person', 'post']) kind: 'person' | 'post';
  @Flag({ description: 'Nobody has ever opened a mail in it' }) neverOpened: boolean;
  @Day({ optional: true, description: 'When something was last sent or opened' })
  lastUsedOn?: string;
  @Count({ max: 1_000_000, description: 'What came in since then' }) received: number;
}

export class IdleMailboxes {
  @List(() => IdleMailbox, { max: 1_000 }) items: IdleMailbox[];
}

export class MonthInput {
  @Month() month: string;
}

/** A closed month counted again from what it was counted from. */
export class Recount {
  @Moment() closedAt: string;
  @Hash({ description: 'SHA-256 of the figures when the month was closed' }) kept: string;
  @Hash({ description: 'SHA-256 of the same figures, counted now' }) counted: string;
  @Flag() equal: boolean;
}

export class SurveyExport extends SurveyInput {
  @Choice(['xlsx', 'svg'], { description: 'A workbook, or a chart to look at' })
  format: 'xlsx' | 'svg';
}

export const mailSurvey = contract('mail.survey', {
  measure: {
    summary: 'Show how far official mail is used in a month, measured beside declared',
    route: 'GET /mail/survey/:month',
    permission: 'mail.read',
    input: SurveyInput,
    output: Survey,
    timeoutMs: 20_000,
  },
  declare: {
    summary: 'Declare what an agency itself counted for a month; the newest declaration is shown',
    route: 'POST /mail/survey/:month/declarations',
    permission: 'mail.declare',
    input: DeclareUse,
    output: Declaration,
    errors: [MonthClosed],
    status: 201,
  },
  idle: {
    summary: 'List the mailboxes of an agency that nobody uses, or has ever opened',
    route: 'GET /mail/idle-mailboxes',
    permission: 'mail.read',
    input: IdleInput,
    output: IdleMailboxes,
  },
  recount: {
    summary: 'Count a closed month again and compare it with what was kept, bit for bit',
    route: 'POST /mail/survey/:month/recounts',
    permission: 'mail.read',
    input: MonthInput,
    output: Recount,
    errors: [NotFound],
    timeoutMs: 20_000,
  },
  export: {
    summary: 'Take a month away as a workbook or a chart',
    route: 'GET /mail/survey/:month/file',
    permission: 'mail.read',
    input: SurveyExport,
    output: StoredFile,
    timeoutMs: 20_000,
  },
});

export class SurveyClosedFact {
  @Month() month: string;
  @Hash() sha256: string;
}

export const mailSurveyClosed = event(
  'mail.survey.closed.v1',
  'The figures of official mail for a month were counted for good',
  SurveyClosedFact,
);
