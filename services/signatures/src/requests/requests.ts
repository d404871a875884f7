import {
  type Caller,
  type CertificateRequest as CertificateRequestReply,
  certificateRequests,
  type ChangeRequest,
  type CreateRequest,
  cursorOf,
  type ExportRequest,
  type FindRequest,
  keyOf,
  type ListRequests,
  type PersonalData,
  type PersonalDataInput,
  type RequestPage,
  type RequestSummary,
  type RewriteRequest,
  type StoredFile,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { placeOf, reachOf, withinReach } from '../directory/known-organisations.js';
import { askLines, draftRequest, sendRequest } from './asking.js';
import { CertificateRequest } from './certificate-request.js';
import { lockRequest, noRequest } from './locked-request.js';
import { OfficialAddresses } from './official-addresses.js';
import { exportOf } from './request-print.js';
import { RequestLine } from './request-line.js';
import { shownRequest } from './shown-request.js';

const permission = 'signatures.prepare';

/** Drafts, sends, shows and prints requests of managing agencies to the provider. */
@Serves(certificateRequests)
export class CertificateRequests {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
    private readonly addresses: OfficialAddresses,
  ) {}

  create({ agencyId, lines }: CreateRequest, caller: Caller): Promise<CertificateRequestReply> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const actor = caller.acting(permission, await placeOf(manager, agencyId));
      const request = await draftRequest(manager, { agencyId }, actor);
      await askLines(manager, request, lines);
      record('signatures.requests.drafted', request.id, { lines: lines.length });
      return shownRequest(manager, request);
    });
  }

  rewrite(
    { id, version, lines }: RewriteRequest,
    caller: Caller,
  ): Promise<CertificateRequestReply> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const request = await lockRequest(manager, { id });
      caller.acting(permission, await placeOf(manager, request.agencyId));
      request.mustBeDraft(version);
      await manager.delete(RequestLine, { requestId: id });
      await askLines(manager, request, lines);
      await manager.query('update certificate_request set version = version + 1 where id = $1', [
        id,
      ]);
      request.version++;
      record('signatures.requests.rewritten', id, { lines: lines.length });
      return shownRequest(manager, request);
    });
  }

  async send({ id, version }: ChangeRequest, caller: Caller): Promise<CertificateRequestReply> {
    // Whoever changes a line meanwhile makes another version, and this one is not sent.
    const asked = await linesOf(this.database.manager, id);
    const faults = await this.addresses.faultsIn(asked, caller);
    return this.database.transaction(caller, async (manager, emit) => {
      const request = await lockRequest(manager, { id });
      const actor = caller.acting(permission, await placeOf(manager, request.agencyId));
      const lines = await linesOf(manager, id);
      await sendRequest(manager, request, lines, { version, actor, emit, faults });
      return shownRequest(manager, request);
    });
  }

  async find({ id }: FindRequest, caller: Caller): Promise<CertificateRequestReply> {
    const { manager } = this.database;
    return shownRequest(manager, await readable(manager, id, caller));
  }

  async list(input: ListRequests, caller: Caller): Promise<RequestPage> {
    const { limit = 50, after, agencyId, campaignId } = input;
    const [at = null, last = null] = keyOf(after) ?? [];
    const { everywhere, agencies, blocs } = reachOf(caller, [permission]);
    const items = await this.database.query<RequestSummary & { sortKey: string }>(
      `select r.id, r.year || '-' || r.number as reference, r.agency_id as "agencyId",
         r.campaign_id as "campaignId", r.state, r.created_at as "createdAt", r.due_on as "dueOn",
         r.created_at::text as "sortKey", l.*
       from certificate_request r, lateral (
         select count(*)::int as lines,
           count(*) filter (where state = 'requested')::int as unanswered
         from request_line where request_id = r.id) l
       where ${withinReach('r.agency_id')} and ($4::uuid is null or r.agency_id = $4)
         and ($5::uuid is null or r.campaign_id = $5)
         and ($6::timestamptz is null or (r.created_at, r.id) < ($6, $7::uuid))
       order by r.created_at desc, r.id desc limit $8`,
      [everywhere, agencies, blocs, agencyId ?? null, campaignId ?? null, at, last, limit],
    );
    const end = items.length === limit ? items.at(-1) : undefined;
    return { items, next: end && cursorOf(end.sortKey, end.id) };
  }

  async personalData({ id, lineId }: PersonalDataInput, caller: Caller): Promise<PersonalData> {
    const { manager } = this.database;
    const { agencyId } = await readable(manager, id, caller);
    caller.acting(permission, await placeOf(manager, agencyId));
    const line = await manager.findOneBy(RequestLine, { id: lineId, requestId: id });
    if (!line) throw noRequest();
    await this.database.record(caller, 'signatures.requests.personal-data-read', id, { lineId });
    const { personalId, mobile } = line.fields;
    return { personalId, mobile };
  }

  async export({ id, format }: ExportRequest, caller: Caller): Promise<StoredFile> {
    const { manager } = this.database;
    const request = await readable(manager, id, caller);
    caller.acting(permission, await placeOf(manager, request.agencyId));
    const file = await exportOf(manager, this.files, request, format);
    const { sha256 } = file;
    await this.database.record(caller, 'signatures.requests.exported', id, { format, sha256 });
    return file;
  }
}

/** The lines of a request in their order. */
function linesOf(manager: EntityManager, requestId: string): Promise<RequestLine[]> {
  return manager.find(RequestLine, { where: { requestId }, order: { ordinal: 'ASC' } });
}

async function readable(manager: EntityManager, id: string, caller: Caller) {
  const request = await manager.findOneBy(CertificateRequest, { id });
  if (!request) throw noRequest();
  if (!caller.may(permission, await placeOf(manager, request.agencyId))) throw noRequest();
  return request;
}
