import { describe, expect, it } from '@jest/globals';
import { ecKeys, issue } from '../testing/authority.js';
import { stopwatch } from '../testing/cost.js';
import { c14n, dsig, exclusive, type ReferenceWish, template } from './testing.js';
import { verifyXml } from './verify-xml.js';

const { certificate } = issue({ keys: ecKeys() });
const xpath = (expression: string) =>
  `<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>${expression}</XPath></Transform>`;
const filter = (expression: string) =>
  `<Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><XPath xmlns="http://www.w3.org/2002/06/xmldsig-filter2" Filter="union">${expression}</XPath></Transform>`;
const document = (content: string, references: ReferenceWish[], more = '') =>
  `<m>${content}${template({ references, objects: more })}</m>`;
const many = '<b>x</b>'.repeat(20_000);
const wide = `${Array.from({ length: 60 }, (_, i) => `<n xmlns:p${i}="urn:${'long'.repeat(200)}${i}">`).join('')}${'<b a="1"/>'.repeat(5_000)}${'</n>'.repeat(60)}`;
// A tenth of what is allowed unless said otherwise, so that the answer takes a tenth of the time.
const limits = { work: 100_000_000, xpathVisits: 400_000 };
const times = (length: number, one: ReferenceWish) => Array.from({ length }, () => one);

describe('signatures that ask for more than they should get', () => {
  it.each<[string, string]>([
    ['many references to a large document', document(many, times(64, { uri: '' }))],
    [
      'canonical forms read again and again',
      document(
        many,
        times(64, { uri: '', transforms: [c14n, xpath('true()'), c14n, xpath('true()'), c14n] }),
      ),
    ],
    [
      'an expression that counts everything for each node',
      document(many, [{ uri: '', transforms: [xpath('count(//node()[count(//node())>0])>0')] }]),
    ],
    [
      'an expression over all namespaces',
      document(wide, [
        { uri: '', transforms: [xpath('count(//namespace::*)>count(ancestor::*)')] },
      ]),
    ],
    [
      'an expression over long texts',
      document('x'.repeat(1_000_000), [
        { uri: '', transforms: [xpath('contains(/,/) or translate(/,/,/)')] },
      ]),
    ],
    [
      'each element with all its namespaces',
      document(wide, [
        {
          uri: '',
          transforms: [xpath('self::text() or count(ancestor-or-self::*) mod 2 = 0'), c14n],
        },
      ]),
    ],
    [
      'prefixes treated as inclusive',
      document(
        wide,
        times(64, {
          uri: '',
          transforms: [
            `<Transform Algorithm="${exclusive}"><i:InclusiveNamespaces xmlns:i="${exclusive}" PrefixList="${Array.from({ length: 200 }, (_, i) => `p${i}`).join(' ')}"/></Transform>`,
          ],
        }),
      ),
    ],
    [
      'filters by the dozen',
      document(many, times(64, { uri: '', transforms: times(8, {}).map(() => filter('//b')) })),
    ],
    [
      'decoding of everything',
      document(many, times(64, { uri: '', transforms: [`${dsig}base64`] })),
    ],
    ['signatures by the dozen', `<m>${many}${template().repeat(32)}</m>`],
  ])('are answered in time: %s', (_, xml) => {
    const elapsed = stopwatch();
    let verdict: string;
    try {
      ({ verdict } = verifyXml(xml, { keys: [certificate], limits }));
    } catch (error) {
      verdict = String(error);
    }
    expect(verdict).toMatch(/invalid|XmlError/);
    // About a tenth of a second; the bound is what a machine with other work may make of it.
    expect(elapsed()).toBeLessThan(1500);
  });

  it('are refused when they are too many, refer too often or transform too long', () => {
    const failures = (xml: string) =>
      verifyXml(xml, { keys: [certificate] }).failures.map(({ detail }) => detail);
    expect(failures(document('', times(65, { uri: '' })))).toEqual(['More than 64 Reference']);
    expect(failures(document('', [{ uri: '', transforms: Array(9).fill(c14n) }]))).toEqual([
      'More than 8 Transform',
    ]);
    expect(() => failures(`<m>${template().repeat(33)}</m>`)).toThrow('More than 32 signatures');
  });
});
