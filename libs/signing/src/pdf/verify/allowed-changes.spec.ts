import { describe, expect, it } from '@jest/globals';
import { PdfDict, PdfName, textString } from '../reader/objects.js';
import { addValidationData } from '../sign/validation-data.js';
import { completeSignature, joined, prepareTimestamp } from '../sign/prepare.js';
import type { SignatureOptions } from '../sign/signature-options.js';
import { anyCms, changeDict, object, ref, revised, signed } from '../testing/attacker.js';
import {
  fieldAppearance,
  formPage,
  makePdf,
  onePage,
  stream,
  type Making,
  type Objects,
} from '../testing/made-pdf.js';
import type { Increment } from '../writer/increment.js';
import { examinePdf } from './examine.js';
import type { ExaminationPolicy } from './facts.js';
import type { FindingCode } from './findings.js';

type Edit = (change: Increment) => void;

/** What followed the first signature: codes, marked with an exclamation mark when not permitted. */
function changesOf(pdf: Buffer, policy: ExaminationPolicy = {}): string[] {
  const [first] = examinePdf(pdf, policy).signatures;
  expect(first!.findings).toEqual([]);
  const codes = first!.changes.map(({ code, permitted }) => (permitted ? code : `!${code}`));
  expect(first!.sound).toBe(codes.every((code) => !code.startsWith('!')));
  return codes;
}

/** Signs the objects, then edits them in a revision of its own. */
const after = (
  options: SignatureOptions,
  edit: Edit,
  objects: Objects = formPage,
  making: Making = {},
): Buffer => revised(signed(makePdf(objects, making), options), edit);

const appearance = (change: Increment, text: string): string => {
  const number = change.add(object('null')).number;
  const body = fieldAppearance(text).toString('latin1');
  const [, dict, data] = /^<<(.*)\/Length \d+>>\nstream\n([^]*)\nendstream$/.exec(body)!;
  change.set(ref(number), streamOf(dict!, data!));
  return `<</N ${number} 0 R>>`;
};
const streamOf = (dict: string, data: string) => {
  const pdf = makePdf({ ...onePage, 6: stream(data, dict) });
  return revisedValue(pdf, 6);
};
function revisedValue(pdf: Buffer, number: number) {
  let value: ReturnType<Increment['resolve']> = null;
  revised(pdf, (change) => {
    value = change.resolve(ref(number));
  });
  return value;
}

const fill: Edit = (change) => {
  changeDict(change, 7, { V: '(250)', AP: appearance(change, '250') });
};

describe('Evidence, which anyone may add', () => {
  const final = signed(makePdf(formPage), { certify: 1 });
  it('accepts validation data and document time stamps after a final certification', () => {
    const data = { certificates: [anyCms], crls: [], ocspResponses: [] };
    const stored = addValidationData(final, data);
    expect(stored.warnings).toHaveLength(1);
    const prepared = prepareTimestamp(joined(stored), { contentsBytes: 128 });
    const pdf = Buffer.concat([joined(stored), completeSignature(prepared, anyCms)]);
    expect(changesOf(pdf)).toEqual(['validation-data-added', 'timestamp-added']);
    const again = joined(addValidationData(pdf, data));
    expect(changesOf(again)).toEqual(['validation-data-added', 'timestamp-added']);
  });

  it.each<[string, Edit, FindingCode]>([
    [
      'a store with something else in it',
      (change) => change.catalog.set('DSS', object('<</Certs[]/JS(x)>>')),
      'validation-data-malformed',
    ],
    [
      'a store whose certificates are no streams',
      (change) => change.catalog.set('DSS', object('<</Certs[3 0 R]>>')),
      'validation-data-malformed',
    ],
  ])('refuses %s', (_, edit, code) => {
    expect(changesOf(revised(final, edit))).toEqual([`!${code}`]);
  });

  it.each<[string, Edit, string[]]>([
    [
      'metadata',
      (change) =>
        change.catalog.set('Metadata', change.add(streamOf('/Type/Metadata/Subtype/XML', '<x/>'))),
      ['metadata-changed'],
    ],
    [
      'a higher version',
      (change) => change.catalog.set('Version', new PdfName('2.0')),
      ['version-raised'],
    ],
    [
      'an extension',
      (change) =>
        change.catalog.set('Extensions', object('<</ESIC<</BaseVersion/1.7/ExtensionLevel 2>>>>')),
      ['extensions-raised'],
    ],
    ['the same objects once more', (change) => changeDict(change, 3, {}), []],
  ])('accepts %s', (_, edit, codes) => {
    expect(changesOf(revised(final, edit))).toEqual(codes);
  });
});

describe('Forms', () => {
  it.each<[string, SignatureOptions, string[]]>([
    ['after an approval', {}, ['field-filled']],
    ['after a certification for forms', { certify: 2 }, ['field-filled']],
    ['after a certification for annotations', { certify: 3 }, ['field-filled']],
    ['after a final certification', { certify: 1 }, ['!field-filled']],
    ['when all fields are locked', { lock: { action: 'All', fields: [] } }, ['!field-filled']],
    [
      'when this field is locked',
      { lock: { action: 'Include', fields: ['amount'] } },
      ['!field-filled'],
    ],
    [
      'when another field is locked',
      { lock: { action: 'Include', fields: ['other'] } },
      ['field-filled'],
    ],
    [
      'when all but this field are locked',
      { lock: { action: 'Exclude', fields: ['amount'] } },
      ['field-filled'],
    ],
    [
      'when all but another are locked',
      { lock: { action: 'Exclude', fields: ['other'] } },
      ['!field-filled'],
    ],
  ])('judges a value filled in %s', (_, options, codes) => {
    expect(changesOf(after(options, fill))).toEqual(codes);
  });

  it('sees through object streams', () => {
    const making: Making = { section: 'stream', packed: [1, 2, 3, 6, 7] };
    expect(changesOf(after({ certify: 2 }, fill, formPage, making))).toEqual(['field-filled']);
  });

  it.each<[string, Edit, string[]]>([
    [
      'a value without an appearance',
      (change) => changeDict(change, 7, { V: '(250)' }),
      ['field-filled'],
    ],
    [
      'the same appearance once more',
      (change) => changeDict(change, 7, { AP: appearance(change, '100') }),
      [],
    ],
    [
      'another rectangle',
      (change) => changeDict(change, 7, { Rect: '[0 0 600 800]' }),
      ['!field-changed'],
    ],
    [
      'another name',
      (change) => changeDict(change, 7, { T: '(sum)' }),
      ['!field-removed', '!field-added'],
    ],
    [
      'a script',
      (change) => changeDict(change, 7, { AA: '<</K<</S/JavaScript/JS(x)>>>>' }),
      ['!field-changed'],
    ],
    [
      'a field that goes',
      (change) => changeDict(change, 6, { Fields: '[8 0 R]' }),
      ['!field-removed'],
    ],
    [
      'fields in another order',
      (change) => changeDict(change, 6, { Fields: '[8 0 R 7 0 R]' }),
      ['!form-changed'],
    ],
    [
      'readers that draw every field anew',
      (change) => changeDict(change, 6, { NeedAppearances: 'true' }),
      ['!appearances-regenerated'],
    ],
    [
      'a font for fields',
      (change) =>
        changeDict(change, 6, {
          DR: '<</Font<</Helv 5 0 R/New<</Type/Font/Subtype/Type1/BaseFont/Courier>>>>>>',
        }),
      ['form-resources-added'],
    ],
    [
      'another font under a known name',
      (change) =>
        changeDict(change, 6, {
          DR: '<</Font<</Helv<</Type/Font/Subtype/Type1/BaseFont/Symbol>>>>>>',
        }),
      ['!form-changed'],
    ],
    [
      'a text field',
      (change) => addField(change, '<</Subtype/Widget/FT/Tx/T(new)/Rect[0 0 9 9]>>'),
      ['!field-added'],
    ],
    [
      'a signature field with an action',
      (change) => addField(change, '<</Subtype/Widget/FT/Sig/T(new)/Rect[0 0 0 0]/A<</S/Named>>>>'),
      ['!field-added'],
    ],
    [
      'an empty signature field',
      (change) => addField(change, '<</Subtype/Widget/FT/Sig/T(new)/Rect[0 0 0 0]>>'),
      ['signature-field-added'],
    ],
  ])('judges %s', (_, edit, codes) => {
    const found = changesOf(after({ field: 'approval' }, edit));
    for (const code of codes) expect(found).toContain(code);
    if (codes.every((code) => !code.startsWith('!'))) expect(found).toEqual(codes);
  });

  it('accepts a box that is ticked, and not one that shows another state than its value', () => {
    const states = '/AP<</N<</Yes 9 0 R/Off 9 0 R>>>>';
    const box = `<</Type/Annot/Subtype/Widget/FT/Btn/T(agreed)/V/Off/AS/Off${states}/Rect[1 1 9 9]/P 3 0 R>>`;
    const objects = { ...formPage, 7: box };
    const tick = (keys: Record<string, string>) =>
      changesOf(after({}, (change) => changeDict(change, 7, keys), objects));
    expect(tick({ V: '/Yes', AS: '/Yes' })).toEqual(['field-filled']);
    expect(tick({ AS: '/Yes' })).toEqual(['!appearance-not-the-value']);
    expect(tick({ V: '/Yes', AS: '/Off', M: '(D:2026)' })).toEqual(['field-filled']);
    const ticked = { ...formPage, 7: box.replace('/V/Off/AS/Off', '/V/Yes/AS/Yes') };
    const untick: Edit = (change) => changeDict(change, 7, { AS: '/Off' });
    expect(changesOf(after({}, untick, ticked))).toEqual(['!appearance-not-the-value']);
    expect(tick({ AP: '<</N<</Yes 4 0 R/Off 9 0 R>>>>' })).toContain('!appearance-replaced');
  });

  it('accepts the next signature, in a field that was there or a new one', () => {
    const first = signed(makePdf(formPage), { certify: 2 });
    expect(changesOf(signed(first, { field: 'approval' }))).toEqual(['signature-added']);
    expect(changesOf(signed(first))).toEqual(['signature-added']);
    const locked = signed(makePdf(formPage), { lock: { action: 'All', fields: [] } });
    const forced = revised(locked, (change) => changeDict(change, 8, { V: '<</Type/Sig>>' }));
    expect(changesOf(forced)).toEqual(['!signature-added']);
  });

  it('refuses a signature that changes after it was made', () => {
    const first = signed(makePdf(formPage), { field: 'approval' });
    const shown = revised(first, (change) => changeDict(change, 8, { AP: '<</N 9 0 R>>' }));
    expect(changesOf(shown)).toEqual(['!appearance-replaced']);
  });
});

const addField = (change: Increment, syntax: string): void => {
  const field = change.add(object(syntax));
  change.append(change.edit(ref(6)), 'Fields', field);
  change.append(change.edit(ref(3)), 'Annots', field);
};

describe('Everything else', () => {
  const page = '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>';
  const two = { ...onePage, 2: '<</Type/Pages/Kids[3 0 R 6 0 R]/Count 2>>', 6: page };
  it.each<[string, Edit, FindingCode]>([
    [
      'a page more',
      (change) =>
        changeDict(change, 2, { Kids: `[3 0 R 6 0 R ${change.add(object(page)).number} 0 R]` }),
      'page-added',
    ],
    ['a page less', (change) => changeDict(change, 2, { Kids: '[3 0 R]' }), 'page-removed'],
    [
      'pages in another order',
      (change) => changeDict(change, 2, { Kids: '[6 0 R 3 0 R]' }),
      'pages-reordered',
    ],
    ['a turned page', (change) => changeDict(change, 3, { Rotate: '180' }), 'page-content-changed'],
    [
      'a page that is cropped from above',
      (change) => changeDict(change, 2, { CropBox: '[0 0 9 9]' }),
      'page-content-changed',
    ],
    ['content', (change) => change.set(ref(4), streamOf('', 'q Q')), 'page-content-changed'],
    [
      'an action on opening',
      (change) => change.catalog.set('OpenAction', object('<</S/JavaScript/JS(x)>>')),
      'actions-changed',
    ],
    [
      'a script of the document',
      (change) => change.catalog.set('Names', object('<</JavaScript<</Names[(a)<<>>]>>>>')),
      'names-changed',
    ],
    [
      'layers',
      (change) => change.catalog.set('OCProperties', object('<</OCGs[]>>')),
      'optional-content-changed',
    ],
    [
      'another way to show the document',
      (change) => change.catalog.set('PageMode', new PdfName('FullScreen')),
      'catalogue-changed',
    ],
    [
      'a structure tree',
      (change) => change.catalog.set('StructTreeRoot', object('<</Type/StructTreeRoot>>')),
      'structure-tree-changed',
    ],
    [
      'an object that nothing leads to',
      (change) => void change.add(new PdfDict()),
      'unreferenced-object',
    ],
  ])('refuses %s', (_, edit, code) => {
    expect(changesOf(after({}, edit, two))).toContain(`!${code}`);
  });

  it('allows annotations to whoever asks for that after an approval', () => {
    const note: Edit = (change) => {
      const annotation = change.add(object('<</Subtype/Text/Rect[0 0 20 20]/Contents(x)>>'));
      change.append(change.edit(ref(3)), 'Annots', annotation);
    };
    expect(changesOf(after({}, note))).toEqual(['!annotation-added']);
    expect(changesOf(after({}, note), { withoutCertification: 3 })).toEqual(['annotation-added']);
  });
});

describe('Tagged documents', () => {
  const tagged: Objects = {
    ...formPage,
    1: '<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/MarkInfo<</Marked true>>/StructTreeRoot 10 0 R>>',
    10: '<</Type/StructTreeRoot/K 11 0 R/ParentTree 12 0 R/ParentTreeNextKey 1>>',
    11: '<</Type/StructElem/S/Document/P 10 0 R/K[13 0 R]>>',
    12: '<</Nums[0[13 0 R]]>>',
    13: '<</Type/StructElem/S/P/P 11 0 R/Pg 3 0 R/K 0>>',
  };
  const extended =
    (kid: string): Edit =>
    (change) => {
      const element = change.add(object(kid)).number;
      changeDict(change, 11, { K: `[13 0 R ${element} 0 R]` });
      changeDict(change, 12, { Nums: `[0[13 0 R] 1 ${element} 0 R]` });
    };

  it('accepts elements for annotations, and refuses elements for content', () => {
    const form = '<</Type/StructElem/S/Form/P 11 0 R/K<</Type/OBJR/Obj 7 0 R>>>>';
    expect(changesOf(after({}, extended(form), tagged))).toEqual(['structure-extended']);
    const content = '<</Type/StructElem/S/P/P 11 0 R/Pg 3 0 R/K 0>>';
    expect(changesOf(after({}, extended(content), tagged))).toContain('!structure-tree-changed');
    const spoken: Edit = (change) => change.edit(ref(13)).set('ActualText', textString('900'));
    expect(changesOf(after({}, spoken, tagged))).toContain('!structure-tree-changed');
  });
});
