import { describe, expect, it } from '@jest/globals';
import { PdfDict, type PdfRef } from '../reader/objects.js';
import { PdfFile } from '../reader/pdf-file.js';
import { changeDict, object, overwritten, ref, revised, signed } from '../testing/attacker.js';
import { formPage, makePdf, onePage, stream, type Objects } from '../testing/made-pdf.js';
import type { Increment } from '../writer/increment.js';
import { examinePdf } from './examine.js';

type Edit = (change: Increment) => void;

/** Everything that is held against the first signature. */
const reasonsOf = (pdf: Buffer): string[] => {
  const { findings, signatures } = examinePdf(pdf);
  const refused = signatures[0]!.changes.filter(({ permitted }) => !permitted);
  const reasons = [...findings, ...signatures[0]!.findings, ...refused].map(({ code }) => code);
  expect(signatures[0]!.sound).toBe(reasons.length === 0);
  return reasons;
};

const picture = (change: Increment): string => {
  const form = stream('1 g 0 0 99 99 re f', '/Type/XObject/Subtype/Form/BBox[0 0 99 99]');
  const value = PdfFile.open(makePdf({ ...onePage, 6: form })).view.object(6);
  return `/AP<</N ${change.add(value).number} 0 R>>`;
};

/** Adds a signed field that is listed on these pages. */
const addSigned =
  (value: string, rect: string, pages: number[]): Edit =>
  (change) => {
    const keys = `/Type/Annot/Subtype/Widget/FT/Sig/T(late)/Rect[${rect}]/V<<${value}>>`;
    const field = change.add(object(`<<${keys}${picture(change)}>>`));
    change.append(change.edit(ref(6)), 'Fields', field);
    for (const page of pages) change.append(change.edit(ref(page)), 'Annots', field);
  };

describe('A signature that passes for evidence', () => {
  const final = signed(makePdf(formPage), { certify: 1 });
  const [unseen, seen] = ['0 0 0 0', '60 300 160 340'];
  it.each<[string, string, string]>([
    ['a time stamp that shows something', '/Type/DocTimeStamp/SubFilter/ETSI.RFC3161', seen],
    ['a time stamp of another type', '/Type/Sig/SubFilter/ETSI.RFC3161', unseen],
    ['a signature with that type', '/Type/DocTimeStamp/SubFilter/ETSI.CAdES.detached', unseen],
  ])('refuses %s after a final certification', (_, value, rect) => {
    const shown = rect === seen ? ['field-added'] : [];
    const reasons = reasonsOf(revised(final, addSigned(value, rect, [3])));
    expect(reasons).toEqual(['signature-added', ...shown]);
  });

  it('accepts one that shows nothing', () => {
    const stamp = addSigned('/Type/DocTimeStamp/SubFilter/ETSI.RFC3161', unseen, [3]);
    expect(reasonsOf(revised(final, stamp))).toEqual([]);
  });
});

describe('A new signature on several pages', () => {
  const written = stream('BT /F1 14 Tf 72 320 Td (Second page) Tj ET');
  const page = `${(onePage[3] as string).replace('4 0 R', '11 0 R')}`;
  const kids = '<</Type/Pages/Kids[3 0 R 10 0 R]/Count 2>>';
  const two: Objects = { ...formPage, 2: kids, 10: page, 11: written };
  const value = '/Type/Sig/SubFilter/ETSI.CAdES.detached';

  it('is refused after a certification when it lies on something on any of them', () => {
    const certified = signed(makePdf(two), { certify: 2 });
    const on = (pages: number[]) => revised(certified, addSigned(value, '60 300 160 340', pages));
    expect(reasonsOf(on([3]))).toEqual(['field-added']);
    expect(reasonsOf(on([3, 10]))).toEqual(['signature-covers-content', 'field-added']);
    expect(reasonsOf(on([10, 3]))).toEqual(['signature-covers-content', 'field-added']);
  });
});

describe('Evil annotations', () => {
  it.each([
    ...['Watermark', 'Screen', 'RichMedia', '3D', 'Movie', 'Sound', 'PrinterMark', 'TrapNet'],
    ...['Projection', 'Unheard'],
  ])('of type %s write on the page', (type) => {
    const certified = signed(makePdf(formPage), { certify: 3 });
    const pdf = revised(certified, (change) => {
      const annotation = `<</Subtype/${type}/Rect[60 300 260 340]${picture(change)}>>`;
      change.append(change.edit(ref(3)), 'Annots', change.add(object(annotation)));
    });
    expect(reasonsOf(pdf)).toEqual(['annotation-draws-content']);
  });
});

describe('Something else in the place of evidence', () => {
  const spare = { ...formPage, 20: '(Hi there)', 21: '<<>>' };
  const first = signed(makePdf(spare, { trailer: '/Info 21 0 R' }), { field: 'approval' });
  const twice = signed(first);
  it.each([
    ...['(Hi there)', '<</Blah null>>', '<</Certs null>>', '<</VRI null>>', '<</VRI<</A null>>>>'],
    ...['<</VRI<</A<</Blah null>>>>>>', '<</VRI<</A<</OCSP null>>>>>>', '4 0 R'],
  ])('refuses %s as a security store', (store) => {
    const pdf = revised(first, (change) => change.catalog.set('DSS', object(store)));
    expect(reasonsOf(pdf)[0]).toMatch(/^validation-data-/);
  });

  it.each<[string, Edit, string]>([
    [
      'a store under the number of something else',
      (change) => {
        change.set(ref(20), object('<<>>'));
        change.catalog.set('DSS', ref(20));
      },
      'validation-data-malformed',
    ],
    [
      'a signature that is taken away',
      (change) => change.edit(ref(8)).delete('V'),
      'signature-replaced',
    ],
    [
      'an object that nothing leads to',
      (change) => change.add(object('(x)')),
      'unreferenced-object',
    ],
    [
      'a copy of a field under another name',
      (change) => {
        const copy = new PdfDict(change.resolve(ref(7)) as PdfDict).set('T', object('(other)'));
        change.append(change.edit(ref(6)), 'Fields', change.add(copy));
      },
      'field-added',
    ],
    ['a field of another type', (change) => changeDict(change, 7, { FT: '/Sig' }), 'field-changed'],
  ])('refuses %s', (_, edit, reason) => {
    expect(reasonsOf(revised(twice, edit))).toContain(reason);
  });

  it('refuses another value behind an entry of the trailer that has no rule', () => {
    const edited = revised(first, (change) => changeDict(change, 21, { X: '1' }));
    expect(reasonsOf(edited)).toEqual([]);
    const text = edited.toString('latin1').replaceAll('/Info 21 0 R', '/Kept 21 0 R');
    expect(reasonsOf(Buffer.from(text, 'latin1'))).toContain('trailer-changed');
  });

  it('refuses a signature that says twice what it holds', () => {
    const reason = signed(makePdf(onePage), { reason: 'xxxxxxxx' });
    expect(reasonsOf(overwritten(reason, '/Reason (xxxxxxxx)', '/Contents <300000>'))).toContain(
      'signature-incomplete',
    );
  });
});

describe('What a signature forbids', () => {
  const lock = { action: 'Include' as const, fields: ['amount'] };

  it('is what it said when it was made', () => {
    const locked = signed(makePdf(formPage), { field: 'approval', lock });
    const held = PdfFile.open(locked).view.dict(ref(8))!.get('Lock') as PdfRef;
    const freed = revised(locked, (change) => changeDict(change, held.number, { Fields: '[]' }));
    expect(examinePdf(freed).signatures[0]).toMatchObject({ locks: [lock, lock], sound: false });
    const certified = signed(makePdf(formPage), { certify: 1 });
    const opened = revised(certified, (change) => change.catalog.delete('Perms'));
    expect(examinePdf(opened).signatures[0]).toMatchObject({ certification: true, sound: false });
  });
});
