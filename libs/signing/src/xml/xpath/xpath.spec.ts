import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { requireProgram } from '@eoffice/testing/programs';
import { Budget } from '../limits.js';
import { parseXml } from '../parse.js';
import { attributeOf, elementsBelow } from '../tree.js';
import { evaluate, type XPathScene } from './evaluate.js';
import { parseXPath } from './grammar.js';
import { NamespaceNodes } from './nodes.js';
import { toText } from './values.js';

const xmllint = requireProgram('xmllint');
const source = `<?q one?><a xmlns="urn:d" xmlns:p="urn:p" xml:lang="vi-VN" n="12"><!--c--><b id="x" p:m="1">một</b>
<p:b id="y"> hai  ba </p:b><?q two?><b><c k="v">3</c><c>4.5</c><c/></b><d>-7</d><b id="z">một</b></a>`;

function run(expression: string, budget = new Budget(100_000, 'XPath')): string | number | boolean {
  const document = parseXml(source);
  const scene: XPathScene = {
    namespaces: new Map([
      ['p', 'urn:p'],
      ['d', 'urn:d'],
    ]),
    here: document.root,
    namespaceNodes: new NamespaceNodes(budget),
    budget,
    findById: (id) => [...elementsBelow(document)].find((one) => attributeOf(one, 'id') === id),
  };
  const value = evaluate(parseXPath(expression), { node: document, position: 1, size: 1 }, scene);
  return Array.isArray(value) ? `${value.length}: ${toText(value, budget)}` : value;
}

function byXmllint(expression: string): string {
  const names = expression.replace(
    /\b(d|p):([*\w]+)/g,
    (_, prefix, name) =>
      `*[namespace-uri()="urn:${prefix}"]${name === '*' ? '' : `[local-name()="${name}"]`}`,
  );
  const input = spawnSync(xmllint, ['--xpath', `string(${names})`, '-'], { input: source });
  if (input.status !== 0) throw new Error(input.stderr.toString());
  return input.stdout.toString().replace(/\n$/, '');
}

describe('XPath', () => {
  it.each([
    'count(//node())',
    'count(//@*)',
    'count(//d:b | //d:b | //d:c)',
    'name(//d:c/..)',
    '//d:c[2]',
    '//d:c[last()]/preceding-sibling::*[1]',
    'count(//d:d/preceding::node())',
    'count(//d:b[1]/following::*)',
    'count(//text()/ancestor-or-self::node())',
    '//d:b[. = //d:b[3]]',
    'count(//d:b[. != "x"])',
    'sum(//d:c[. > 0])',
    '//d:d * -2 - -1',
    '7 mod -3',
    '-7 mod 3',
    '1 div 0',
    '-1 div 0',
    '0 div 0',
    '1 div 3 > .3',
    '.5',
    '5.',
    'round(-0.5)',
    'round(2.5)',
    'floor(-1.5)',
    'ceiling(1.2)',
    'number("  12 ")',
    'substring("12345", 1.5, 2.6)',
    'substring("12345", 0, 3)',
    'substring("12345", -1 div 0)',
    'substring("12345", 2)',
    'translate("bar","abc","AB")',
    'normalize-space(//p:b)',
    'concat("a", 1, true())',
    'contains("abc","")',
    'substring-before("1/2/3","/")',
    'substring-after("1/2/3","/")',
    'string-length("ế𝄞")',
    'starts-with("abc","ab")',
    'boolean(//d:nothing)',
    'not(0)',
    '"" = false()',
    '//d:nothing = ""',
    'true() > false()',
    'count(//d:b[lang("vi")])',
    'local-name(/*/*[2])',
    'name(/processing-instruction())',
    'count(//processing-instruction("q"))',
    'namespace-uri(/*/*[1])',
    'name(//@*[3])',
    'count(/descendant::*[position() mod 2 = 1])',
    '(//d:b)[2]/d:c',
    '//d:b[d:c][1]/d:c[1]/@k',
    'count(//*[self::p:b or self::d:d and 1])',
    '- - 2',
    'count(//comment()/..)',
    'string(/)',
    'count(//d:c/following-sibling::node())',
    '//d:b/@p:*',
    'div[div] = 1 or 2 and 0',
  ])('answers %s as libxml2 does', (expression) => {
    expect(String(run(`string(${expression})`))).toBe(byXmllint(expression));
  });

  it('writes and reads numbers without exponents', () => {
    expect(run('string(1000000 * 1000000)')).toBe('1000000000000');
    expect(run('string(1 div 10000000)')).toBe('0.0000001');
    expect(run('number("1e3")')).toBeNaN();
  });

  it('finds by id, and knows where it stands', () => {
    expect(run('id("y x")')).toBe('2: một');
    expect(run('name(here())')).toBe('a');
    expect(run('count(/*/namespace::*)')).toBe(3);
    expect(run('string(//p:b/namespace::p)')).toBe('urn:p');
  });

  it.each([
    '',
    '//',
    'a b',
    'a[',
    'a]',
    '$x',
    'foo()',
    'count()',
    'count(1)',
    'q:a',
    'a::b',
    '1 +',
    "'a",
    'a/',
    '@@a',
    '"a"/b',
    'constructor()',
    '(('.repeat(40),
    'x'.repeat(5000),
    'a[b',
    'and',
    '!',
  ])('refuses %j', (expression) => {
    const refused = () => run(expression);
    // "and" alone is the name of an element.
    if (expression === 'and') expect(refused()).toBe('0: ');
    else expect(refused).toThrow('XPath');
  });

  it('ends, whatever the expression', () => {
    const endless = '//node()[count(//node()[count(//node()) > 0]) > 0]';
    expect(() => run(endless, new Budget(10_000, 'XPath'))).toThrow('Too much work');
  });
});
