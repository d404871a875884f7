import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Id, Moment, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, Conflict, NotFound, problem } from '../language/problem.js';
import { Page } from '../language/stored-file.js';

export class OwnArticle extends problem(403, 'portals/own-article', {
  vi: 'Người viết không tự duyệt bài của mình',
  en: 'Who wrote it does not review it',
}) {}
export class ArticleState extends problem(409, 'portals/article-state', {
  vi: 'Bài viết không ở trạng thái cho phép việc này',
  en: 'The article is not in a state for this',
}) {}

export const articleStates = ['draft', 'submitted', 'published', 'withdrawn'] as const;

export class OpenSite {
  @Id({ description: 'The locality whose page it is' }) organisationId: string;
  @Text({
    max: 60,
    optional: true,
    pattern: /^[a-z0-9-]+$/,
    description: 'Its place in the address',
  })
  slug?: string;
  @Text({ max: 1_000, optional: true, description: 'Words of welcome' }) welcome?: string;
}

export class Site {
  @Id() id: string;
  @Id() organisationId: string;
  @Text({ max: 60 }) slug: string;
  @Text({ max: 200 }) name: string;
  @Text({ max: 1_000, optional: true }) welcome?: string;
}

export class WriteArticle {
  @Id() siteId: string;
  @Text({ max: 40, description: 'Code of the section' }) section: string;
  @Text({ max: 200 }) title: string;
  @Text({ max: 500, optional: true }) summary?: string;
  @Text({ max: 100_000, description: 'CommonMark; HTML is shown as text' }) body: string;
}

export class ChangeArticle {
  @Id() id: string;
  @Version() version: number;
  @Text({ max: 200 }) title: string;
  @Text({ max: 500, optional: true }) summary?: string;
  @Text({ max: 100_000 }) body: string;
}

export class Article {
  @Id() id: string;
  @Id() siteId: string;
  @Text({ max: 40 }) section: string;
  @Text({ max: 100 }) slug: string;
  @Text({ max: 200 }) title: string;
  @Text({ max: 500, optional: true }) summary?: string;
  @Text({ max: 100_000 }) body: string;
  @Choice(articleStates) state: (typeof articleStates)[number];
  @Id() writtenBy: string;
  @Id({ optional: true }) reviewedBy?: string;
  @Moment({ optional: true }) publishedAt?: Date;
  @Count({ max: 1_000_000_000 }) version: number;
}

export class ListArticles extends PageInput {
  @Id() siteId: string;
  @Choice(articleStates, { optional: true }) state?: (typeof articleStates)[number];
}

export class DecideArticle {
  @Id() id: string;
  @Version() version: number;
  @Text({ max: 1_000, optional: true }) note?: string;
}

export class ShowSite {
  @Text({ max: 120, description: 'The site' }) site: string;
}

export class ShowArticle extends ShowSite {
  @Text({ max: 300, description: 'The article' }) article: string;
}

export class SitePage extends pageOf(Site) {}
export class ArticlePage extends pageOf(Article) {}

const decision = {
  input: DecideArticle,
  output: Article,
  errors: [NotFound, Changed, ArticleState],
};

export const articles = contract('portals.articles', {
  openSite: {
    summary: 'Open the public page of a locality',
    route: 'POST /sites',
    permission: 'portals.review',
    input: OpenSite,
    output: Site,
    errors: [NotFound, Conflict],
    status: 201,
  },
  sites: {
    summary: 'List the public pages of localities',
    route: 'GET /sites',
    permission: 'public',
    input: PageInput,
    output: SitePage,
  },
  write: {
    summary: 'Write an article',
    route: 'POST /articles',
    permission: 'portals.write',
    input: WriteArticle,
    output: Article,
    errors: [NotFound],
    status: 201,
  },
  change: {
    summary: 'Change an article; it must be reviewed again',
    route: 'PUT /articles/:id',
    permission: 'portals.write',
    input: ChangeArticle,
    output: Article,
    errors: [NotFound, Changed],
  },
  list: {
    summary: 'List the articles of a site, newest first',
    route: 'GET /articles',
    permission: 'portals.write',
    input: ListArticles,
    output: ArticlePage,
    errors: [NotFound],
  },
  submit: {
    ...decision,
    summary: 'Hand an article in for review',
    route: 'POST /articles/:id/submission',
    permission: 'portals.write',
  },
  publish: {
    ...decision,
    summary: 'Publish a reviewed article',
    route: 'POST /articles/:id/publication',
    permission: 'portals.review',
    errors: [...decision.errors, OwnArticle],
  },
  withdraw: {
    ...decision,
    summary: 'Take an article off the page',
    route: 'POST /articles/:id/withdrawal',
    permission: 'portals.review',
  },
  showSite: {
    summary: 'The public page of a locality',
    route: 'GET /pages/:site',
    permission: 'public',
    input: ShowSite,
    output: Page,
    errors: [NotFound],
    replies: 'page',
  },
  showArticle: {
    summary: 'A published article',
    route: 'GET /pages/:site/:article',
    permission: 'public',
    input: ShowArticle,
    output: Page,
    errors: [NotFound],
    replies: 'page',
  },
});

export class ArticleFact {
  @Id() articleId: string;
  @Id() organisationId: string;
}

export const articlePublished = event(
  'portals.articles.published.v1',
  'An article was published',
  ArticleFact,
);
export const articleWithdrawn = event(
  'portals.articles.withdrawn.v1',
  'An article was taken off the page',
  ArticleFact,
);
