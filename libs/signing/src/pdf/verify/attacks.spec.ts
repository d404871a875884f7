import { describe, expect, it } from '@jest/globals';
import { PdfDict, PdfName, PdfRef } from '../reader/objects.js';
import { PdfFile } from '../reader/pdf-file.js';
import type { Permissions } from '../sign/permissions.js';
import { changeDict, object, overwritten, ref, revised, signed } from '../testing/attacker.js';
import { fieldAppearance, formPage, makePdf, onePage, stream } from '../testing/made-pdf.js';
import type { Increment } from '../writer/increment.js';
import { examinePdf } from './examine.js';
import type { FindingCode } from './findings.js';

const forms = { ...formPage };

/** All reasons why the first signature, or the file, is refused. */
function reasonsOf(pdf: Buffer): FindingCode[] {
  const { signatures, findings } = examinePdf(pdf);
  const first = signatures[0];
  if (!first) return ['signature-incomplete', ...findings.map(({ code }) => code)];
  const refused = first.changes.filter(({ permitted }) => !permitted);
  const reasons = [...findings, ...first.findings, ...refused].map(({ code }) => code);
  expect(first.sound).toBe(reasons.length === 0);
  return reasons;
}

const streamObject = (increment: Increment, data: string, dict = '') =>
  increment.add(PdfFile.open(makePdf({ ...onePage, 6: stream(data, dict) })).view.object(6));

describe('Incremental saving', () => {
  const honest = signed(makePdf(forms), { field: 'approval' });
  const tail = (text: string) => Buffer.concat([honest, Buffer.from(text, 'latin1')]);
  const startXref = /startxref\n(\d+)\n%%EOF\n$/.exec(honest.toString('latin1'))![1]!;
  const newPage = '4 0 obj\n<</Length 3>>stream\nq Q\nendstream\nendobj\n';

  it('accepts what was not touched', () => {
    expect(reasonsOf(honest)).toEqual([]);
    expect(examinePdf(honest).signatures[0]).toMatchObject({ reach: 'whole-file', revision: 1 });
  });

  it.each<[string, Buffer, FindingCode]>([
    [
      'an ordinary update of the page',
      revised(honest, (change) => changeDict(change, 3, { Contents: 'null' })),
      'page-content-changed',
    ],
    ['objects without a cross-reference section', tail(newPage), 'data-after-revision'],
    ['a comment', tail('% nothing\n'), 'data-after-revision'],
    ['a second end mark', tail('%%EOF\n'), 'data-after-revision'],
    [
      'objects and the old section once more',
      tail(`${newPage}startxref\n${startXref}\n%%EOF\n`),
      'data-after-revision',
    ],
    [
      'a trailer without a section',
      tail(`${newPage}trailer\n<</Root 1 0 R/Size 20>>\nstartxref\n${honest.length}\n%%EOF\n`),
      'structure-damaged',
    ],
    [
      'a section that is no section',
      tail(`${newPage}xref\n0 0\nstartxref\n${honest.length + newPage.length}\n%%EOF\n`),
      'structure-damaged',
    ],
    [
      'a section without an end mark',
      revised(honest, (change) => changeDict(change, 3, { Rotate: '0' })).subarray(0, -6),
      'structure-damaged',
    ],
  ])('refuses %s', (_, pdf, reason) => {
    expect(reasonsOf(pdf)).toContain(reason);
  });

  it('refuses an update that brings a copy of the signature along', () => {
    const file = PdfFile.open(honest);
    const value = file.view.dict(ref(8))!.get('V');
    const pdf = revised(honest, (change) => {
      changeDict(change, 3, { Contents: 'null' });
      change.edit(ref(8)).set('V', change.add(new PdfDict(file.view.dict(value)!)));
    });
    expect(reasonsOf(pdf)).toContain('byte-range-gap');
  });

  it('refuses to know a signature that a later revision took out', () => {
    const pdf = revised(honest, (change) => changeDict(change, 6, { Fields: '[7 0 R]' }));
    expect(examinePdf(pdf)).toMatchObject({
      signatures: [],
      findings: [{ code: 'signature-replaced' }],
    });
  });
});

describe('Universal forgery: a signature that says nothing', () => {
  const honest = signed(makePdf(onePage));
  const text = honest.toString('latin1');
  const range = /\/ByteRange (\[[^\]]*\])/.exec(text)![1]!;
  const contents = /\/Contents (<[0-9a-f]*>)/.exec(text)![1]!;
  const fit = (value: string, size: number) => value.padEnd(size, ' ');
  const ranged = (value: string) => overwritten(honest, range, fit(value, range.length));
  const [, first, second, last] = range.slice(1, -1).trim().split(/\s+/).map(Number) as number[];

  it.each<[string, Buffer, FindingCode]>([
    ['no range', overwritten(honest, '/ByteRange', '/BxteRange'), 'byte-range-malformed'],
    ['null as range', ranged('null'), 'byte-range-malformed'],
    ['an empty range', ranged('[]'), 'byte-range-malformed'],
    ['three numbers', ranged('[0 10 20]'), 'byte-range-malformed'],
    ['six numbers', ranged('[0 1 2 1 9 1]'), 'byte-range-malformed'],
    ['a negative start', ranged(`[-1 ${first} ${second} ${last}]`), 'byte-range-malformed'],
    ['fractions', ranged(`[0 ${first}.5 ${second} 9]`), 'byte-range-malformed'],
    ['a start after the header', ranged(`[9 ${first} ${second} ${last}]`), 'byte-range-malformed'],
    ['overlapping ranges', ranged(`[0 ${second} ${first} ${last}]`), 'byte-range-malformed'],
    [
      'a range beyond the file',
      ranged(`[0 ${first} ${second} ${last! + 1}]`),
      'byte-range-outside-file',
    ],
    ['a shorter first range', ranged(`[0 ${first! - 1} ${second} ${last}]`), 'byte-range-gap'],
    ['a longer first range', ranged(`[0 ${first! + 1} ${second} ${last}]`), 'byte-range-gap'],
    [
      'a gap that is too wide',
      ranged(`[0 ${first} ${second! + 1} ${last! - 1}]`),
      'byte-range-gap',
    ],
    [
      'a range that ends early',
      ranged(`[0 ${first} ${second} ${last! - 9}]`),
      'range-not-a-revision',
    ],
    ['no contents', overwritten(honest, '/Contents <', '/Kontents <'), 'contents-malformed'],
    [
      'null as contents',
      overwritten(honest, contents, fit('null', contents.length)),
      'contents-malformed',
    ],
    [
      'only zeros as contents',
      overwritten(honest, contents, `<${'0'.repeat(contents.length - 2)}>`),
      'contents-malformed',
    ],
    [
      'something in the padding',
      overwritten(honest, contents, `${contents.slice(0, -3)}01>`),
      'contents-padding',
    ],
    [
      'a comment in the contents',
      overwritten(honest, contents, `${contents.slice(0, -9)}%hidden!>`),
      'contents-malformed',
    ],
    [
      'an unknown sub-filter',
      overwritten(honest, 'ETSI.CAdES.detached', 'ETSI.CAdES.attached'),
      'sub-filter-unknown',
    ],
  ])('refuses %s', (_, pdf, reason) => {
    expect(reasonsOf(pdf)).toContain(reason);
  });
});

describe('Signature wrapping', () => {
  it('refuses a second range that was moved to make room', () => {
    const honest = signed(makePdf(onePage));
    const text = honest.toString('latin1');
    const [, first, second, last] = examinePdf(honest).signatures[0]!.byteRange!;
    const [before, now] = [...text.matchAll(/startxref\n(\d+)/g)].map((match) => Number(match[1]));
    const value = PdfFile.open(honest).view;
    const fields = value.dict(value.catalog.get('AcroForm'))!.get('Fields') as PdfRef[];
    const { number } = value.dict(fields[0])!.get('V') as PdfRef;
    // Where the untouched end of the file sends its readers, a section of the attacker stands now.
    const closing = '>>\nendobj'.padEnd(now! - second);
    const line = (place: number) => `${String(place).padStart(10, '0')} 00000 n\r\n`;
    const table = text.slice(now!, text.indexOf('trailer', now));
    const old = line(text.indexOf(`\n${number} 0 obj`) + 1);
    expect(table).toContain(old);
    const section = (places: string[]) =>
      `${table.replace(old, places[1]!)}4 1\n${places[0]}trailer\n` +
      `<</Size 50/Root 1 0 R/Prev ${before}>>\n`;
    const page = '4 0 obj\n<</Length 3>>stream\nq Q\nendstream\nendobj\n';
    const start = now! + section([line(0), line(0)]).length;
    const copy = (moved: number) =>
      `${number} 0 obj\n<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 ${first} ${moved} ` +
      `${last}]/Contents ${text.slice(first, second)}>>\nendobj\n`;
    const moved = start + page.length + copy(10_000).length;
    const places = [line(start), line(start + page.length)];
    const room = closing + section(places) + page + copy(moved).padEnd(copy(10_000).length);
    const pdf = Buffer.from(text.slice(0, second) + room + text.slice(second), 'latin1');
    expect(pdf.subarray(moved).equals(honest.subarray(second))).toBe(true);
    expect(reasonsOf(pdf)).toContain('byte-range-gap');
  });

  it('refuses two fields with one name, and two fields with one signature', () => {
    const honest = signed(makePdf(onePage));
    const [field] = examinePdf(honest).signatures;
    const twin = (name: string) =>
      revised(honest, (change) => {
        const form = change.editUnder(change.catalog, 'AcroForm');
        const own = change.resolve(form.get('Fields')) as never[];
        const value = (change.resolve(own[0]) as PdfDict).get('V')!;
        const copy = PdfDict.of({ FT: new PdfName('Sig'), V: value });
        copy.set('T', object(`(${name})`));
        change.append(form, 'Fields', change.add(copy));
      });
    expect(reasonsOf(twin(field!.field))).toContain('field-name-repeated');
    expect(reasonsOf(twin('Other'))).toContain('contents-shared');
  });
});

describe('Shadow documents: prepared before the signature, turned after it', () => {
  const overlay = {
    ...onePage,
    3: '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 6 0 R]/Resources<</Font<</F1 5 0 R>>/XObject<</Cover 7 0 R>>>>>>',
    6: stream('q /Cover Do Q'),
    7: stream('1 g 0 0 595 842 re f', '/Type/XObject/Subtype/Form/BBox[0 0 595 842]'),
    1: '<</Type/Catalog/Pages 2 0 R/AcroForm 11 0 R>>',
    8: '<</Type/Catalog/Pages 9 0 R/AcroForm 11 0 R>>',
    9: '<</Type/Pages/Kids[10 0 R]/Count 1>>',
    10: '<</Type/Page/Parent 9 0 R/MediaBox[0 0 595 842]/Contents 6 0 R>>',
    11: '<</Fields[]>>',
    12: stream('\n02 0 obj<</Type/Pages/Kids[10 0 R]/Count 1>>endobj '),
  };
  const honest = signed(makePdf(overlay));
  const withForm = signed(makePdf(forms), { field: 'approval' });
  const appearance = (text: string, font?: string) =>
    fieldAppearance(text, font).toString('latin1');

  /** A section that only points elsewhere: no new object at all. */
  function repointed(pdf: Buffer, line: string, root: number): Buffer {
    const previous = /startxref\n(\d+)\n%%EOF\n$/.exec(pdf.toString('latin1'))![1]!;
    const section = `xref\n${line}trailer\n<</Size 20/Root ${root} 0 R/Prev ${previous}>>\n`;
    return Buffer.concat([pdf, Buffer.from(`${section}startxref\n${pdf.length}\n%%EOF\n`)]);
  }
  const place = (number: number | string) =>
    String(honest.indexOf(`\n${number} 0 obj`) + 1).padStart(10, '0');

  it.each<[string, Buffer, FindingCode]>([
    [
      'hide: the overlay is freed',
      repointed(honest, '7 1\n0000000000 00001 f \n', 1),
      'page-content-changed',
    ],
    [
      'hide: the overlay is emptied',
      revised(honest, (change) => change.set(ref(7), object('<<>>'))),
      'page-content-changed',
    ],
    [
      'replace: a name of the resources leads elsewhere',
      repointed(honest, `7 1\n${place(6)} 00000 n \n`, 1),
      'page-content-changed',
    ],
    [
      'replace: the font is another one',
      revised(honest, (change) => changeDict(change, 5, { BaseFont: '/Symbol' })),
      'page-content-changed',
    ],
    [
      'replace: the field shows another value than it has',
      revised(withForm, (change) => {
        changeDict(change, 7, { AP: `<</N ${streamIn(change, appearance('900'))} 0 R>>` });
      }),
      'appearance-not-the-value',
    ],
    [
      'replace: the appearance draws with a font that claims another text',
      revised(withForm, (change) => {
        const font = change.add(object('<</Type/Font/Subtype/Type3/ToUnicode 9 0 R>>')).number;
        const form = streamIn(change, appearance('100', `${font} 0 R`));
        changeDict(change, 7, { AP: `<</N ${form} 0 R>>` });
      }),
      'appearance-not-checkable',
    ],
    [
      'hide: the appearance of a value is taken away',
      revised(withForm, (change) => changeDict(change, 7, { AP: 'null' })),
      'appearance-not-the-value',
    ],
    [
      'replace: the stream of the appearance is overwritten',
      revised(withForm, (change) => {
        change.set(ref(9), change.resolve(ref(streamIn(change, appearance('900')))));
      }),
      'appearance-not-the-value',
    ],
    ['hide and replace: another catalogue', repointed(honest, '0 0\n', 8), 'catalogue-replaced'],
    [
      'hide and replace: the pages lead to hidden ones',
      repointed(honest, `2 1\n${place('02')} 00000 n \n`, 1),
      'page-added',
    ],
    [
      'hide and replace: the catalogue lies elsewhere',
      repointed(honest, `1 1\n${place(8)} 00000 n \n`, 1),
      'structure-damaged',
    ],
  ])('refuses %s', (_, pdf, reason) => {
    expect(reasonsOf(pdf)).toContain(reason);
  });

  describe('in two roles', () => {
    const page = (more: string, resources = '/Font<</F1 5 0 R>>') =>
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R${more}/Resources<<${resources}>>>>`;
    const catalog = (more: string) => `<</Type/Catalog/Pages 2 0 R${more}>>`;
    const picture = (text: string) =>
      stream(`BT 72 700 Td (${text}) Tj ET`, '/Type/XObject/Subtype/Form/BBox[0 0 595 842]');
    const drawing = (named: string) => ({
      ...onePage,
      4: stream(`q /${named} Do Q`),
      7: picture('100'),
    });
    const changed = (text: string) => (change: Increment) =>
      streamIn(change, picture(text).toString('latin1'));
    const contents = (change: Increment) =>
      change.set(ref(4), change.resolve(ref(changed('900')(change))));
    const stamp = '<</Type/Annot/Subtype/Stamp/Rect[0 0 500 800]/Contents(900)/AP<</N 4 0 R>>>>';

    it.each<[string, Record<number, string | Buffer>, (change: Increment) => void]>([
      ['content that is listed as an annotation', { 3: page('/Annots[4 0 R]') }, contents],
      [
        'content that is listed as a structure element',
        { 1: catalog('/StructTreeRoot 8 0 R'), 8: '<</Type/StructTreeRoot/K[4 0 R]>>' },
        contents,
      ],
      [
        'pictures that are the value of a field',
        {
          ...drawing('V'),
          1: catalog('/AcroForm<</Fields[8 0 R]>>'),
          3: page('', '/XObject 8 0 R'),
          8: '<</FT/Tx/T(a)/V 7 0 R>>',
        },
        (change) => changeDict(change, 8, { V: `${changed('900')(change)} 0 R` }),
      ],
      [
        'pictures that are a part of a widget',
        {
          ...drawing('M'),
          1: catalog('/AcroForm<</Fields[8 0 R]>>'),
          3: page('', '/XObject 9 0 R'),
          8: '<</FT/Tx/T(a)/Kids[9 0 R]>>',
          9: '<</M 7 0 R>>',
        },
        (change) => changeDict(change, 9, { M: `${changed('900')(change)} 0 R` }),
      ],
      [
        'an annotation that is listed before it is there',
        { 3: page('/Annots[50 0 R]') },
        (change) => change.set(ref(50), object(stamp)),
      ],
      [
        'a lock that is listed as an annotation',
        {
          1: catalog('/AcroForm<</Fields[7 0 R]>>'),
          3: page('/Annots[8 0 R]'),
          7: '<</FT/Sig/T(lock)/Lock 8 0 R>>',
          8: '<</Type/SigFieldLock/Action/Include/Fields[(a)]/P 1>>',
        },
        (change) => changeDict(change, 8, { P: '3' }),
      ],
      [
        'a field that inherits a value from a node put above it',
        { 1: catalog('/AcroForm 6 0 R'), 6: '<</Fields[8 0 R]>>', 8: '<</FT/Tx/T(a)>>' },
        (change) => {
          const above = change.add(object('<</Kids[8 0 R]/V(900)>>')).number;
          const fields = change.resolve(change.edit(ref(6)).get('Fields')) as PdfRef[];
          const others = fields.filter(({ number }) => number !== 8);
          const list = [above, ...others.map(({ number }) => number)];
          changeDict(change, 6, { Fields: `[${list.map((one) => `${one} 0 R`).join(' ')}]` });
        },
      ],
      [
        'a field that is on no page until later',
        {
          1: catalog('/AcroForm<</Fields[8 0 R]>>'),
          8: '<</Subtype/Widget/FT/Tx/T(a)/V(900)/Rect[0 0 500 800]/AP<</N 7 0 R>>>>',
          7: picture('900'),
        },
        (change) => change.append(change.edit(ref(3)), 'Annots', ref(8)),
      ],
      [
        'an annotation that becomes a field',
        {
          1: catalog('/AcroForm 6 0 R'),
          3: page('/Annots[8 0 R]'),
          6: '<</Fields[]>>',
          8: '<</Type/Annot/Subtype/Stamp/Rect[9 9 99 99]/AP<</N 7 0 R>>>>',
          7: picture('100'),
        },
        (change) => {
          change.set(ref(8), object('<</Subtype/Widget/FT/Sig/T(x)/F 2/Rect[9 9 99 99]>>'));
          change.append(change.edit(ref(6)), 'Fields', ref(8));
        },
      ],
    ])('refuses %s', (_, objects, change) => {
      const base = makePdf({ ...onePage, 40: '<<>>', ...objects }, { trailer: '/Info 40 0 R' });
      const pdf = signed(base, { field: objects[7]?.includes('(lock)') ? 'lock' : 'new' });
      expect(reasonsOf(pdf)).toEqual([]);
      const all = Array.from({ length: 60 }, (__, number) => `${number + 1} 0 R`).join(' ');
      const turned = revised(pdf, (increment) => {
        change(increment);
        // Everything is reached from where anything may come.
        changeDict(increment, 40, { All: `[${all}]` });
      });
      expect(reasonsOf(turned).length).toBeGreaterThan(0);
    });
  });

  it('refuses a section that stands inside what was signed', () => {
    const hidden = makePdf({
      ...overlay,
      11: stream('xref\n0 0\ntrailer\n<</Size 12/Root 8 0 R>>\n'),
    });
    const pdf = signed(hidden);
    const end = `startxref\n${hidden.indexOf('xref\n0 0')}\n%%EOF\n`;
    const reasons = reasonsOf(Buffer.concat([pdf, Buffer.from(end)]));
    expect(reasons.length).toBeGreaterThan(0);
  });
});

function streamIn(change: Increment, syntax: string): number {
  const [, dict, data] = /^<<(.*)\/Length \d+>>\nstream\n([^]*)\nendstream$/.exec(syntax)!;
  return streamObject(change, data!, dict).number;
}

describe('Certified documents', () => {
  const certified = (certify: Permissions) => signed(makePdf(forms), { certify });
  const annotate = (certify: Permissions, syntax: string, appearance?: [string, string]) =>
    revised(certified(certify), (change) => {
      const annotation = object(syntax) as PdfDict;
      if (appearance) {
        const dict = `/Type/XObject/Subtype/Form/BBox[0 0 200 40]${appearance[1]}`;
        annotation.set('AP', PdfDict.of({ N: streamObject(change, appearance[0], dict) }));
      }
      change.append(change.edit(ref(3)), 'Annots', change.add(annotation));
    });
  const overText = '/Rect[60 750 260 780]';
  const blank = '/Rect[60 300 260 340]';
  const multiply = '/Resources<</ExtGState<</G <</BM/Multiply>>>>>>';

  it.each<[string, Buffer]>([
    [
      'a highlight',
      annotate(3, `<</Subtype/Highlight${overText}>>`, [
        '/G gs 1 1 0 rg 0 0 200 40 re f',
        multiply,
      ]),
    ],
    ['a note', annotate(3, `<</Subtype/Text/Contents(Please check)${overText}>>`)],
    [
      'a rectangle around nothing',
      annotate(3, `<</Subtype/Square${blank}>>`, ['1 0 0 rg 0 0 200 40 re f', '']),
    ],
    ['a link', annotate(3, `<</Subtype/Link${overText}/A<</S/URI/URI(https://example.vn)>>>>`)],
  ])('accepts %s where annotations are allowed', (_, pdf) => {
    expect(reasonsOf(pdf)).toEqual([]);
    expect(examinePdf(pdf).signatures[0]!.changes).toMatchObject([{ code: 'annotation-added' }]);
  });

  it.each<[string, Buffer, FindingCode]>([
    [
      'free text',
      annotate(3, `<</Subtype/FreeText${blank}/Contents(900)/DA(/Helv 12 Tf)>>`),
      'annotation-draws-content',
    ],
    [
      'a stamp',
      annotate(3, `<</Subtype/Stamp${overText}>>`, ['q Q', '']),
      'annotation-draws-content',
    ],
    ['a redaction', annotate(3, `<</Subtype/Redact${overText}>>`), 'annotation-draws-content'],
    [
      'a highlight that hides',
      annotate(3, `<</Subtype/Highlight${overText}>>`, ['1 g 0 0 200 40 re f', '']),
      'annotation-covers-content',
    ],
    [
      'a note with a text',
      annotate(3, `<</Subtype/Text${blank}>>`, ['BT (900) Tj ET', '']),
      'annotation-draws-content',
    ],
    [
      'a line as thick as a cover',
      annotate(3, `<</Subtype/Ink${overText}>>`, ['40 w 0 20 m 200 20 l S', '']),
      'annotation-covers-content',
    ],
    [
      'a link to a script',
      annotate(3, `<</Subtype/Link${blank}/A<</S/JavaScript/JS(x)>>>>`),
      'annotation-with-action',
    ],
    [
      'an annotation where none is allowed',
      annotate(2, `<</Subtype/Text${blank}>>`),
      'annotation-added',
    ],
  ])('refuses %s', (_, pdf, reason) => {
    expect(reasonsOf(pdf)).toContain(reason);
  });

  const field = (certify: Permissions, syntax: string, picture = true) =>
    revised(certified(certify), (change) => {
      const dict = object(
        `<</Type/Annot/Subtype/Widget/FT/Sig/T(extra)/P 3 0 R${syntax}>>`,
      ) as PdfDict;
      const look = '/Type/XObject/Subtype/Form/BBox[0 0 200 40]';
      if (picture)
        dict.set('AP', PdfDict.of({ N: streamObject(change, '1 g 0 0 200 40 re f', look) }));
      const added = change.add(dict);
      change.append(change.edit(ref(3)), 'Annots', added);
      change.append(change.edit(ref(6)), 'Fields', added);
    });

  it('refuses a signature field that nobody signed but that shows a picture', () => {
    expect(reasonsOf(field(2, overText))).toContain('unsigned-field-shown');
    expect(reasonsOf(field(2, '/Rect[0 0 0 0]', false))).toEqual([]);
  });

  it('refuses a new signature that lies on what was certified', () => {
    const over = '/Rect[60 750 260 780]/V<</Type/Sig/SubFilter/ETSI.CAdES.detached>>';
    expect(reasonsOf(field(2, over))).toContain('signature-covers-content');
  });

  it('refuses a new signature that shows something anywhere: its certifier prepared no place for it', () => {
    const signature = '/V<</Type/Sig/SubFilter/ETSI.CAdES.detached>>';
    expect(reasonsOf(field(2, blank + signature))).toEqual(['field-added']);
    expect(reasonsOf(field(2, '/Rect[0 0 0 0]' + signature, false))).toEqual([]);
  });

  it('refuses everything but evidence after a final certification', () => {
    const filled = revised(certified(1), (change) => changeDict(change, 7, { V: '(200)' }));
    expect(reasonsOf(filled)).toContain('field-filled');
  });

  it('refuses a certification that comes late or goes away', () => {
    const approved = signed(makePdf(forms), { field: 'approval' });
    const late = revised(approved, (change) => {
      const { view } = PdfFile.open(approved);
      change.catalog.set('Perms', PdfDict.of({ DocMDP: view.dict(ref(8))!.get('V')! }));
    });
    expect(reasonsOf(late)).toContain('certified-after-approval');
    const gone = revised(certified(2), (change) => change.catalog.delete('Perms'));
    expect(reasonsOf(gone)).toContain('permissions-changed');
  });
});
