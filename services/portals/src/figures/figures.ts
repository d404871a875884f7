import { type Figures as FiguresReply, figuresOf, type FiguresInput } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, momentOf } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';

/** Measures what localities have published. */
@Serves(figuresOf('portals'))
export class Figures {
  constructor(private readonly database: Database) {}

  async measure({ organisationIds, from, to }: FiguresInput): Promise<FiguresReply> {
    const items = await this.database.query<FiguresReply['items'][number]>(
      `select s.organisation_id as "organisationId", figure.* from site s cross join lateral (
         select 'portals.articles-published' as code, 'Bài viết đã đăng trong kỳ' as name,
           count(*)::int as value, null::int as of, 'bài' as unit from article a
         where a.site_id = s.id and a.state = 'published' and a.published_at >= $2 and a.published_at < $3
         union all
         select 'portals.sections-filled', 'Chuyên mục bắt buộc đã có bài',
           count(distinct a.section)::int, (select count(*)::int from section c
             where c.valid_from <= $4 and (c.valid_to is null or c.valid_to >= $4)), 'chuyên mục'
         from article a where a.site_id = s.id and a.state = 'published') figure
       where s.organisation_id = any ($1::uuid[])`,
      [organisationIds, momentOf(from), momentOf(addDays(to, 1)), to],
    );
    return { items };
  }
}
