import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  articlePublished,
  articles,
  type Caller,
  figuresOf,
  organisationChanged,
  type Site,
  successionRecorded,
} from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import { organisation } from '@eoffice/testing/directory';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { stranger } from '@eoffice/testing/tokens';
import { PortalsModule } from '../portals.module.js';

describe('the page of a locality', () => {
  let house: House;
  let site: Site;
  let editor: Caller;
  let reviewer: Caller;
  const ward = organisation({
    name: "Ủy ban nhân dân phường B'Lao",
    shortName: "UBND phường B'Lao",
  });
  const { organisationId } = ward;
  const client = () => house.client(articles);
  const show = async (article?: string, where = site.slug) =>
    (article
      ? await client().showArticle({ site: where, article }, stranger())
      : await client().showSite({ site: where }, stranger())
    ).html;
  const publish = async (title: string, body: string) => {
    const draft = { siteId: site.id, section: 'tin-tuc', title, body };
    const { id } = await client().write(draft, editor);
    await client().submit({ id, version: 1 }, editor);
    return client().publish({ id, version: 2 }, reviewer);
  };

  beforeAll(async () => {
    house = await House.open();
    await house.start('portals', PortalsModule);
    await house.announce(organisationChanged, organisationId, ward);
    editor = await house.as({ permissions: ['portals.write'], organisationId });
    const permissions = ['portals.write', 'portals.review', 'inspections.read'];
    reviewer = await house.as({ permissions, organisationId });
    site = await eventually(() => client().openSite({ organisationId }, reviewer));
  });
  afterAll(() => house.close());

  it('lies at an address without marks, and says so while it is empty', async () => {
    expect(site.slug).toBe('phuong-b-lao');
    const html = await show();
    expect(html).toContain('<html lang="vi">');
    expect(html).toContain('Ủy ban nhân dân phường B&#39;Lao');
    expect(html.match(/Chưa có bài viết/g)).toHaveLength(6);
    expect(await show(undefined, "Phường B'Lao".normalize('NFD'))).toBe(html);
    expect(await problemOf(show(undefined, 'khong-co'))).toBe('not-found');
  });

  it('shows an article only after somebody else has reviewed it', async () => {
    const draft = { siteId: site.id, section: 'tin-tuc', title: 'Lễ hội trà', body: 'Mời bà con.' };
    const { id, slug } = await client().write(draft, editor);
    expect(await problemOf(client().write({ ...draft, section: 'x' }, editor))).toBe('invalid');
    expect(await problemOf(show(slug))).toBe('not-found');
    expect(await problemOf(client().publish({ id, version: 1 }, reviewer))).toBe(
      'portals/article-state',
    );
    await client().submit({ id, version: 1 }, editor);
    expect(await problemOf(client().publish({ id, version: 2 }, editor))).toBe('forbidden');
    await client().publish({ id, version: 2 }, reviewer);
    await house.announced(articlePublished);
    expect(await show(slug)).toContain('<p>Mời bà con.</p>');
    expect(await show()).toContain(`href="/pages/${site.slug}/${slug}"`);
    const own = await client().write(draft, reviewer);
    expect(own.slug).toBe('le-hoi-tra-2');
    await client().submit({ id: own.id, version: 1 }, reviewer);
    expect(await problemOf(client().publish({ id: own.id, version: 2 }, reviewer))).toBe(
      'portals/own-article',
    );
    await client().change({ id, version: 3, title: 'Lễ hội', body: 'Đổi' }, editor);
    expect(await problemOf(show(slug))).toBe('not-found');
  });

  it('lets nothing run and nothing be fetched, whatever is written', async () => {
    const { slug } = await publish(
      '<script>alert(1)</script> & "bài"',
      '# Tiêu đề\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) ![ảnh](https://example.org/a.png)\n\n<iframe src="//e">',
    );
    const html = await show(slug);
    expect(html).not.toMatch(/<(script|img|iframe)|href="javascript:|onerror=alert\(1\)>/);
    expect(html).not.toContain('example.org/a.png"');
    expect(html).toContain('<h2>Tiêu đề</h2>');
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(html).toContain('class="skip" href="#noi-dung"');
    expect(html).toContain('<main id="noi-dung">');
  });

  it('is not there for editors of other localities', async () => {
    const other = await house.as({
      permissions: ['portals.write', 'portals.review'],
      organisationId: site.id,
    });
    const draft = { siteId: site.id, section: 'tin-tuc', title: 'x', body: 'x' };
    expect(await problemOf(client().write(draft, other))).toBe('not-found');
    expect(await problemOf(client().list({ siteId: site.id }, other))).toBe('not-found');
    expect(await problemOf(client().openSite({ organisationId }, other))).toBe('forbidden');
  });

  it('measures what was published, and tells who came after a locality that ended', async () => {
    const input = { organisationIds: [organisationId], from: localDay(), to: localDay() };
    const { items } = await house.client(figuresOf('portals')).measure(input, reviewer);
    expect(items).toMatchObject([
      { code: 'portals.articles-published', value: 1 },
      { code: 'portals.sections-filled', value: 1, of: 6 },
    ]);
    const next = organisation({ name: 'Ủy ban nhân dân phường mới' });
    await house.announce(organisationChanged, next.organisationId, next);
    const succession = { successionId: site.id, fromId: organisationId, toId: next.organisationId };
    await house.announce(successionRecorded, organisationId, {
      ...{ ...succession, kind: 'merge', effectiveOn: '2025-07-01', legalBasis: 'Nghị quyết' },
    });
    await eventually(async () =>
      expect(await show()).toContain('Hiện nay: Ủy ban nhân dân phường mới'),
    );
  });
});
