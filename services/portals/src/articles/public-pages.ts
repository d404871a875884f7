import { NotFound } from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { slug } from '@eoffice/platform/text';

export interface PublicSite {
  id: string;
  slug: string;
  name: string;
  welcome: string | null;
  /** Localities that have the functions now, when this one has ended. */
  successors: { name: string; slug: string | null }[];
  sections: { code: string; name: string; articles: PublicArticle[] }[];
}

export interface PublicArticle {
  slug: string;
  title: string;
  summary: string | null;
  body: string;
  section: string;
  publishedAt: Date;
}

const perSection = 20;

/** A site by its address; NFD, capitals and marks lead to the same page. Throws NotFound. */
export async function findSite(database: Database, address: string): Promise<PublicSite> {
  const [site] = await database.query<PublicSite & { organisationId: string }>(
    `select s.id, s.slug, s.welcome, s.organisation_id as "organisationId", o.name
     from site s join known_organisation o using (organisation_id)
     where s.slug = $1 order by o.valid_from <= $2 desc, o.valid_from desc limit 1`,
    [slug(address), localDay()],
  );
  if (!site) throw noPage();
  const [sections, articles, successors] = await Promise.all([
    database.query<{ code: string; name: string }>(
      `select code, name from section where valid_from <= $1 and (valid_to is null or valid_to >= $1)
       order by place`,
      [localDay()],
    ),
    database.query<PublicArticle>(
      `select slug, title, summary, '' as body, section, published_at as "publishedAt" from (
         select a.*, row_number() over (partition by section order by published_at desc) as place
         from article a where site_id = $1 and state = 'published') newest
       where place <= ${perSection} order by published_at desc`,
      [site.id],
    ),
    database.query<{ name: string; slug: string | null }>(
      `select distinct on (o.organisation_id) o.name, t.slug from known_succession k
       join known_organisation o on o.organisation_id = k.to_id
       left join site t on t.organisation_id = k.to_id
       where k.from_id = $1 and k.effective_on <= $2
       order by o.organisation_id, o.valid_from <= $2 desc, o.valid_from desc`,
      [site.organisationId, localDay()],
    ),
  ]);
  return {
    ...site,
    successors,
    sections: sections.map((section) => ({
      ...section,
      articles: articles.filter((article) => article.section === section.code),
    })),
  };
}

/** A published article of a site. Throws NotFound. */
export async function findArticle(database: Database, address: string, article: string) {
  const site = await findSite(database, address);
  const [found] = await database.query<PublicArticle>(
    `select slug, title, summary, body, section, published_at as "publishedAt" from article
     where site_id = $1 and slug = $2 and state = 'published'`,
    [site.id, slug(article)],
  );
  if (!found) throw noPage();
  return { site, article: found };
}

const noPage = () => new NotFound({ vi: 'Không có trang này', en: 'There is no such page' });
