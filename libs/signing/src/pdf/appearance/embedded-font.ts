import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { create, type Font, type Glyph, type Subset } from 'fontkit';
import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfName, PdfRef, PdfStream, PdfString } from '../reader/objects.js';
import type { Increment } from '../writer/increment.js';

const maxFontBytes = 32 * 1024 * 1024;
const symbolic = 4;

/**
 * A TrueType or OpenType font of which only the glyphs in use are embedded, as a Type0 font with a
 * ToUnicode map (ISO 32000-1, 9.7), so that the text can be read, searched and copied.
 */
export class EmbeddedFont {
  private readonly font: Font;
  private readonly subset: Subset;
  /** Number in the subset → the glyph. */
  private readonly glyphs = new Map<number, Glyph>();

  /** @param bytes of a font file; a collection is refused. Throws `unsupported`. */
  constructor(bytes: Uint8Array) {
    if (bytes.length > maxFontBytes)
      throw new PdfError('too-complex', 'The font file is too large');
    try {
      this.font = create(bytes);
      this.subset = this.font.createSubset();
    } catch (error) {
      throw new PdfError('unsupported', `The font cannot be read: ${(error as Error).message}`);
    }
  }

  /** The code of each character, two bytes each; throws `unsupported` for what the font lacks. */
  encode(text: string): Buffer {
    const codes = this.glyphsOf(text).map((glyph) => {
      const code = this.subset.includeGlyph(glyph.id);
      this.glyphs.set(code, glyph);
      return code;
    });
    const bytes = Buffer.alloc(codes.length * 2);
    codes.forEach((code, index) => bytes.writeUInt16BE(code, index * 2));
    return bytes;
  }

  /** The width of a line in points. */
  width(text: string, size: number): number {
    const units = this.glyphsOf(text).reduce((sum, { advanceWidth }) => sum + advanceWidth, 0);
    return (units / this.font.unitsPerEm) * size;
  }

  /** Adds the font with the glyphs encoded until now. */
  embed(increment: Increment): PdfRef {
    const { font, subset } = this;
    const program = Buffer.from(subset.encode());
    const tag = [...createHash('sha256').update(program).digest().subarray(0, 6)];
    const prefix = tag.map((byte) => String.fromCharCode(65 + (byte % 26))).join('');
    const name = new PdfName(`${prefix}+${font.postscriptName ?? 'Font'}`);
    const descendant = PdfDict.of({
      Type: new PdfName('Font'),
      Subtype: new PdfName(subset.cff ? 'CIDFontType0' : 'CIDFontType2'),
      BaseFont: name,
      CIDSystemInfo: PdfDict.of({
        Registry: new PdfString(Buffer.from('Adobe')),
        Ordering: new PdfString(Buffer.from('Identity')),
        Supplement: 0,
      }),
      FontDescriptor: increment.add(this.descriptor(increment, name, program)),
      DW: 0,
      W: this.widths(),
    });
    if (!subset.cff) descendant.set('CIDToGIDMap', new PdfName('Identity'));
    const dict = PdfDict.of({
      Type: new PdfName('Font'),
      Subtype: new PdfName('Type0'),
      BaseFont: name,
      Encoding: new PdfName('Identity-H'),
      DescendantFonts: [increment.add(descendant)],
      ToUnicode: increment.add(this.toUnicode()),
    });
    return increment.add(dict);
  }

  private glyphsOf(text: string): Glyph[] {
    return [...text.normalize('NFC')].map((char) => {
      const point = char.codePointAt(0)!;
      if (this.font.hasGlyphForCodePoint(point)) return this.font.glyphForCodePoint(point);
      throw new PdfError('unsupported', `The font has no ${JSON.stringify(char)}`);
    });
  }

  private descriptor(increment: Increment, name: PdfName, program: Buffer): PdfDict {
    const { font, subset } = this;
    const scaled = (units: number) => Math.round((units * 1000) / font.unitsPerEm);
    const { minX, minY, maxX, maxY } = font.bbox;
    const data = new PdfDict().set('Filter', new PdfName('FlateDecode')) as PdfDict;
    if (subset.cff) data.set('Subtype', new PdfName('CIDFontType0C'));
    else data.set('Length1', program.length);
    return PdfDict.of({
      Type: new PdfName('FontDescriptor'),
      FontName: name,
      Flags: symbolic,
      FontBBox: [minX, minY, maxX, maxY].map(scaled),
      ItalicAngle: font.italicAngle,
      Ascent: scaled(font.ascent),
      Descent: scaled(font.descent),
      CapHeight: scaled(font.capHeight || font.ascent),
      StemV: 80,
      [subset.cff ? 'FontFile3' : 'FontFile2']: increment.add(
        new PdfStream(data, deflateSync(program)),
      ),
    });
  }

  private widths() {
    const codes = [...this.glyphs.keys()].sort((one, two) => one - two);
    return codes.flatMap((code) => {
      const width = (this.glyphs.get(code)!.advanceWidth * 1000) / this.font.unitsPerEm;
      return [code, [Math.round(width * 100) / 100]];
    });
  }

  private toUnicode(): PdfStream {
    const hex = (code: number) => code.toString(16).padStart(4, '0');
    const lines = [...this.glyphs].map(([code, { codePoints }]) => {
      const text = Buffer.from(String.fromCodePoint(...codePoints), 'utf16le').swap16();
      return `<${hex(code)}> <${text.toString('hex')}>`;
    });
    const blocks: string[] = [];
    for (let at = 0; at < lines.length; at += 100) {
      const part = lines.slice(at, at + 100);
      blocks.push(`${part.length} beginbfchar\n${part.join('\n')}\nendbfchar`);
    }
    const map = `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
${blocks.join('\n')}
endcmap
CMapName currentdict /CMap defineresource pop
end
end`;
    const dict = new PdfDict().set('Filter', new PdfName('FlateDecode')) as PdfDict;
    return new PdfStream(dict, deflateSync(map));
  }
}

const tones = ['', '\u0300', '\u0309', '\u0303', '\u0301', '\u0323'];
const vowels = [...'aăâeêioôơuưy'].flatMap((vowel) => {
  return tones.map((tone) => (vowel + tone).normalize('NFC'));
});
const ascii = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index));

/** Every character of Vietnamese text: for fonts that are embedded before anyone knows the text. */
export const vietnamese: string = [
  ascii,
  ...vowels.filter((char) => char > '~'),
  ...vowels.filter((char) => char > '~').map((char) => char.toUpperCase()),
  'đĐ–—“”‘’…°§',
].join('');
