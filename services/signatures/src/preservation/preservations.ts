import {
  type Caller,
  type FindPreservation,
  type ListPreservations,
  NotFound,
  type Preservation,
  type PreservationList,
  preservations,
  type StoredFile,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import { reachOf, withinReach } from '../directory/known-organisations.js';

const permission = 'signatures.read-validations';
const columns = `p.id, p.organisation_id as "organisationId", p.source_sha256 as "sourceSha256",
  p.state, p.sha256, p.size::float8 as size, p.renew_at as "renewAt", p.note,
  coalesce((select json_agg(json_build_object('stampedAt', s.stamped_at, 'stamper', s.stamper,
    'lastsUntil', s.lasts_until, 'fromSha256', s.from_sha256, 'sha256', s.sha256) order by s.id)
    from preservation_step s where s.preservation_id = p.id), '[]') as steps`;

/** Shows which signed files are kept for the long term, and hands them out with their evidence. */
@Serves(preservations)
export class Preservations {
  constructor(private readonly database: Database) {}

  async list({ documentId }: ListPreservations, caller: Caller): Promise<PreservationList> {
    const items = await this.database.query<Preservation>(
      `select ${columns} from preservation p
       where ${withinReach('p.organisation_id')} and (p.document_id = $4 or p.subject_id = $4
         or p.subject_id in (select draft_id from known_signing where document_id = $4))
       order by p.id limit 50`,
      [...reach(caller), documentId],
    );
    return { items };
  }

  async file({ id }: FindPreservation, caller: Caller): Promise<StoredFile> {
    const [found] = await this.database.query<{ sha256: string; size: number }>(
      `select p.sha256, p.size::float8 as size from preservation p
       where ${withinReach('p.organisation_id')} and p.id = $4 and p.sha256 is not null`,
      [...reach(caller), id],
    );
    if (!found) throw new NotFound();
    return { ...found, name: `van-ban-luu-tru-${id}.pdf`, mediaType: 'application/pdf' };
  }
}

function reach(caller: Caller) {
  const { everywhere, agencies, blocs } = reachOf(caller, [permission]);
  return [everywhere, agencies, blocs];
}
