import { Choice, Count, Hash, Id, Moment, Text } from '../language/fields.js';

/** A file with signatures: of a document, with each signature more, of an appendix, or stamped. */
export class SignedFile {
  @Id() signatureId: string;
  @Choice(['personal', 'agency', 'appendix', 'incoming']) kind: string;
  @Id({ description: 'Whose hand' }) personId: string;
  @Hash({ description: 'The file as it was approved, or received' }) rootSha256: string;
  @Hash() sha256: string;
  @Count({ max: 10_000_000_000, description: 'Bytes' }) size: number;
  @Text({ max: 10, description: 'PAdES level: B-B or B-T' }) level: string;
  @Moment() signedAt: Date;
}
