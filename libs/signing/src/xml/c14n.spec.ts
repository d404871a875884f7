import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { requireProgram } from '@eoffice/testing/programs';
import fc from 'fast-check';
import { canonicalize, type C14nMethod, type C14nOptions } from './c14n.js';
import { Budget } from './limits.js';
import { NodeSet } from './node-set.js';
import { parseXml } from './parse.js';
import { elementsBelow, type XmlElement } from './tree.js';
import { joinUriReferences } from './xml-attributes.js';

const xmllint = requireProgram('xmllint');
const switches: Record<C14nMethod, string> = {
  inclusive: '--c14n',
  'inclusive-1.1': '--c14n11',
  exclusive: '--exc-c14n',
};
const methods = Object.keys(switches) as C14nMethod[];

function byXmllint(source: string, method: C14nMethod): string {
  const run = spawnSync(xmllint, ['--nonet', switches[method], '-'], { input: source });
  if (run.status !== 0) throw new Error(`${run.stderr.toString()}\n${source}`);
  return run.stdout.toString();
}

function byUs(source: string, options: C14nOptions): string {
  const document = parseXml(source, { allowInternalSubset: true });
  return canonicalize(NodeSet.subtree(document, { comments: true }), options).toString();
}

const elementNamed = (source: string, name: string): XmlElement =>
  [...elementsBelow(parseXml(source))].find(({ localName }) => localName === name)!;

function subtree(source: string, name: string, method: C14nMethod, inclusivePrefixes?: string[]) {
  const set = NodeSet.subtree(elementNamed(source, name), { comments: false });
  return canonicalize(set, { method, comments: false, inclusivePrefixes }).toString();
}

// Documents with everything that canonical XML decides about; prefixes are declared at random,
// so that the same one is bound, bound again, or bound to the same namespace once more.
const prefix = fc.constantFrom('', 'a', 'b', 'é', '\u{10400}');
const uri = fc.constantFrom('urn:1', 'urn:2', 'http://x/?a=1', 'urn:x%20y', 'urn:X');
const characters = fc
  .array(
    fc.constantFrom(
      'x',
      ' ',
      '\n',
      '\t',
      '&#13;',
      '&#9;',
      '&#10;',
      '&amp;',
      '&lt;',
      '&gt;',
      '"',
      'ế',
      '𝄞',
      '\r\n',
      ']',
      "'",
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const value = characters.map((text) => text.replaceAll('"', '&quot;'));
const leaf = fc.oneof(
  characters.map((text) => text.replaceAll(']', '&#93;')),
  characters.map((text) => `<![CDATA[${text}]]>`),
  characters.map((text) => `<!--${text}-->`),
  characters.map((text) => `<?p ${text}?>`),
  fc.constant('<?q?>'),
);
const tag = fc.record({
  prefix,
  name: fc.constantFrom('e', 'f', 'Ω'),
  declared: fc.dictionary(prefix, uri, { maxKeys: 3 }),
  undeclare: fc.boolean(),
  attributes: fc.uniqueArray(fc.tuple(prefix, fc.constantFrom('m', 'n', 'ß', '\uffe0'), value), {
    maxLength: 4,
    selector: ([p, name]) => p + name,
  }),
  xml: fc.dictionary(fc.constantFrom('lang', 'space', 'base', 'id'), fc.constantFrom('v', 'w'), {
    maxKeys: 2,
  }),
});
type Tag = { children?: (Tag | string)[] } & (typeof tag extends fc.Arbitrary<infer T> ? T : never);
const { tree } = fc.letrec<{ tree: Tag }>((tie) => ({
  tree: fc
    .tuple(
      tag,
      fc.array(fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('tree')), {
        maxLength: 4,
      }),
    )
    .map(([one, children]) => ({ ...one, children })),
}));

function written(one: Tag | string, scope: ReadonlyMap<string, string>): string {
  if (typeof one === 'string') return one;
  const here = new Map([...scope, ...Object.entries(one.declared)]);
  if (one.undeclare) here.set('', '');
  const declared = { ...one.declared, ...(one.undeclare ? { '': '' } : {}) };
  const known = (p: string) => p === '' || here.has(p);
  const seen = new Set<string>();
  const attributes = one.attributes.filter(([p, name]) => {
    const key = `${name} ${p === '' ? '' : here.get(p)}`;
    return known(p) && !seen.has(key) && seen.add(key);
  });
  const named = (p: string, name: string) => (p === '' ? name : `${p}:${name}`);
  const name = named(known(one.prefix) ? one.prefix : '', one.name);
  return [
    `<${name}`,
    ...attributes.map(([p, local, text]) => ` ${named(p, local)}="${text}"`),
    ...Object.entries(declared).map(([p, to]) => ` xmlns${p === '' ? '' : `:${p}`}="${to}"`),
    ...Object.entries(one.xml).map(([local, text]) => ` xml:${local}="${text}"`),
    '>',
    ...(one.children ?? []).map((child) => written(child, here)),
    `</${name}>`,
  ].join('');
}

const documents = fc
  .tuple(fc.array(fc.constantFrom('<!-- x -->', '<?y z?>', '\n'), { maxLength: 2 }), tree)
  .map(([around, one]) => around.join('') + written(one, new Map()) + around.join(''));

describe('canonical XML', () => {
  it.each(methods)('writes whole documents as libxml2 does: %s', (method) => {
    fc.assert(
      fc.property(documents, (source) => {
        expect(byUs(source, { method, comments: true })).toBe(byXmllint(source, method));
      }),
      { numRuns: 60 },
    );
  });

  it.each(methods)('is its own canonical form: %s', (method) => {
    fc.assert(
      fc.property(documents, fc.boolean(), (source, comments) => {
        const once = byUs(source, { method, comments });
        expect(byUs(once, { method, comments })).toBe(once);
      }),
    );
  });

  it('writes the examples of the recommendation, section 3', () => {
    const doctype =
      '<!DOCTYPE doc [<!ATTLIST e9 attr CDATA "default"><!ATTLIST normId id ID #IMPLIED attr NMTOKENS #IMPLIED>]>';
    const source = `<?xml version="1.0"?>\n<?xml-stylesheet   href="doc.xsl"\n   type="text/xsl"   ?>\n${doctype}\n<doc>Hello<e2   ></e2><e9/><e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
      xmlns:b="http://www.ietf.org" xmlns:a="http://www.w3.org" xmlns="http://example.org"/><normId id=' A '
      attr=' A   &#xD; B ' /><compute><![CDATA[value>"0" && value<"10" ?"valid":"error"]]></compute></doc>\n<?pi-without-data     ?>\n<!-- c -->`;
    expect(byUs(source, { method: 'inclusive', comments: false })).toBe(
      `<?xml-stylesheet href="doc.xsl"\n   type="text/xsl"   ?>\n<doc>Hello<e2></e2><e9 attr="default"></e9>` +
        `<e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" b:attr="sorted" a:attr="out"></e5>` +
        `<normId attr="A &#xD; B" id="A"></normId>` +
        `<compute>value&gt;"0" &amp;&amp; value&lt;"10" ?"valid":"error"</compute></doc>\n<?pi-without-data?>`,
    );
  });

  it('refuses relative namespaces', () => {
    expect(() => byUs('<a xmlns="b"/>', { method: 'inclusive', comments: false })).toThrow(
      'Relative',
    );
  });

  it('stops at its limit', () => {
    const set = NodeSet.subtree(parseXml(`<a>${'x'.repeat(200)}</a>`), { comments: false });
    const options: C14nOptions = { method: 'inclusive', comments: false };
    const budget = new Budget(100, 'canonical form');
    expect(() => canonicalize(set, options, budget)).toThrow('canonical form');
  });
});

describe('canonical XML of a part', () => {
  const source =
    '<a xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q" xml:lang="vi" xml:space="preserve" xml:id="i" xml:base="http://x/a/b">' +
    '<p:b xml:base="../c/" q:k=""><d xml:base="d/../e?f"><g/></d></p:b></a>';

  it('takes over from what is left out, each method in its own way', () => {
    expect(subtree(source, 'd', 'inclusive')).toBe(
      '<d xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q" xml:base="d/../e?f" xml:id="i" xml:lang="vi" xml:space="preserve"><g></g></d>',
    );
    expect(subtree(source, 'd', 'inclusive-1.1')).toBe(
      '<d xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q" xml:base="http://x/c/e?f" xml:lang="vi" xml:space="preserve"><g></g></d>',
    );
    expect(subtree(source, 'd', 'exclusive')).toBe(
      '<d xmlns="urn:d" xml:base="d/../e?f"><g></g></d>',
    );
    expect(subtree(source, 'd', 'exclusive', ['q'])).toBe(
      '<d xmlns="urn:d" xmlns:q="urn:q" xml:base="d/../e?f"><g></g></d>',
    );
    expect(subtree(source, 'b', 'exclusive')).toBe(
      '<p:b xmlns:p="urn:p" xmlns:q="urn:q" xml:base="../c/" q:k=""><d xmlns="urn:d" xml:base="d/../e?f"><g></g></d></p:b>',
    );
  });

  it('counts a namespace node that a filter left out as never shown (exclusive, section 3)', () => {
    const document = parseXml('<a xmlns="urn:d" xmlns:p="urn:p"><p:b><p:c><p:e/></p:c></p:b></a>');
    const named = (name: string) =>
      [...elementsBelow(document)].find(({ localName }) => localName === name)!;
    const set = NodeSet.subtree(document, { comments: false });
    const exclusive = (inclusivePrefixes: string[] = []) =>
      canonicalize(set, { method: 'exclusive', comments: false, inclusivePrefixes }).toString();
    set.chooseNamespaces(named('c'), new Set());
    expect(exclusive()).toBe(
      '<a xmlns="urn:d"><p:b xmlns:p="urn:p"><p:c><p:e xmlns:p="urn:p"></p:e></p:c></p:b></a>',
    );
    expect(exclusive(['', 'p'])).toBe(
      '<a xmlns="urn:d" xmlns:p="urn:p"><p:b><p:c xmlns=""><p:e xmlns="urn:d" xmlns:p="urn:p"></p:e></p:c></p:b></a>',
    );
    const only = new NodeSet(document);
    for (const name of ['b', 'c']) only.chooseNamespaces(named(name), new Set(['p']));
    const listed = { method: 'exclusive', comments: false, inclusivePrefixes: ['p'] } as const;
    expect(canonicalize(only, listed).toString()).toBe(' xmlns:p="urn:p" xmlns:p="urn:p"');
  });

  it.each([
    ['http://a/b/c', '../d', 'http://a/d'],
    ['http://a/b/c', '', 'http://a/b/c'],
    ['b/c', '../../d', '../d'],
    ['..', '..', '../../'],
    ['..', 'x', '../x'],
    ['a//b/', './c', 'a/b/c'],
    ['http://a', 'b', 'http://a/b'],
    ['a?q', '?r', 'a?r'],
    ['a', '//h/../p', '//h/p'],
    ['a', 'urn:x', 'urn:x'],
    ['/', '../../x', '/x'],
  ])('joins %s and %s to %s', (base, reference, joined) => {
    expect(joinUriReferences(base, reference)).toBe(joined);
  });
});
