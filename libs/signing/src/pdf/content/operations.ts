import { PdfError } from '../pdf-error.js';
import type { Effort } from '../reader/effort.js';
import { find, isWhite } from '../reader/characters.js';
import type { PdfValue } from '../reader/objects.js';
import { Parser, PdfKeyword } from '../reader/parser.js';

/** An operator of a content stream with what stands before it (ISO 32000-1, 7.8.2). */
export interface Operation {
  operator: string;
  operands: PdfValue[];
}

const maxOperations = 400_000;
const maxOperands = 64;
const operationCost = 20;

/** Reads a content stream; an inline image comes as one operation, `BI`. Throws `too-complex`. */
export function* operationsOf(bytes: Uint8Array, effort: Effort): Generator<Operation> {
  const parser = new Parser(bytes, 0, bytes.length, false, effort);
  let operands: PdfValue[] = [];
  for (let count = 0; ; count += 1) {
    if (count > maxOperations) throw new PdfError('too-complex', 'A content stream is too long');
    const item = parser.next();
    if (!(item instanceof PdfKeyword)) {
      if (operands.length < maxOperands) operands.push(item);
      continue;
    }
    if (item.text === '') return;
    if (item.text === 'BI') skipInlineImage(parser);
    effort.spend(operationCost);
    yield { operator: item.text, operands };
    operands = [];
  }
}

/** The data lie between `ID` and an `EI` with white space on both sides. */
function skipInlineImage(parser: Parser): void {
  const { bytes } = parser;
  for (;;) {
    const item = parser.next();
    if (item instanceof PdfKeyword && (item.text === 'ID' || item.text === '')) break;
  }
  for (let at = find(bytes, 'EI', parser.position); at >= 0; at = find(bytes, 'EI', at + 2)) {
    const after = bytes[at + 2];
    if (isWhite(bytes[at - 1]) && (after === undefined || isWhite(after))) {
      parser.position = at + 2;
      return;
    }
  }
  parser.position = bytes.length;
}
