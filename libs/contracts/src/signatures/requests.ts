import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import {
  Choice,
  Count,
  Day,
  Email,
  Id,
  List,
  Moment,
  Part,
  Text,
  Version,
} from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, NotFound, problem } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';
import { type HolderKind, holderKinds, OutOfOrder } from './certificates.js';

export class FormIncomplete extends problem(422, 'signatures/form-incomplete', {
  vi: 'Mẫu đề nghị còn thiếu hoặc sai nội dung',
  en: 'The form lacks something, or something in it is wrong',
}) {}
export class NotRenewable extends problem(409, 'signatures/not-renewable', {
  vi: 'Chứng thư không còn đủ điều kiện gia hạn',
  en: 'The certificate cannot be renewed any more',
}) {}

/** Forms 01 to 06 of Nghị định 68/2024: person, agency, device, renew or change, revoke, recover. */
export const requestForms = ['01', '02', '03', '04', '05', '06'] as const;
export type RequestForm = (typeof requestForms)[number];

export const lineStates = [
  ...['draft', 'requested', 'accepted', 'rejected', 'device_ready', 'delivered', 'active'],
] as const;
export type LineState =
  'draft' | 'requested' | 'accepted' | 'rejected' | 'device_ready' | 'delivered' | 'active';

/** What the forms ask about a subscriber; which of it is needed, the form says. */
export class SubscriberFields {
  @Text({ max: 100, optional: true }) fullName?: string;
  @Text({ max: 200, optional: true, description: 'Of an agency, system or subscriber' })
  name?: string;
  @Text({ max: 20, optional: true, description: 'Số định danh cá nhân; masked in lists' })
  personalId?: string;
  @Day({ optional: true }) idIssuedOn?: string;
  @Text({ max: 150, optional: true }) idIssuedBy?: string;
  @Email({ optional: true, description: 'Official address' }) email?: string;
  @Text({ max: 150, optional: true }) position?: string;
  @Text({ max: 200, optional: true }) organisation?: string;
  @Text({ max: 20, optional: true, description: 'Masked in lists' }) mobile?: string;
  @Choice(['token', 'sim'], { optional: true }) keyKind?: string;
  @Text({ max: 300, optional: true }) address?: string;
  @Text({ max: 20, optional: true }) taxCode?: string;
  @Text({ max: 20, optional: true }) budgetCode?: string;
  @Text({ max: 100, optional: true }) province?: string;
  @Text({ max: 100, optional: true }) receiverName?: string;
  @Text({ max: 300, optional: true }) deliveryAddress?: string;
  @Choice(['device', 'service', 'software'], { optional: true }) systemKind?: string;
  @Text({ max: 100, optional: true }) certificateSerial?: string;
  @Text({ max: 100, optional: true }) deviceSerial?: string;
  @Choice(['renew', 'change'], { optional: true }) change?: string;
  @Text({ max: 500, optional: true }) changeDetail?: string;
  @Text({ max: 300, optional: true }) reason?: string;
  @Text({ max: 300, optional: true }) note?: string;
}

export class AskLine {
  @Choice(requestForms) form: RequestForm;
  @Choice(holderKinds) holderKind: HolderKind;
  @Id({ description: 'The person or agency; for a system its agency' }) holderId: string;
  @Id({ optional: true, description: 'The certificate that forms 04 to 06 are about' })
  certificateId?: string;
  @Part(() => SubscriberFields) fields: SubscriberFields;
}

export class CreateRequest {
  @Id({ description: 'The managing agency (cơ quan quản lý trực tiếp)' }) agencyId: string;
  @List(() => AskLine, { min: 1, max: 200 }) lines: AskLine[];
}

export class RequestLine extends AskLine {
  @Id() id: string;
  @Text({ max: 40, description: 'For people and spreadsheets: 2026-7/2' }) reference: string;
  @Choice(lineStates) state: LineState;
  @Text({ max: 300, optional: true, description: 'Why it was rejected' }) reason?: string;
  @Text({ max: 100, optional: true }) deviceSerial?: string;
  @Id({ optional: true, description: 'The minutes of its hand-over' }) handOverId?: string;
  @List(Text({ max: 40 }), { max: 40, description: 'Fields that are missing or wrong' })
  missing: string[];
}

/** A request of a managing agency to the provider of certificates. */
export class CertificateRequest {
  @Id() id: string;
  @Text({ max: 20, description: 'Number in the year: 2026-7' }) reference: string;
  @Id() agencyId: string;
  @Id({ optional: true }) campaignId?: string;
  @Choice(['draft', 'sent']) state: 'draft' | 'sent';
  @Moment() createdAt: Date;
  @Moment({ optional: true }) sentAt?: Date;
  @Day({ optional: true, description: 'When the provider must have answered' }) dueOn?: string;
  @List(() => RequestLine, { max: 400 }) lines: RequestLine[];
  @Count({ max: 1_000_000_000 }) version: number;
}

export class RequestSummary {
  @Id() id: string;
  @Text({ max: 20 }) reference: string;
  @Id() agencyId: string;
  @Id({ optional: true }) campaignId?: string;
  @Choice(['draft', 'sent']) state: string;
  @Moment() createdAt: Date;
  @Day({ optional: true }) dueOn?: string;
  @Count({ max: 1_000 }) lines: number;
  @Count({ max: 1_000, description: 'Lines that the provider has not answered' })
  unanswered: number;
}

export class ListRequests extends PageInput {
  @Id({ optional: true }) agencyId?: string;
  @Id({ optional: true }) campaignId?: string;
}
export class FindRequest {
  @Id() id: string;
}
export class ChangeRequest extends FindRequest {
  @Version() version: number;
}
export class RewriteRequest extends ChangeRequest {
  @List(() => AskLine, { min: 1, max: 200 }) lines: AskLine[];
}
export class PersonalDataInput extends FindRequest {
  @Id() lineId: string;
}
export class PersonalData {
  @Text({ max: 20, optional: true, secret: true }) personalId?: string;
  @Text({ max: 20, optional: true, secret: true }) mobile?: string;
}
export class ExportRequest extends FindRequest {
  @Choice(['pdf', 'docx', 'xlsx']) format: 'pdf' | 'docx' | 'xlsx';
}
export class RequestPage extends pageOf(RequestSummary) {}

export const certificateRequests = contract('signatures.requests', {
  create: {
    summary: 'Draft a request of a managing agency, in the forms of Nghị định 68/2024',
    route: 'POST /certificate-requests',
    permission: 'signatures.prepare',
    input: CreateRequest,
    output: CertificateRequest,
    errors: [NotFound, NotRenewable],
    status: 201,
  },
  list: {
    summary: 'List requests, the newest on top',
    route: 'GET /certificate-requests',
    permission: 'signatures.prepare',
    input: ListRequests,
    output: RequestPage,
  },
  find: {
    summary: 'Show a request; personal ids and telephone numbers are masked',
    route: 'GET /certificate-requests/:id',
    permission: 'signatures.prepare',
    input: FindRequest,
    output: CertificateRequest,
    errors: [NotFound],
  },
  rewrite: {
    summary: 'Write the lines of a draft anew',
    route: 'PUT /certificate-requests/:id/lines',
    permission: 'signatures.prepare',
    input: RewriteRequest,
    output: CertificateRequest,
    errors: [NotFound, Changed, OutOfOrder, NotRenewable],
  },
  send: {
    summary: 'Record that the request goes to the provider; its forms must be complete',
    route: 'POST /certificate-requests/:id/sending',
    permission: 'signatures.prepare',
    input: ChangeRequest,
    output: CertificateRequest,
    errors: [NotFound, Changed, OutOfOrder, FormIncomplete, NotRenewable],
  },
  personalData: {
    summary:
      'Show the personal id and telephone number of a line in full; it is written down who did',
    route: 'GET /certificate-requests/:id/lines/:lineId/personal-data',
    permission: 'signatures.prepare',
    input: PersonalDataInput,
    output: PersonalData,
    errors: [NotFound],
  },
  export: {
    summary:
      'Print a request in its forms, or export its lines as rows; it is written down who did',
    route: 'GET /certificate-requests/:id/file',
    permission: 'signatures.prepare',
    input: ExportRequest,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
    timeoutMs: 60_000,
  },
});

export class RequestFact {
  @Id() requestId: string;
  @Id() agencyId: string;
}

export const certificateRequestSent = event(
  'signatures.requests.sent.v1',
  'A request for certificates went to the provider',
  RequestFact,
);
