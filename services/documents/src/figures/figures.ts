import { type Figures as FiguresReply, figuresOf, type FiguresInput } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, momentOf } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';

/** Measures how an agency handles what comes in. */
@Serves(figuresOf('documents'))
export class Figures {
  constructor(private readonly database: Database) {}

  async measure({ organisationIds, from, to }: FiguresInput): Promise<FiguresReply> {
    const items = await this.database.query<FiguresReply['items'][number]>(
      `select wanted.id as "organisationId", figure.* from unnest($1::uuid[]) as wanted (id)
       join lateral (select from known_organisation o where o.organisation_id = wanted.id limit 1) known on true
       cross join lateral (
         select 'documents.registered' as code, 'Văn bản đến đã đăng ký' as name,
           count(*)::int as value, null::int as of, 'văn bản' as unit
         from incoming_document d where d.organisation_id = wanted.id
           and d.registered_at >= $2 and d.registered_at < $3
         union all
         select 'documents.done-in-time', 'Văn bản đến xử lý xong đúng hạn',
           count(*) filter (where d.completed_at <= d.due_at)::int, count(*)::int, 'văn bản'
         from incoming_document d where d.organisation_id = wanted.id and d.state = 'completed'
           and d.registered_at >= $2 and d.registered_at < $3) figure`,
      [organisationIds, momentOf(from), momentOf(addDays(to, 1))],
    );
    return { items };
  }
}
