import { PdfString, nameOf, type PdfValue } from '../reader/objects.js';
import type { WidthOf } from './font-widths.js';
import { identity, intersection, multiply, transformed, type Box, type Matrix } from './matrix.js';
import type { Operation } from './operations.js';

/** The part of the graphics state (ISO 32000-1, 8.4) that decides where marks are. */
export interface PenState {
  matrix: Matrix;
  clip: Box;
  /** White fills and white text leave no mark. */
  white: boolean;
  fontSize: number;
  leading: number;
  scale: number;
  rise: number;
  spacing: number;
  wordSpacing: number;
  widthOf: WidthOf;
}

const lengthOf: WidthOf = (bytes) => bytes.length;

export const startState = (matrix: Matrix, clip: Box): PenState => ({
  matrix,
  clip,
  white: false,
  fontSize: 1,
  leading: 0,
  scale: 1,
  rise: 0,
  spacing: 0,
  wordSpacing: 0,
  widthOf: lengthOf,
});

const spaceCount = (bytes: Uint8Array) => bytes.filter((byte) => byte === 32).length;

/** Follows the graphics state and reports a box for whatever is painted. */
export class Pen {
  state: PenState;
  private readonly saved: PenState[] = [];
  private line: Matrix = identity;
  private path: Box | undefined;
  /** How far text has gone since it was last moved. */
  private advance = 0;

  constructor(
    start: PenState,
    private readonly widths: (font: string) => WidthOf,
    private readonly mark: (box: Box) => void,
  ) {
    this.state = { ...start };
  }

  apply({ operator, operands }: Operation): void {
    const numbers = operands.filter((item) => typeof item === 'number');
    const [first = 0, second = 0] = numbers;
    switch (operator) {
      case 'q':
        if (this.saved.length < 1000) this.saved.push({ ...this.state });
        break;
      case 'Q':
        this.state = this.saved.pop() ?? this.state;
        break;
      case 'cm':
        if (numbers.length === 6) {
          this.state.matrix = multiply(numbers as unknown as Matrix, this.state.matrix);
        }
        break;
      case 're':
        this.reach(first, second);
        this.reach(first + (numbers[2] ?? 0), second + (numbers[3] ?? 0));
        break;
      case 'm':
      case 'l':
      case 'c':
      case 'v':
      case 'y':
        for (let at = 0; at + 1 < numbers.length; at += 2)
          this.reach(numbers[at]!, numbers[at + 1]!);
        break;
      case 'n':
        this.path = undefined;
        break;
      case 'g':
      case 'rg':
        this.state.white = numbers.length > 0 && numbers.every((number) => number === 1);
        break;
      case 'k':
      case 'sc':
      case 'scn':
      case 'cs':
        this.state.white = false;
        break;
      case 'sh':
        this.mark(this.state.clip);
        break;
      case 'BI':
        this.paint([0, 0, 1, 1], this.state.matrix);
        break;
      default:
        if (/^(?:[fFSsBb]|f\*|B\*|b\*)$/.test(operator)) this.paintPath(/^f/i.test(operator));
        else this.applyText(operator, operands, numbers);
    }
  }

  private applyText(operator: string, operands: PdfValue[], numbers: number[]): void {
    const [first = 0, second = 0] = numbers;
    const { state } = this;
    if (operator === 'BT') this.place(identity);
    else if (operator === 'Tf') {
      state.fontSize = first;
      state.widthOf = this.widths(nameOf(operands[0]) ?? '');
    } else if (operator === 'Tc') state.spacing = first;
    else if (operator === 'Tw') state.wordSpacing = first;
    else if (operator === 'TL') state.leading = first;
    else if (operator === 'Tz') state.scale = first / 100;
    else if (operator === 'Ts') state.rise = first;
    else if (operator === 'Td') this.move(first, second);
    else if (operator === 'TD') {
      state.leading = -second;
      this.move(first, second);
    } else if (operator === 'Tm' && numbers.length === 6) {
      this.place(numbers as unknown as Matrix);
    } else if (operator === 'T*') this.move(0, -state.leading);
    else if (operator === 'Tj' || operator === 'TJ') this.show(operands.at(-1));
    else if (operator === "'" || operator === '"') {
      this.move(0, -state.leading);
      this.show(operands.at(-1));
    }
  }

  private move(x: number, y: number): void {
    this.place(multiply([1, 0, 0, 1, x, y], this.line));
  }

  private place(matrix: Matrix): void {
    this.line = matrix;
    this.advance = 0;
  }

  private show(value: PdfValue | undefined): void {
    const { fontSize, scale, rise, spacing, wordSpacing, widthOf } = this.state;
    const items = Array.isArray(value) ? value : [value ?? null];
    let width = 0;
    for (const item of items) {
      if (typeof item === 'number') width -= (item / 1000) * fontSize * scale;
      if (!(item instanceof PdfString)) continue;
      const spaces =
        item.bytes.length * Math.max(0, spacing) +
        Math.max(0, wordSpacing) * spaceCount(item.bytes);
      width += (widthOf(item.bytes) * Math.abs(fontSize) + spaces) * scale;
    }
    if (!items.some((item) => item instanceof PdfString && item.bytes.length > 0)) return;
    const size = Math.abs(fontSize);
    const end = this.advance + width;
    const box: Box = [
      Math.min(this.advance, end) - size * 0.1,
      rise - size * 0.3,
      Math.max(this.advance, end) + size * 0.1,
      rise + size,
    ];
    this.advance = end;
    if (!this.state.white) this.paint(box, multiply(this.line, this.state.matrix));
  }

  private reach(x: number, y: number): void {
    const { path } = this;
    this.path = path
      ? [Math.min(path[0], x), Math.min(path[1], y), Math.max(path[2], x), Math.max(path[3], y)]
      : [x, y, x, y];
  }

  private paintPath(filled: boolean): void {
    if (this.path && !(filled && this.state.white)) this.paint(this.path, this.state.matrix);
    this.path = undefined;
  }

  private paint(box: Box, matrix: Matrix): void {
    const shown = intersection(transformed(box, matrix), this.state.clip);
    if (shown) this.mark(shown);
  }
}
