import { describe, expect, it } from '@jest/globals';
import { ecKeys, issue, signWith } from '../testing/authority.js';
import { resigned } from '../validation/testing.js';
import { parseXml } from './parse.js';
import { completeXmlSignature } from './sign/complete.js';
import type { Placement } from './sign/options.js';
import { prepareXmlSignature } from './sign/prepare.js';
import { descendantsOf, pathOf } from './tree.js';
import { type Covering, verifyXml } from './verify-xml.js';

const party = issue({ keys: ecKeys() });
const keys = [party.certificate];
const body = { namespace: 'urn:m', localName: 'body' };

function signed(xml: string, placement: Placement, xades = false): string {
  const prepared = prepareXmlSignature(xml, {
    placement,
    scheme: party.keys.scheme,
    certificate: party.certificate,
    ...(xades && { xades: { signingTime: new Date('2026-11-24T08:00:00Z') } }),
  });
  return completeXmlSignature(prepared, signWith(party.keys, prepared.toBeSigned)).toString();
}

const genuine = '<m:body Id="b1">chi 1 triệu</m:body>';
const forged = (id: string, inside = '') => `<m:body Id="${id}">chi 9 triệu${inside}</m:body>`;
const document = (head: string, rest: string) =>
  `<m:message xmlns:m="urn:m"><m:head>${head}</m:head>${rest}</m:message>`;
const plain = document('', genuine);
const within = { namespace: 'urn:m', localName: 'head' };
const honest = signed(plain, { kind: 'enveloped', covers: { id: 'b1' }, within });
const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(honest)![0];
const holding = (extra: string) =>
  signature.replace('</ds:Signature>', `<ds:Object>${extra}</ds:Object></ds:Signature>`);

function ask(xml: string, covering: Covering) {
  const { verdict, covered, checks } = verifyXml(xml, { keys, covering });
  return { verdict, contents: covered.map(({ content }) => content.toString()), checks };
}

describe('an element that was moved and another put in its place', () => {
  it('is accepted where it was signed', () => {
    const { verdict, contents } = ask(honest, body);
    expect({ verdict, contents }).toEqual({
      verdict: 'valid',
      contents: ['<m:body xmlns:m="urn:m" Id="b1">chi 1 triệu</m:body>'],
    });
  });

  it.each([
    ['beside the forged one, after it', document(signature, forged('b2') + genuine)],
    ['beside the forged one, before it', document(signature, genuine + forged('b2'))],
    ['inside the forged one', document(signature, forged('b2', genuine))],
    ['inside the signature', document(holding(genuine), forged('b2'))],
    ['with the signature inside the forged one', document('', forged('b2', holding(genuine)))],
    ['with the forged one in the signature', document(holding(forged('b2')), genuine)],
    [
      'in an extension of the message',
      document(signature, `${forged('b2')}<m:ext>${genuine}</m:ext>`),
    ],
    ['in the head', document(signature + genuine, forged('b2'))],
    ['around the forged one', document(signature, genuine.replace('</', `${forged('b2')}</`))],
  ])('is refused: %s', (_, xml) => {
    expect(ask(xml, body).verdict).toBe('invalid');
    expect(ask(xml, { id: 'b2' }).verdict).toBe('invalid');
    expect(ask(xml, 'root').verdict).toBe('invalid');
    for (const content of ask(xml, { id: 'b1' }).contents) expect(content).not.toContain('9 triệu');
  });

  it.each([
    ['after', document(signature, forged('b1') + genuine)],
    ['before', document(signature, genuine + forged('b1'))],
    [
      'by another attribute',
      document(signature, genuine + forged('b2').replace('Id="b2"', 'id="b1"')),
    ],
    [
      'by xml:id',
      document(signature, genuine + forged('b2').replace('Id=', 'xml:id=').replace('b2', 'b1')),
    ],
  ])('is refused when both have its identifier: %s', (_, xml) => {
    expect(ask(xml, body).verdict).toBe('invalid');
    expect(ask(xml, { id: 'b1' }).verdict).toBe('invalid');
    expect(verifyXml(xml, { keys }).failures).toMatchObject([{ code: 'reference-refused' }]);
  });

  it('is refused as the root when only a part was signed', () => {
    const partly = document('', `<m:other/>${genuine}`);
    const xml = signed(partly, { kind: 'enveloped', covers: { id: 'b1' }, within });
    expect(ask(xml, 'root').verdict).toBe('invalid');
    expect(ask(xml, { namespace: 'urn:m', localName: 'other' }).verdict).toBe('invalid');
  });

  it('is refused when what is asked hides in the signature that leaves itself out', () => {
    const whole = signed(plain, { kind: 'enveloped' });
    const hidden = whole.replace(
      '</ds:Signature>',
      `<ds:Object>${forged('b2')}</ds:Object></ds:Signature>`,
    );
    expect(ask(hidden, 'root').verdict).toBe('valid');
    expect(ask(hidden, 'root').contents[0]).not.toContain('9 triệu');
    expect(ask(hidden, body).verdict).toBe('invalid');
  });
});

describe('an element that is signed by an expression', () => {
  // The signature finds it by what it is called, not by where it is.
  const xpath =
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath xmlns:m="urn:m">' +
    'ancestor-or-self::m:body[@Id="b1"]</ds:XPath></ds:Transform>';
  const template = signed(plain, { kind: 'enveloped' }).replace(
    /(<ds:Transforms>).*?(?=<ds:Transform Algorithm="http:\/\/www.w3.org\/2001\/10\/xml-exc-c14n#">)/,
    `$1${xpath}`,
  );
  const moving = resigned(template, [party]).xml.toString();

  it('is relied on alone, wherever it is moved, and nothing put in its place is', () => {
    const whole = '<m:body xmlns:m="urn:m" Id="b1">chi 1 triệu</m:body>';
    expect(ask(moving, body)).toMatchObject({ verdict: 'valid', contents: [whole] });
    expect(ask(moving, 'root').verdict).toBe('invalid');
    const wrapped = moving.replace(genuine, `${forged('b2')}<m:ext>${genuine}</m:ext>`);
    expect(ask(wrapped, body).verdict).toBe('invalid');
    expect(ask(wrapped, { id: 'b1' })).toMatchObject({ verdict: 'valid', contents: [whole] });
    expect(ask(wrapped, { id: 'b2' }).verdict).toBe('invalid');
    const twice = moving.replace(genuine, forged('b1') + genuine);
    expect(ask(twice, body).verdict).toBe('invalid');
    expect(ask(twice, { id: 'b1' }).verdict).toBe('invalid');
  });

  it('is refused under another prefix, and with a comment in its text keeps its whole text', () => {
    const renamed = moving.replaceAll(/(?<=<\/?)m:|(?<=xmlns:)m(?==)/g, (found) =>
      found === 'm:' ? 'n:' : 'n',
    );
    expect(ask(renamed, body).verdict).toBe('invalid');
    const commented = honest.replace('1 triệu', '1<!-- --> triệu');
    expect(ask(commented, body).contents).toEqual([
      '<m:body xmlns:m="urn:m" Id="b1">chi 1 triệu</m:body>',
    ]);
  });
});

describe('any change at any place', () => {
  const cases: [string, string, Covering][] = [
    ['of an enveloped signature', signed(plain, { kind: 'enveloped' }), 'root'],
    ['of a signature over an element', honest, body],
    ['of a XAdES signature', signed(plain, { kind: 'enveloped' }, true), 'root'],
    [
      'of an enveloping signature',
      signed(genuine.replace(' ', ' xmlns:m="urn:m" '), { kind: 'enveloping' }, true),
      body,
    ],
  ];

  /** One change at each node: gone, twice, renamed, entered, its text or attributes altered. */
  function* changes(xml: string): Generator<[what: string, xml: string]> {
    for (const node of descendantsOf(parseXml(xml))) {
      if (node.kind !== 'element') continue;
      const path = pathOf(node);
      const { outer, inner } = node;
      const whole = xml.slice(outer.start, outer.end);
      const put = (text: string) => xml.slice(0, outer.start) + text + xml.slice(outer.end);
      yield [`${path} gone`, put('')];
      yield [`${path} twice`, put(whole + whole)];
      yield [`${path} renamed`, put(whole.replaceAll(/(<\/?)([\w]+:)?\w+/g, '$1$2renamed'))];
      yield [
        `${path} in another namespace`,
        put(whole.replace(/^<[\w:]+/, '$& xmlns:ds="urn:x" xmlns:m="urn:x" xmlns:xades="urn:x"')),
      ];
      for (const piece of ['x', '<x/>', '<!-- -->', '<?x?>', ' ']) {
        yield [`${piece} in ${path}`, xml.slice(0, inner.start) + piece + xml.slice(inner.start)];
      }
      for (const { prefix, localName, value } of node.attributes) {
        const name = prefix === '' ? localName : `${prefix}:${localName}`;
        yield [
          `${path}/@${name} changed`,
          put(whole.replace(`${name}="${value}"`, `${name}="${value}x"`)),
        ];
        yield [`${path}/@${name} gone`, put(whole.replace(`${name}="${value}"`, ''))];
      }
      const [text] = node.children;
      if (text?.kind === 'text' && node.children.length === 1) {
        const { value } = text;
        const other = value.startsWith('A') ? 'B' : 'A';
        yield [
          `the text of ${path} changed`,
          put(whole.replace(`>${value}<`, `>${other}${value.slice(1)}<`)),
        ];
        yield [`the text of ${path} emptied`, put(whole.replace(`>${value}<`, '><'))];
      }
    }
  }

  it.each(cases)('is refused, or leaves what was signed as it was: %s', (_, xml, covering) => {
    const before = ask(xml, covering);
    expect(before.verdict).toBe('valid');
    let refused = 0;
    for (const [what, changed] of changes(xml)) {
      let after: ReturnType<typeof ask> | undefined;
      try {
        after = ask(changed, covering);
      } catch {
        // Not well-formed any more.
      }
      if (after?.verdict === 'valid') {
        expect({ what, contents: after.contents }).toEqual({ what, contents: before.contents });
      } else refused++;
    }
    expect(refused).toBeGreaterThan(50);
  });

  it('is refused in the value, octet by octet', () => {
    const value = /<ds:SignatureValue[^>]*>([^<]+)</.exec(honest)![1]!;
    const octets = Buffer.from(value, 'base64');
    for (let i = 0; i < octets.length; i++) {
      const other = Buffer.from(octets);
      other[i]! ^= 1 << (i % 8);
      expect(ask(honest.replace(value, other.toString('base64')), body).verdict).toBe('invalid');
    }
    for (const written of [
      '',
      octets.subarray(1).toString('base64'),
      `${value}AAAA`,
      `<!---->${value}`,
    ]) {
      expect(ask(honest.replace(value, written), body).verdict).toBe('invalid');
    }
  });
});
