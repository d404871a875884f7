import { describe, expect, it } from '@jest/globals';
import { PdfName } from '../reader/objects.js';
import { PdfFile } from '../reader/pdf-file.js';
import { changeDict, object, ref, revised, signed } from '../testing/attacker.js';
import { formPage, makePdf, onePage, stream } from '../testing/made-pdf.js';
import type { Increment } from '../writer/increment.js';
import { examinePdf } from './examine.js';

/** What followed the first signature, marked when it was not permitted. */
const changesOf = (pdf: Buffer) =>
  examinePdf(pdf).signatures[0]!.changes.map(({ code, permitted }) =>
    permitted ? code : `!${code}`,
  );

const secondSignature = (value: string) => (change: Increment) => {
  const signature = change.add(object('<</Type/Sig/SubFilter/ETSI.CAdES.detached>>'));
  const own = value.replace('#', String(signature.number));
  const field = `<</FT/Sig/T(second)/Subtype/Widget/Rect[0 0 0 0]/V ${signature.number} 0 R${own}>>`;
  const added = change.add(object(field));
  change.append(change.edit(ref(6)), 'Fields', added);
  change.append(change.edit(ref(3)), 'Annots', added);
};

describe('What honest programs write after a signature', () => {
  it('may be another signature, though the first one names the catalogue that it is about', () => {
    const lock = { action: 'Include' as const, fields: ['amount'] };
    const first = signed(makePdf(formPage), { lock });
    expect(first.toString('latin1')).toContain('/Data 1 0 R');
    expect(changesOf(signed(first))).toEqual(['signature-added']);
    const opened = revised(first, (change) => change.catalog.set('Lang', new PdfName('vi')));
    expect(changesOf(opened)).toEqual(['!catalogue-changed']);
  });

  it('may be a signature field that names its value as its default too', () => {
    const first = signed(makePdf(formPage), { field: 'approval' });
    expect(changesOf(revised(first, secondSignature('/DV # 0 R')))).toEqual(['signature-added']);
    expect(changesOf(revised(first, secondSignature('/DV 4 0 R')))).toContain('!field-added');
  });

  it('may be another identifier, unless the document is encrypted', () => {
    const identified = (id: string, more = '') =>
      signed(makePdf(onePage, { trailer: `/ID[<${id}><00>]${more}` }));
    const first = identified('aa');
    const at = first.lastIndexOf('/ID');
    const second = signed(first);
    const changed = Buffer.from(second);
    changed.write('bb', second.indexOf('<aa>', at + 40) + 1, 'latin1');
    expect(changesOf(second)).toEqual(['signature-added']);
    expect(changesOf(changed)).toEqual(['trailer-changed', 'signature-added']);
  });

  it('may be metadata, if these are XML', () => {
    const first = signed(makePdf(formPage));
    const described = (syntax: string, data: string) =>
      revised(first, (change) => {
        const value = PdfFile.open(makePdf({ ...onePage, 6: stream(data, syntax) })).view.object(6);
        change.catalog.set('Metadata', change.add(value));
      });
    const packet = '<?xpacket begin=""?><x/>\n  \n<?xpacket end="w"?>';
    expect(changesOf(described('/Type/Metadata', packet))).toEqual(['metadata-changed']);
    expect(changesOf(described('/Type/Metadata', 'no XML'))).toContain('!catalogue-changed');
    expect(changesOf(described('/Type/Data', packet))).toContain('!catalogue-changed');
  });

  it('may be a form field whose kids are the same, not one with others', () => {
    const first = signed(makePdf(formPage));
    for (const kids of ['[]', '[null]', '[50 0 R]']) {
      const turned = revised(first, (change) => changeDict(change, 7, { Kids: kids }));
      expect(changesOf(turned)).toEqual(['!field-changed']);
    }
  });
});
