/** What can be wrong with a PDF, or with what is asked of it. */
export type PdfProblem =
  | 'not-pdf'
  | 'damaged'
  | 'encrypted'
  | 'too-complex'
  | 'too-small'
  | 'not-permitted'
  | 'not-found'
  | 'unsupported'
  | 'wrong-image';

/** A PDF cannot be read, signed or changed as asked; `code` says why to a program, the message to a person. */
export class PdfError extends Error {
  override name = 'PdfError';
  constructor(
    readonly code: PdfProblem,
    message: string,
  ) {
    super(message);
  }
}
