import { event } from '../language/event.js';
import { Choice, Day, Flag, Hash, Id, List, Text } from '../language/fields.js';
import { signingCapacities } from './drafts.js';

/** Whether and how a document is to be signed. The newest word on a draft wins. */
export class SigningWish {
  @Id() draftId: string;
  @Id({ optional: true, description: 'Once it has a number' }) documentId?: string;
  @Id() organisationId: string;
  @Text({ max: 20 }) type: string;
  @Id({ description: 'Who signs it, in person' }) signerId: string;
  @Text({ max: 100, description: 'As printed under the signature' }) signerName: string;
  @Choice(signingCapacities) capacity: (typeof signingCapacities)[number];
  @Id({ optional: true, description: 'The written authority it is signed by (TL., TUQ.)' })
  authorityId?: string;
  @Day({ optional: true, description: 'Last day of that authority' }) authorityUntil?: string;
  @Text({ max: 100, optional: true, description: 'Number and symbol' }) symbol?: string;
  @Day({ optional: true }) issuedOn?: string;
  @List(Hash(), { max: 20, description: 'The document, then its appendices in files of their own' })
  files: string[];
  @Flag({ description: 'False once it was sent back, changed, cancelled or recalled' })
  wanted: boolean;
}

export const signingChanged = event(
  'documents.signing.changed.v1',
  'A document was approved or numbered and is to be signed, or is not any more',
  SigningWish,
);
