import { zone } from '@eoffice/platform/local-time';
import MarkdownIt from 'markdown-it';
import type { PublicArticle, PublicSite } from './public-pages.js';

// Pages without scripts and without anything from elsewhere: they work on old telephones, read well
// aloud, and leave nothing for injected code to do.

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
// An article begins below the page's own heading, so that headings keep their order (WCAG 1.3.1).
markdown.core.ruler.push('lower_headings', ({ tokens }) => {
  for (const token of tokens) {
    if (/^h[1-6]$/.test(token.tag)) token.tag = `h${Math.min(6, Number(token.tag[1]) + 1)}`;
  }
});
// Pictures would come from other servers and tell them who reads: their text is shown instead.
markdown.renderer.rules.image = (tokens, index) => escape(tokens[index]!.content);

/** Text as text, whatever is in it. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** The front page of a locality. */
export function siteHtml(site: PublicSite): string {
  const sections = site.sections.map(
    ({
      code,
      name,
      articles,
    }) => `<section aria-labelledby="${code}"><h2 id="${code}">${escape(name)}</h2>
${articles.length > 0 ? `<ul>${articles.map((each) => itemHtml(site, each)).join('')}</ul>` : '<p>Chưa có bài viết.</p>'}
</section>`,
  );
  const welcome = site.welcome ? `<p>${escape(site.welcome)}</p>` : '';
  return page(site, site.name, `<h1>${escape(site.name)}</h1>${welcome}${sections.join('\n')}`);
}

/** One article. */
export function articleHtml({
  site,
  article,
}: {
  site: PublicSite;
  article: PublicArticle;
}): string {
  const { title, summary, body } = article;
  const lead = summary ? `<p class="lead">${escape(summary)}</p>` : '';
  return page(
    site,
    `${title} — ${site.name}`,
    `<article><h1>${escape(title)}</h1>${timeHtml(article)}${lead}${markdown.render(body)}</article>
<p><a href="/pages/${site.slug}">Về trang chủ</a></p>`,
  );
}

function itemHtml(site: PublicSite, article: PublicArticle): string {
  const href = `/pages/${site.slug}/${article.slug}`;
  const summary = article.summary ? `<p>${escape(article.summary)}</p>` : '';
  return `<li><a href="${href}">${escape(article.title)}</a> ${timeHtml(article)}${summary}</li>`;
}

const shownDay = new Intl.DateTimeFormat('vi-VN', {
  timeZone: zone,
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
});

function timeHtml({ publishedAt }: PublicArticle): string {
  return `<time datetime="${publishedAt.toISOString()}">${shownDay.format(publishedAt)}</time>`;
}

function page(site: PublicSite, title: string, content: string): string {
  const links = site.sections
    .map(({ code, name }) => `<li><a href="/pages/${site.slug}#${code}">${escape(name)}</a></li>`)
    .join('');
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head>
<body><a class="skip" href="#noi-dung">Đến nội dung chính</a>
<header><p><a href="/pages/${site.slug}">${escape(site.name)}</a></p>
<nav aria-label="Chuyên mục"><ul>${links}</ul></nav></header>
<main id="noi-dung">${noticeOf(site)}${content}</main>
<footer><p>Trang thông tin chính thức của ${escape(site.name)}.</p></footer></body></html>`;
}

/** A page of a locality that has ended stays readable and says where to go. */
function noticeOf({ successors }: PublicSite): string {
  if (successors.length === 0) return '';
  const names = successors.map(({ name, slug }) =>
    slug ? `<a href="/pages/${slug}">${escape(name)}</a>` : escape(name),
  );
  return `<p class="notice" role="note">Đơn vị này đã được sắp xếp lại. Hiện nay: ${names.join(', ')}.</p>`;
}

const style = `body{font:1.1rem/1.6 system-ui,sans-serif;max-width:50rem;margin:0 auto;padding:1rem;
color:#1a1a1a;background:#fff}a{color:#0b5394}a:focus-visible{outline:3px solid #c60}
header{border-bottom:3px solid #b00020}header p{font-weight:700}nav ul{display:flex;flex-wrap:wrap;
gap:.5rem 1.25rem;list-style:none;padding:0}time{color:#555;font-size:.9em}.lead{font-weight:600}
.notice{border-left:4px solid #b00020;padding:.5rem 1rem;background:#fff4f4}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem}footer{border-top:1px solid #767676;margin-top:2rem}`;
