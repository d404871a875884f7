// The part of fontkit that is used here; the package has no types of its own.
declare module 'fontkit' {
  export interface Glyph {
    id: number;
    /** In units of the em square. */
    advanceWidth: number;
    codePoints: number[];
  }

  export interface Subset {
    /** Takes a glyph in and returns its number in the subset. */
    includeGlyph(id: number): number;
    encode(): Uint8Array;
    /** Present when the outlines are of the Compact Font Format. */
    cff?: unknown;
  }

  export interface Font {
    postscriptName: string | null;
    unitsPerEm: number;
    ascent: number;
    descent: number;
    capHeight: number;
    italicAngle: number;
    bbox: { minX: number; minY: number; maxX: number; maxY: number };
    hasGlyphForCodePoint(codePoint: number): boolean;
    glyphForCodePoint(codePoint: number): Glyph;
    createSubset(): Subset;
  }

  export function create(bytes: Uint8Array): Font;
}
