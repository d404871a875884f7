import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Id, List, Moment, Part, Text, Version } from '../language/fields.js';
import { Changed, Conflict, NotFound } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';
import { type HolderKind, holderKinds, OutOfOrder } from './certificates.js';
import { FormIncomplete, type RequestForm, requestForms, SubscriberFields } from './requests.js';

export const gapReasons = ['none', 'expired', 'blocked', 'revoked', 'expiring', 'added'] as const;
export const gapListStates = ['open', 'confirmed', 'consolidated'] as const;
export type GapListState = (typeof gapListStates)[number];

export class FindGapList {
  @Id({ description: 'The campaign' }) id: string;
  @Id() agencyId: string;
}
export class FindGapLine extends FindGapList {
  @Id() lineId: string;
}

export class AddGapLine extends FindGapList {
  @Choice(requestForms) form: RequestForm;
  @Choice(holderKinds) holderKind: HolderKind;
  @Id({ description: 'The person or agency; for a system its agency' }) holderId: string;
  @Id({ optional: true, description: 'The certificate that forms 04 to 06 are about' })
  certificateId?: string;
  @Part(() => SubscriberFields) fields: SubscriberFields;
  @Text({ max: 300, description: 'Why it belongs on the list' }) reason: string;
}
export class EditGapLine extends FindGapLine {
  @Part(() => SubscriberFields, { description: 'The fields that change; others stay' })
  fields: SubscriberFields;
}
export class RemoveGapLine extends FindGapLine {
  @Text({ max: 300, description: 'Why it does not belong on the list' }) reason: string;
}
export class ConfirmGapList extends FindGapList {
  @Version() version: number;
}
export class ReturnGapList extends ConfirmGapList {
  @Text({ max: 300 }) reason: string;
}
export class ExportGapList extends FindGapList {
  @Choice(['pdf', 'docx']) format: 'pdf' | 'docx';
}

/** Somebody or something that needs a certificate, and where that stands. */
export class GapLine {
  @Id() id: string;
  @Id() unitId: string;
  @Choice(holderKinds) holderKind: HolderKind;
  @Id() holderId: string;
  @Id({ optional: true }) certificateId?: string;
  @Choice(gapReasons) why: (typeof gapReasons)[number];
  @Choice(requestForms) form: RequestForm;
  @Part(() => SubscriberFields) fields: SubscriberFields;
  @List(Text({ max: 40 }), { max: 40, description: 'Fields that are missing or wrong' })
  missing: string[];
  @Text({
    max: 20,
    description: 'open, confirmed, removed, or the state of its line in the request',
  })
  state: string;
  @Text({ max: 300, optional: true }) addedReason?: string;
  @Text({ max: 300, optional: true }) removedReason?: string;
  @Text({ max: 300, optional: true }) rejectedReason?: string;
  @Id({ optional: true }) requestLineId?: string;
  @Text({ max: 40, optional: true, description: 'Of its line in the request: 2026-7/2' })
  reference?: string;
}

/** What an agency lacks, as one campaign sees it. */
export class GapList {
  @Id() campaignId: string;
  @Id() agencyId: string;
  @Choice(gapListStates) state: GapListState;
  @Id({ optional: true }) confirmedBy?: string;
  @Moment({ optional: true }) confirmedAt?: Date;
  @Text({ max: 300, optional: true }) returnedReason?: string;
  @Id({ optional: true }) requestId?: string;
  @List(() => GapLine, { max: 1_000 }) lines: GapLine[];
  @Count({ max: 1_000_000_000 }) version: number;
}

const list = '/signature-campaigns/:id/agencies/:agencyId';

export const gapLists = contract('signatures.gap-lists', {
  show: {
    summary: 'Show what an agency lacks in a campaign; personal data is masked',
    route: `GET ${list}`,
    permission: 'signatures.prepare',
    input: FindGapList,
    output: GapList,
    errors: [NotFound],
  },
  addLine: {
    summary: 'Add somebody or something that lacks a certificate, and say why',
    route: `POST ${list}/lines`,
    permission: 'signatures.prepare',
    input: AddGapLine,
    output: GapList,
    errors: [NotFound, Conflict, OutOfOrder],
    status: 201,
  },
  editLine: {
    summary: 'Fill in what the form of a line asks for',
    route: `PATCH ${list}/lines/:lineId`,
    permission: 'signatures.prepare',
    input: EditGapLine,
    output: GapList,
    errors: [NotFound, OutOfOrder],
  },
  removeLine: {
    summary: 'Take a line off the list, and say why',
    route: `POST ${list}/lines/:lineId/removal`,
    permission: 'signatures.prepare',
    input: RemoveGapLine,
    output: GapList,
    errors: [NotFound, OutOfOrder],
  },
  confirm: {
    summary: 'Confirm the list as the head of the agency; its forms must be complete',
    route: `POST ${list}/confirmation`,
    permission: 'signatures.confirm',
    input: ConfirmGapList,
    output: GapList,
    errors: [NotFound, Changed, OutOfOrder, FormIncomplete],
  },
  giveBack: {
    summary: 'Give a confirmed list back to its agency, with the reason',
    route: `POST ${list}/return`,
    permission: 'signatures.manage',
    input: ReturnGapList,
    output: GapList,
    errors: [NotFound, Changed, OutOfOrder],
  },
  export: {
    summary: 'Print the list of an agency as PDF or Word; it is written down who did',
    route: `GET ${list}/file`,
    permission: 'signatures.prepare',
    input: ExportGapList,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
    timeoutMs: 60_000,
  },
});

export class GapListFact {
  @Id() campaignId: string;
  @Id() agencyId: string;
}

export const gapListConfirmed = event(
  'signatures.gap-lists.confirmed.v1',
  'The head of an agency confirmed what it lacks',
  GapListFact,
);
export const gapListReturned = event(
  'signatures.gap-lists.returned.v1',
  'A confirmed list was given back to its agency',
  GapListFact,
);
