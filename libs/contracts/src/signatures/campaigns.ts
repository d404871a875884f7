import { blocs } from '../language/caller.js';
import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import {
  Choice,
  Count,
  Day,
  Flag,
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
import { OutOfOrder } from './certificates.js';
import { type GapListState, gapListStates } from './gap-lists.js';
import { FormIncomplete, NotRenewable } from './requests.js';

export class DuplicateSubscribers extends problem(409, 'signatures/duplicate-subscribers', {
  vi: 'Có thuê bao trùng số định danh hoặc địa chỉ thư',
  en: 'Subscribers share a personal id or an address',
}) {}
export class CampaignUnfinished extends problem(409, 'signatures/campaign-unfinished', {
  vi: 'Đợt rà soát còn dòng chưa xong',
  en: 'Lines of the campaign have not ended',
}) {}

export class OpenCampaign {
  @Text({ max: 200 }) name: string;
  @Text({ max: 300, description: 'The plan or decision it rests on' }) legalBasis: string;
  @Day({ description: 'Until when agencies confirm their lists' }) deadline: string;
  @Count({ min: 1, max: 1_000, description: 'Certificates that end within so many days are gaps' })
  expiringWithinDays: number = 90;
  @List(Id(), { min: 1, max: 200, description: 'The agencies, all of one bloc' })
  agencyIds: string[];
}

/** How many lines stand where. */
export class CampaignCounts {
  @Count({ max: 1_000_000 }) open: number;
  @Count({ max: 1_000_000 }) confirmed: number;
  @Count({ max: 1_000_000, description: 'With the provider, or waiting for the hand-over' })
  requested: number;
  @Count({ max: 1_000_000 }) delivered: number;
  @Count({ max: 1_000_000 }) rejected: number;
  @Count({ max: 1_000_000 }) removed: number;
}

export class CampaignAgency {
  @Id() agencyId: string;
  @Text({ max: 200 }) name: string;
  @Choice(gapListStates) state: GapListState;
  @Flag({ description: 'Not confirmed, and the deadline is over' }) late: boolean;
  @Id({ optional: true }) requestId?: string;
  @Part(() => CampaignCounts) lines: CampaignCounts;
}

export class CampaignSummary {
  @Id() id: string;
  @Text({ max: 200 }) name: string;
  @Text({ max: 300 }) legalBasis: string;
  @Choice(blocs) bloc: string;
  @Day() deadline: string;
  @Count({ max: 1_000 }) expiringWithinDays: number;
  @Choice(['open', 'closed']) state: 'open' | 'closed';
  @Moment() openedAt: Date;
  @Moment({ optional: true }) closedAt?: Date;
  @Count({ max: 1_000_000_000 }) version: number;
}

/** A campaign and its progress, agency by agency and in all; only agencies within reach. */
export class Campaign extends CampaignSummary {
  @List(() => CampaignAgency, { max: 200 }) agencies: CampaignAgency[];
  @Part(() => CampaignCounts) lines: CampaignCounts;
}

export class ListCampaigns extends PageInput {}
export class FindCampaign {
  @Id() id: string;
}
export class CloseCampaign extends FindCampaign {
  @Version() version: number;
}
export class ConsolidateCampaign extends FindCampaign {
  @List(Id(), { max: 200, optional: true, description: 'Only these; all confirmed if not said' })
  agencyIds?: string[];
}

export class DuplicateLines {
  @Choice(['personalId', 'email']) by: 'personalId' | 'email';
  @List(Id(), { max: 1_000 }) lineIds: string[];
  @List(Text({ max: 300 }), { max: 1_000, description: 'Subscriber and agency' }) who: string[];
}
export class IncompleteLine {
  @Id() agencyId: string;
  @Id() lineId: string;
  @List(Text({ max: 40 }), { max: 40 }) missing: string[];
}
/** What stands in the way of requests to the provider. */
export class Consolidation {
  @List(Id(), { max: 200, description: 'Lists that their heads have not confirmed' })
  unconfirmed: string[];
  @List(() => DuplicateLines, { max: 1_000 }) duplicates: DuplicateLines[];
  @List(() => IncompleteLine, { max: 10_000 }) incomplete: IncompleteLine[];
}

export class CampaignPage extends pageOf(CampaignSummary) {}

export const signatureCampaigns = contract('signatures.campaigns', {
  open: {
    summary: 'Open a campaign: what each agency lacks is found at once',
    route: 'POST /signature-campaigns',
    permission: 'signatures.manage',
    input: OpenCampaign,
    output: Campaign,
    errors: [NotFound],
    status: 201,
    timeoutMs: 30_000,
  },
  list: {
    summary: 'List campaigns that concern the agencies of the caller, the newest on top',
    route: 'GET /signature-campaigns',
    permission: 'signatures.prepare',
    input: ListCampaigns,
    output: CampaignPage,
  },
  find: {
    summary: 'Show a campaign and its progress, agency by agency and in all',
    route: 'GET /signature-campaigns/:id',
    permission: 'signatures.prepare',
    input: FindCampaign,
    output: Campaign,
    errors: [NotFound],
  },
  check: {
    summary: 'Look for what stands in the way of requests: duplicates, forms, lists not confirmed',
    route: 'GET /signature-campaigns/:id/consolidation',
    permission: 'signatures.manage',
    input: FindCampaign,
    output: Consolidation,
    errors: [NotFound],
  },
  consolidate: {
    summary: 'Make one request for each managing agency out of its confirmed list, and send it',
    route: 'POST /signature-campaigns/:id/consolidation',
    permission: 'signatures.manage',
    input: ConsolidateCampaign,
    output: Campaign,
    errors: [NotFound, OutOfOrder, FormIncomplete, DuplicateSubscribers, NotRenewable],
    timeoutMs: 60_000,
  },
  close: {
    summary: 'Close a campaign once every line has ended',
    route: 'POST /signature-campaigns/:id/close',
    permission: 'signatures.manage',
    input: CloseCampaign,
    output: Campaign,
    errors: [NotFound, Changed, OutOfOrder, CampaignUnfinished],
  },
  export: {
    summary: 'Export every line of a campaign as XLSX; it is written down who did',
    route: 'GET /signature-campaigns/:id/file',
    permission: 'signatures.manage',
    input: FindCampaign,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
    timeoutMs: 60_000,
  },
});

export class CampaignFact {
  @Id() campaignId: string;
  @Choice(blocs) bloc: string;
}
export class ConsolidatedFact extends CampaignFact {
  @Id() agencyId: string;
  @Id({ optional: true, description: 'Absent when the agency lacks nothing' }) requestId?: string;
}

export const campaignOpened = event(
  'signatures.campaigns.opened.v1',
  'A campaign for missing certificates was opened',
  CampaignFact,
);
export const campaignConsolidated = event(
  'signatures.campaigns.consolidated.v1',
  'The list of an agency became a request to the provider',
  ConsolidatedFact,
);
export const campaignClosed = event(
  'signatures.campaigns.closed.v1',
  'Every line of a campaign ended and it was closed',
  CampaignFact,
);
