import { describe, expect, it } from '@jest/globals';
import { measure } from '../testing/measure.js';
import { defaultLimits } from './limits.js';
import { parseXml } from './parse.js';
import {
  attributeOf,
  byCodePoint,
  elementsBelow,
  namespaceOf,
  namespacesInScope,
  pathOf,
  textOf,
} from './tree.js';
import { XmlError, type XmlFault } from './xml-error.js';

function faultOf(input: Uint8Array | string, options = {}): XmlFault | 'read' {
  try {
    parseXml(input, options);
    return 'read';
  } catch (error) {
    if (error instanceof XmlError) return error.fault;
    throw error;
  }
}

describe('reading a document', () => {
  it('keeps what XML keeps and normalises what XML normalises', () => {
    const { root } = parseXml(
      '<a b="x\r\ny\tz&#xD;&#xA;&#9;">t\r\nu\rv&#xD;<![CDATA[<\r\n>]]>&lt;</a>',
    );
    expect(attributeOf(root, 'b')).toBe('x y z\r\n\t');
    expect(textOf(root)).toBe('t\nu\nv\r<\n><');
    expect(root.children).toHaveLength(1);
  });

  it('knows the namespaces in scope', () => {
    const { root } = parseXml('<a xmlns="urn:1" xmlns:p="urn:2"><b xmlns="" p:c="" d=""/></a>');
    const [b] = [...elementsBelow(root)];
    expect(b!.namespace).toBe('');
    expect(b!.attributes.map(({ namespace }) => namespace)).toEqual(['urn:2', '']);
    expect(namespaceOf(b!, '')).toBeUndefined();
    expect(namespacesInScope(b!)).toEqual(new Map([['p', 'urn:2']]));
    expect(namespacesInScope(root)).toEqual(
      new Map([
        ['', 'urn:1'],
        ['p', 'urn:2'],
      ]),
    );
  });

  it('remembers where each element stands in the source', () => {
    const source = '\n<a x="1>2"\n><b y="/>" /><c>t</c\n></a>';
    const { root } = parseXml(`<?xml version="1.0"?>${source}`);
    const cut = (range: { start: number; end: number }) =>
      `<?xml version="1.0"?>${source}`.slice(range.start, range.end);
    const [b, c] = root.children;
    expect(b?.kind === 'element' && cut(b.outer)).toBe('<b y="/>" />');
    expect(c?.kind === 'element' && cut(c.outer)).toBe('<c>t</c\n>');
    expect(c?.kind === 'element' && cut(c.inner)).toBe('t');
    expect(cut(root.inner)).toBe('<b y="/>" /><c>t</c\n>');
    expect(pathOf(c!)).toBe('/a[1]/c[1]');
  });

  it('reads the encodings of XML and refuses to guess', () => {
    const text = '<?xml version="1.0" encoding="UTF-16"?><a>Đà Lạt 𝄞</a>';
    const le = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect(textOf(parseXml(le))).toBe('Đà Lạt 𝄞');
    expect(textOf(parseXml(Buffer.from(le).swap16()))).toBe('Đà Lạt 𝄞');
    expect(textOf(parseXml(Buffer.from('\ufeff<a>Đà</a>')))).toBe('Đà');
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\x80é</a>', 'latin1');
    expect(textOf(parseXml(latin))).toBe('\x80é');
    expect(faultOf(Buffer.from('<a>\xff</a>', 'latin1'))).toBe('encoding');
    expect(faultOf(Buffer.from('<?xml version="1.0" encoding="EUC-JP"?><a/>'))).toBe('encoding');
    expect(faultOf(Buffer.from('<a/>', 'utf16le'))).toBe('read');
  });

  it.each<[string, string, XmlFault]>([
    ['an end tag too many', '<a></a></a>', 'malformed'],
    ['two roots', '<a/><b/>', 'malformed'],
    ['text beside the root', '<a/>x', 'malformed'],
    ['nothing', '', 'malformed'],
    ['an attribute twice', '<a b="" b=""/>', 'malformed'],
    [
      'an attribute twice by namespace',
      '<a xmlns:p="u:" xmlns:q="u:" p:b="" q:b=""/>',
      'namespace',
    ],
    ['a prefix nobody declared', '<p:a/>', 'namespace'],
    ['an attribute prefix nobody declared', '<a p:b=""/>', 'namespace'],
    ['an element called xmlns', '<xmlns:a/>', 'namespace'],
    ['a prefix undeclared', '<a xmlns:p="u:"><b xmlns:p=""/></a>', 'namespace'],
    ['xml bound elsewhere', '<a xmlns:xml="u:"/>', 'namespace'],
    [
      'the namespace of xml bound elsewhere',
      '<a xmlns="http://www.w3.org/XML/1998/namespace"/>',
      'namespace',
    ],
    ['two colons', '<a:b:c xmlns:a="u:"/>', 'namespace'],
    ['a local name that starts with a digit', '<a:1 xmlns:a="u:"/>', 'namespace'],
    ['an unknown entity', '<a>&nbsp;</a>', 'malformed'],
    ['a NUL by reference', '<a>&#0;</a>', 'malformed'],
    ['half a surrogate', '<a>\ud800</a>', 'malformed'],
    ['a markup-like attribute', '<a b="<"/>', 'malformed'],
    ['XML 1.1', '<?xml version="1.1"?><a/>', 'unsupported'],
    ['a document type', '<!DOCTYPE a><a/>', 'doctype'],
  ])('refuses %s', (_, source, fault) => {
    expect(faultOf(source)).toBe(fault);
  });

  it('reads declared attributes only when asked, and entities never', () => {
    const subset = `<!DOCTYPE a [
      <!-- > ] --> <?pi ]> ?> <!ELEMENT a ANY> <!ENTITY e "x>"> <!NOTATION n SYSTEM ']'>
      <!ATTLIST a id ID #IMPLIED  n NMTOKENS "  p  q " f CDATA #FIXED 'a &#65;&lt; b'
                  x (on|off) "on" xmlns:p CDATA "urn:p">
      <!ATTLIST a x CDATA "second">
    ]>`;
    const { root } = parseXml(`${subset}<a id=" one " n="r   s"><p:b/></a>`, {
      allowInternalSubset: true,
    });
    const values = root.attributes.map(({ localName, value }) => [localName, value]);
    expect(values).toEqual([
      ['id', 'one'],
      ['n', 'r s'],
      ['f', 'a A< b'],
      ['x', 'on'],
    ]);
    expect(root.attributes.filter(({ isId }) => isId)).toHaveLength(1);
    expect(root.children[0]?.kind === 'element' && root.children[0].namespace).toBe('urn:p');
    expect(faultOf(`${subset}<a>&e;</a>`, { allowInternalSubset: true })).toBe('malformed');
    const parameters = '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>';
    expect(faultOf(parameters, { allowInternalSubset: true })).toBe('doctype');
    const inDefault = '<!DOCTYPE a [<!ENTITY e "x"><!ATTLIST a b CDATA "&e;">]><a/>';
    expect(faultOf(inDefault, { allowInternalSubset: true })).toBe('doctype');
  });

  it('orders by code point, not by UTF-16 unit', () => {
    expect(['\u{10000}', '\uffee', 'a', '\ue000'].sort(byCodePoint)).toEqual([
      'a',
      '\ue000',
      '\uffee',
      '\u{10000}',
    ]);
  });
});

describe('hostile documents', () => {
  const bomb = `<!DOCTYPE a [<!ENTITY a0 "ha">${Array.from(
    { length: 30 },
    (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};">`,
  ).join('')}]><a>&a30;</a>`;
  const cases: [string, string, XmlFault][] = [
    ['an entity bomb', bomb, 'doctype'],
    ['deep nesting', '<a>'.repeat(1_000_000), 'limit'],
    ['noise', '\u00e9\u0001<&'.repeat(2_000_000), 'limit'],
    ['noise without marks', '\u00e9\u0001<x'.repeat(2_000_000), 'malformed'],
    ['more than the octets allowed', `<a>${'x'.repeat(16_800_000)}</a>`, 'limit'],
    ['very many attributes', `<a ${numbered(700_000, (i) => `b${i}=""`)}/>`, 'limit'],
    ['very many elements', `<a>${'<b/>'.repeat(2_400_000)}</a>`, 'limit'],
    [
      'very many namespaces',
      numbered(200, (i) => `<a xmlns:p${i}="u:" xmlns:q${i}="u:">`),
      'limit',
    ],
    ['very many references', `<a>${'&lt;'.repeat(2_400_000)}`, 'limit'],
    ['as many references as allowed', `<a>${'&lt;'.repeat(1_000_000)}`, 'malformed'],
    ['an attribute never closed', `<a b="${' '.repeat(10_000_000)}`, 'malformed'],
    ['a comment never closed', `<a><!--${'- '.repeat(1_000_000 - 2)}`, 'malformed'],
    ['a section never closed', `<a><![CDATA[${'] '.repeat(1_000_000)}`, 'malformed'],
  ];

  function numbered(length: number, one: (i: number) => string): string {
    return Array.from({ length }, (_, i) => one(i)).join(' ');
  }

  it.each(cases)('refuses %s in time', (_, source, fault) => {
    const [run] = measure(source, 'parse-xml').runs;
    expect(run!.outcome).toBe(fault);
    // A few hundred milliseconds; the bound is what a machine with other work may make of them.
    expect(run!.ms).toBeLessThan(1500);
  });

  it('reads as many nodes as it allows', () => {
    const source = `<a>${'<b/>'.repeat(defaultLimits.nodes - 1)}</a>`;
    expect(parseXml(source).last).toBe(defaultLimits.nodes);
  });
});
