import { PdfDict, PdfRef, type PdfValue } from '../reader/objects.js';
import { Parser } from '../reader/parser.js';
import { PdfFile } from '../reader/pdf-file.js';
import { completeSignature, prepareSignature } from '../sign/prepare.js';
import type { SignatureOptions } from '../sign/signature-options.js';
import { Increment } from '../writer/increment.js';

// What an attacker does to a signed document. The CMS is of no interest to the structure of a PDF:
// any DER sequence stands for it here.

/** A DER sequence of 64 bytes. */
export const anyCms = Buffer.concat([Buffer.from('303e043c', 'hex'), Buffer.alloc(60, 7)]);

/** Signs with a CMS that says nothing. */
export function signed(pdf: Buffer, options: SignatureOptions = {}): Buffer {
  const prepared = prepareSignature(pdf, { contentsBytes: 128, ...options });
  return Buffer.concat([pdf, completeSignature(prepared, anyCms)]);
}

/** Appends a revision in which the objects are as given, in PDF syntax. */
export function revised(pdf: Buffer, change: (increment: Increment) => void): Buffer {
  const increment = new Increment(PdfFile.open(pdf));
  change(increment);
  return Buffer.concat([pdf, increment.build()]);
}

/** An object from its syntax. */
export const object = (syntax: string): PdfValue =>
  new Parser(Buffer.from(syntax, 'latin1')).value();

export const ref = (number: number): PdfRef => new PdfRef(number);

/** Sets keys of a dictionary in a new revision. */
export function changeDict(
  increment: Increment,
  number: number,
  keys: Record<string, string>,
): void {
  const dict: PdfDict = increment.edit(ref(number));
  for (const [key, syntax] of Object.entries(keys)) dict.set(key, object(syntax));
}

/** Replaces the first occurrence, keeping the length. */
export function overwritten(pdf: Buffer, from: string, to: string): Buffer {
  const at = pdf.indexOf(from, 0, 'latin1');
  if (at < 0 || from.length !== to.length) throw new Error(`No ${from} to overwrite`);
  const copy = Buffer.from(pdf);
  copy.write(to, at, 'latin1');
  return copy;
}
