import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfStream, nameOf, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import { identity, intersection, multiply, transformed, type Box, type Matrix } from './matrix.js';
import { operationsOf } from './operations.js';
import { Pen, startState, type PenState } from './pen.js';
import { widthsOf, type WidthOf } from './font-widths.js';

const maxDepth = 12;
/** Units of effort. */
const formCost = 200;
const maxMarks = 500_000;
const maxContentBytes = 16 * 1024 * 1024;
const everywhere: Box = [-1e9, -1e9, 1e9, 1e9];

/**
 * Where a content stream leaves marks: boxes around its text, paths, images and shadings. Boxes are
 * rather too large than too small, so that what lies outside them touches nothing.
 */
export class Marks {
  readonly boxes: Box[] = [];
  private readonly fonts = new Map<PdfDict, WidthOf>();

  constructor(private readonly view: PdfView) {}

  /** Adds the marks of the content of a page. Throws PdfError when it cannot be read. */
  addContents(contents: PdfValue | undefined, resources: PdfDict | undefined): void {
    const value = this.view.resolve(contents);
    const streams = Array.isArray(value) ? value.map((item) => this.view.resolve(item)) : [value];
    const parts = streams.flatMap((stream) =>
      stream instanceof PdfStream
        ? [this.view.decode(stream, maxContentBytes), Buffer.from('\n')]
        : [],
    );
    this.draw(Buffer.concat(parts), resources, startState(identity, everywhere), 0);
  }

  /** True when something was drawn where the box is. */
  touch(box: Box): boolean {
    return this.boxes.some((mark) => intersection(mark, box) !== undefined);
  }

  private draw(
    bytes: Uint8Array,
    resources: PdfDict | undefined,
    start: PenState,
    depth: number,
  ): void {
    if (depth > maxDepth) throw new PdfError('too-complex', 'Forms are nested too deep');
    const fonts = this.view.dict(resources?.get('Font'));
    const widths = (name: string) => this.widths(fonts?.get(name));
    const pen = new Pen(start, widths, (box) => this.mark(box));
    for (const operation of operationsOf(bytes, this.view.store.effort)) {
      if (operation.operator === 'Do') {
        this.drawObject(operation.operands[0], resources, pen.state, depth);
      } else pen.apply(operation);
    }
  }

  private widths(font: PdfValue | undefined): WidthOf {
    const dict = this.view.dict(font);
    let known = dict && this.fonts.get(dict);
    if (!known) known = widthsOf(this.view, dict);
    if (dict) this.fonts.set(dict, known);
    return known;
  }

  private mark(box: Box): void {
    if (this.boxes.length > maxMarks) throw new PdfError('too-complex', 'Too many marks on a page');
    this.boxes.push(box);
  }

  private drawObject(
    name: PdfValue | undefined,
    resources: PdfDict | undefined,
    state: PenState,
    depth: number,
  ): void {
    const objects = this.view.dict(resources?.get('XObject'));
    const object = this.view.resolve(objects?.get(nameOf(name) ?? ''));
    if (!(object instanceof PdfStream)) return;
    if (nameOf(this.view.resolve(object.dict.get('Subtype'))) !== 'Form') {
      const box = intersection(transformed([0, 0, 1, 1], state.matrix), state.clip);
      if (box) this.mark(box);
      return;
    }
    const own = numbersOf(this.view, object.dict.get('Matrix'));
    const matrix =
      own.length === 6 ? multiply(own as unknown as Matrix, state.matrix) : state.matrix;
    const bounds = numbersOf(this.view, object.dict.get('BBox'));
    if (bounds.length !== 4) return;
    const clip = intersection(transformed(bounds as unknown as Box, matrix), state.clip);
    if (!clip) return;
    const inner = this.view.dict(object.dict.get('Resources')) ?? resources;
    this.view.store.effort.spend(formCost);
    const bytes = this.view.decode(object, maxContentBytes);
    this.draw(bytes, inner, startState(matrix, clip), depth + 1);
  }
}

/** The numbers of an array; empty when something else is in it. */
export function numbersOf(view: PdfView, value: PdfValue | undefined): number[] {
  const items = (view.array(value) ?? []).map((item) => view.resolve(item));
  return items.every((item) => typeof item === 'number') ? items : [];
}
