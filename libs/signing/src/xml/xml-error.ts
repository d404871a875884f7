/** Why a document or a signature could not be read, as a word a program can switch on. */
export type XmlFault =
  | 'malformed'
  | 'limit'
  | 'doctype'
  | 'encoding'
  | 'namespace'
  | 'structure'
  | 'ambiguous-id'
  | 'unresolved'
  | 'unsupported'
  | 'forbidden'
  | 'expression';

/** Thrown for XML that is refused before any verdict about a signature can be given. */
export class XmlError extends Error {
  constructor(
    readonly fault: XmlFault,
    message: string,
  ) {
    super(message);
    this.name = 'XmlError';
  }
}
