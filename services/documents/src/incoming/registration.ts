import type { RegisterIncoming, Registration } from '@eoffice/contracts';
import { canonicalReference } from '../rules/document-reference.js';

/** What is kept of what a clerk sent: without tickets, with the key that references are compared by. */
export function registrationOf(input: Registration & Pick<RegisterIncoming, 'files'>) {
  const { files: _, secrecy: __, dueOn: ___, ...kept } = input;
  const referenceKey = kept.reference ? canonicalReference(kept.reference) : undefined;
  return { ...kept, referenceKey };
}
