import { describe, expect, it } from '@jest/globals';
import { PdfFile } from '../reader/pdf-file.js';
import { stopwatch } from '../../testing/cost.js';
import { changeDict, object, ref, revised, signed } from '../testing/attacker.js';
import { makePdf, onePage, stream, type Objects } from '../testing/made-pdf.js';
import { examinePdf } from './examine.js';

const streamOf = (data: string, dict: string) =>
  PdfFile.open(makePdf({ ...onePage, 6: stream(data, dict) })).view.object(6);
const form = '/Type/XObject/Subtype/Form/BBox[0 0 9 9]';

/** Pages with a content, resources and a form each: four objects a page, from number 10 on. */
function pagesOf(count: number): Objects {
  const objects: Objects = { ...onePage };
  const numbers = Array.from({ length: count }, (_, index) => 10 + 4 * index);
  for (const number of numbers) {
    const keys = `/Parent 2 0 R/MediaBox[0 0 595 842]/Resources ${number + 2} 0 R`;
    objects[number] = `<</Type/Page${keys}/Contents ${number + 1} 0 R>>`;
    objects[number + 1] = stream('/X Do');
    objects[number + 2] = `<</Font<</F1 5 0 R>>/XObject<</X ${number + 3} 0 R>>>>`;
    objects[number + 3] = stream('q Q', form);
  }
  const kids = numbers.map((number) => `${number} 0 R`).join(' ');
  return { ...objects, 2: `<</Type/Pages/Kids[${kids}]/Count ${count}>>` };
}

const codesOf = (pdf: Buffer) =>
  examinePdf(pdf).signatures[0]!.changes.flatMap(({ code, permitted }) => (permitted ? [] : code));

/** The first update after it is compared whole; what is asked once helps from the next one on. */
const twiceSigned = (pdf: Buffer) => signed(signed(pdf));

describe('What no update touches', () => {
  it('is asked once, so that thousands of pages may be signed ten times', () => {
    let pdf = makePdf(pagesOf(4000));
    for (let round = 0; round < 10; round += 1) pdf = signed(pdf);
    const spent = stopwatch();
    const { signatures } = examinePdf(pdf);
    expect(spent()).toBeLessThan(2000);
    expect(signatures.map(({ sound }) => sound)).toEqual(Array(10).fill(true));
    const far = 10 + 4 * 3999;
    const turned = revised(pdf, (change) =>
      change.set(ref(far + 3), streamOf('0 0 9 9 re f', form)),
    );
    expect(codesOf(turned)).toContain('page-content-changed');
  });

  it('is nothing that a later update still changes', () => {
    const first = twiceSigned(makePdf(pagesOf(3)));
    const second = signed(revised(first, (change) => changeDict(change, 5, { X: '1' })));
    expect(codesOf(second)).toContain('page-content-changed');
    const last = revised(signed(first), (change) => change.set(ref(12), object('<<>>')));
    expect(codesOf(last)).toContain('page-content-changed');
    const freed = revised(first, (change) => change.set(ref(13), null));
    expect(codesOf(freed)).toContain('page-content-changed');
  });

  it('is nothing that leads round to what a later update changes', () => {
    const circle = {
      ...onePage,
      5: '<</Type/Font/Subtype/Type3/X 6 0 R/Y 7 0 R>>',
      6: '<</Y 7 0 R>>',
      7: '<</X 6 0 R/Z 8 0 R>>',
      8: '<</Y 7 0 R/W 9 0 R>>',
      9: '(meant)',
    };
    const pdf = twiceSigned(makePdf(circle));
    expect(codesOf(signed(pdf))).toEqual([]);
    const turned = revised(pdf, (change) => change.set(ref(9), object('(shown)')));
    expect(codesOf(turned)).toContain('page-content-changed');
  });

  it('is nothing in an object stream that is written again', () => {
    const pdf = twiceSigned(makePdf(onePage, { section: 'stream', packed: [5] }));
    expect(codesOf(pdf)).toEqual([]);
    const font = '5 0 <</Type/Font/Subtype/Type1/BaseFont/Symbol>>';
    const turned = revised(pdf, (change) => {
      change.set(ref(6), streamOf(font, '/Type/ObjStm/N 1/First 4'));
    });
    expect(codesOf(turned)).toContain('page-content-changed');
  });

  it('is nothing in an object stream that another object tells how to read', () => {
    const [shown, meant] = ['Symbol', 'Courier'].map(
      (name) => `<</Type/Font/Subtype/Type1/BaseFont/${name}>>`,
    ) as [string, string];
    const objects = { ...onePage, 5: `${meant} ${shown}`, 6: '4' };
    const pdf = twiceSigned(makePdf(objects, { section: 'stream', packed: [5], first: '6 0 R' }));
    expect(codesOf(pdf)).toEqual([]);
    const turned = revised(pdf, (change) => {
      change.set(ref(6), object(`${4 + meant.length}`));
      change.catalog.set('DSS', object('<</VRI<</X<</TU 6 0 R>>>>>>'));
    });
    expect(codesOf(turned)).toEqual(['page-content-changed']);
  });

  it('stops at pages, as the comparison does, but not where pages are drawn', () => {
    const outlined = (more: string) => ({
      ...onePage,
      1: '<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>',
      6: `<</Type/Outlines/First 7 0 R/Last 7 0 R>>`,
      7: `<</Title(one)/Parent 6 0 R/Dest[3 0 R/Fit]${more}>>`,
      8: '<</S/URI>>',
    });
    const pdf = twiceSigned(makePdf(outlined('/A 8 0 R')));
    expect(codesOf(signed(pdf))).toEqual([]);
    const led = revised(pdf, (change) => changeDict(change, 8, { URI: '(x)' }));
    expect(codesOf(led)).toContain('catalogue-changed');
    // A page below a key that is compared whole is compared as well.
    const drawn = twiceSigned(makePdf(outlined('/Resources 3 0 R')));
    expect(codesOf(revised(drawn, (change) => changeDict(change, 3, { X: '1' })))).toContain(
      'catalogue-changed',
    );
  });
});
