import { randomUUID } from 'node:crypto';
import {
  type Article as ArticleReply,
  type ArticlePage,
  articlePublished,
  articles,
  articleWithdrawn,
  type Caller,
  type ChangeArticle,
  Conflict,
  cursorOf,
  type DecideArticle,
  Invalid,
  keyOf,
  type ListArticles,
  NotFound,
  type OpenSite,
  type Page,
  type PageInput,
  type Place,
  type ShowArticle,
  type ShowSite,
  type Site,
  type SitePage,
  type WriteArticle,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { slug } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';
import { Article } from './article.js';
import { articleHtml, siteHtml } from './html.js';
import { findArticle, findSite } from './public-pages.js';

interface SiteRow extends Site {
  bloc: Place['bloc'];
}

/** Keeps the articles of localities' pages, and renders what is published. */
@Serves(articles)
export class Articles {
  constructor(private readonly database: Database) {}

  openSite({ organisationId, slug: wanted, welcome }: OpenSite, caller: Caller): Promise<Site> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const [known] = await manager.query<
        { name: string; shortName: string; bloc: Place['bloc'] }[]
      >(
        `select name, short_name as "shortName", bloc from known_organisation
         where organisation_id = $1 order by valid_from desc limit 1`,
        [organisationId],
      );
      if (!known) throw new NotFound();
      caller.acting('portals.review', { id: organisationId, bloc: known.bloc });
      const id = randomUUID();
      const place = wanted ?? slug(known.shortName.replace(/^UBND\s+/, '')).slice(0, 60);
      const [taken] = await manager.query<unknown[]>(
        'select 1 from site where slug = $1 or organisation_id = $2',
        [place, organisationId],
      );
      if (taken) throw new Conflict();
      await manager.query(
        'insert into site (id, organisation_id, slug, welcome) values ($1, $2, $3, $4)',
        [id, organisationId, place, welcome ?? null],
      );
      record('portals.sites.opened', id, { organisationId });
      return { id, organisationId, slug: place, name: known.name, welcome };
    });
  }

  async sites({ limit = 50, after }: PageInput): Promise<SitePage> {
    const [slug = null] = keyOf(after) ?? [];
    const items = await this.database.query<Site>(
      `select s.id, s.organisation_id as "organisationId", s.slug, s.welcome, o.name
       from site s join lateral (
         select name from known_organisation o where o.organisation_id = s.organisation_id
         order by valid_from desc limit 1) o on true
       where $1::text is null or s.slug > $1 order by s.slug limit $2`,
      [slug, limit],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.slug) };
  }

  write({ siteId, section, title, summary, body }: WriteArticle, caller: Caller) {
    return this.database.transaction(caller, async (manager, _, record) => {
      const site = await this.siteOf(manager, siteId, 'portals.write', caller);
      await mustBeSection(manager, section);
      const article = manager.create(Article, {
        ...{ id: randomUUID(), siteId: site.id, section, title, summary, body, state: 'draft' },
        ...{ slug: await freeSlug(manager, siteId, title), writtenBy: caller.personId },
        createdAt: new Date(),
      } as const);
      await manager.save(article);
      await keepVersion(manager, article, caller);
      record('portals.articles.written', article.id, { version: article.version });
      return article;
    });
  }

  change({ id, version, title, summary, body }: ChangeArticle, caller: Caller) {
    return this.decide({ id, version }, 'portals.write', caller, (article) =>
      article.change({ title, summary, body }, caller.personId, version),
    );
  }

  async list(input: ListArticles, caller: Caller): Promise<ArticlePage> {
    const { siteId, state, limit = 50, after } = input;
    await this.siteOf(this.database.manager, siteId, 'portals.write', caller);
    const [at = null, id = null] = keyOf(after) ?? [];
    const items = await this.database.manager
      .createQueryBuilder(Article, 'a')
      .where({ siteId, ...(state ? { state } : {}) })
      .andWhere('(:at::timestamptz is null or (a.created_at, a.id) < (:at, :id))', { at, id })
      .orderBy({ 'a.createdAt': 'DESC', 'a.id': 'DESC' })
      .limit(limit)
      .getMany();
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.createdAt.toISOString(), last.id) };
  }

  submit(input: DecideArticle, caller: Caller) {
    return this.decide(input, 'portals.write', caller, (article) => article.submit(input.version));
  }

  publish(input: DecideArticle, caller: Caller) {
    return this.decide(input, 'portals.review', caller, (article, emit, { organisationId }) => {
      article.publish(caller.personId, input.version);
      emit(articlePublished, article.id, { articleId: article.id, organisationId });
    });
  }

  withdraw(input: DecideArticle, caller: Caller) {
    return this.decide(input, 'portals.review', caller, (article, emit, { organisationId }) => {
      article.withdraw(input.version);
      emit(articleWithdrawn, article.id, { articleId: article.id, organisationId });
    });
  }

  async showSite({ site }: ShowSite): Promise<Page> {
    return { html: siteHtml(await findSite(this.database, site)) };
  }

  async showArticle({ site, article }: ShowArticle): Promise<Page> {
    return { html: articleHtml(await findArticle(this.database, site, article)) };
  }

  private decide(
    { id, note }: { id: string; version: number; note?: string },
    permission: string,
    caller: Caller,
    work: (article: Article, emit: Emit, site: SiteRow) => void,
  ): Promise<ArticleReply> {
    return this.database.transaction(caller, async (manager, emit, record) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const article = await manager.findOne(Article, { where: { id }, lock });
      if (!article) throw new NotFound();
      const site = await this.siteOf(manager, article.siteId, permission, caller);
      work(article, emit, site);
      await manager.save(article);
      await keepVersion(manager, article, caller, note);
      record(`portals.articles.${article.state}`, id, { version: article.version });
      return article;
    });
  }

  /** The site, for those whose posts reach its locality; to others it is not there. */
  private async siteOf(
    manager: EntityManager,
    id: string,
    permission: string,
    caller: Caller,
  ): Promise<SiteRow> {
    const [site] = await manager.query<SiteRow[]>(
      `select s.id, s.organisation_id as "organisationId", s.slug, s.welcome, o.name, o.bloc
       from site s join known_organisation o using (organisation_id)
       where s.id = $1 order by o.valid_from desc limit 1`,
      [id],
    );
    const place = site && { id: site.organisationId, bloc: site.bloc };
    if (!place || !caller.may('portals.write', place)) throw new NotFound();
    caller.acting(permission, place);
    return site;
  }
}

async function mustBeSection(manager: EntityManager, code: string) {
  const [known] = await manager.query<unknown[]>(
    `select 1 from section where code = $1 and valid_from <= $2
     and (valid_to is null or valid_to >= $2)`,
    [code, localDay()],
  );
  if (known) return;
  const detail = { vi: 'không có chuyên mục này', en: 'is no section of the page' };
  throw new Invalid([{ pointer: '/section', detail }]);
}

/** Two articles of one title differ by a number: `le-hoi-tra`, `le-hoi-tra-2`. */
async function freeSlug(manager: EntityManager, siteId: string, title: string): Promise<string> {
  const base = slug(title).slice(0, 80) || 'bai-viet';
  const rows = await manager.query<{ slug: string }[]>(
    `select slug from article where site_id = $1 and (slug = $2 or slug like $2 || '-%')`,
    [siteId, base],
  );
  const taken = new Set(rows.map((row) => row.slug));
  let count = 1;
  while (taken.has(count === 1 ? base : `${base}-${count}`)) count++;
  return count === 1 ? base : `${base}-${count}`;
}

async function keepVersion(
  manager: EntityManager,
  article: Article,
  caller: Caller,
  note?: string,
) {
  const { id, version, state, title, body } = article;
  await manager.query(
    `insert into article_version (article_id, version, state, title, body, person_id, note)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, version, state, title, body, caller.personId, note ?? null],
  );
}
