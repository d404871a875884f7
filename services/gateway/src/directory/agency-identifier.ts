import type { Sentence } from '@eoffice/contracts';

// Agency identifiers travel in two shapes whose groups run in opposite directions. There is no rule
// that turns one into the other: level codes were given anew. Our own are checked, others' are not.

/** Quyết định 20/2020/QĐ-TTg: groups from the top down, at most 35 characters (H36, H36.04, H37.DN.001). */
const current = /^[A-Y]\d{2}(\.[0-9A-Z]+)*$/;
/** The form of 2016: three lower levels, the top at the right (000.00.04.H36). */
const legacy = /^\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}$/;

export type IdentifierForm = 'current' | 'legacy' | 'foreign';

/** Which shape an identifier has. */
export function formOf(identifier: string): IdentifierForm {
  if (legacy.test(identifier)) return 'legacy';
  return current.test(identifier) && identifier.length <= 35 ? 'current' : 'foreign';
}

/** The code of the ministry or province an identifier begins (or, in the old form, ends) with. */
export function topLevelOf(identifier: string): string | undefined {
  const groups = identifier.split('.');
  const form = formOf(identifier);
  return form === 'foreign' ? undefined : form === 'current' ? groups[0] : groups[3];
}

/** What is wrong with an identifier that we give to an agency of our own, if anything is. */
export function faultOfIdentifier(identifier: string): Sentence | undefined {
  if (formOf(identifier) !== 'foreign') return undefined;
  return {
    vi: 'phải theo dạng H36.04 (Quyết định 20/2020/QĐ-TTg) hoặc 000.00.04.H36',
    en: 'must have the form H36.04 (Decision 20/2020/QĐ-TTg) or 000.00.04.H36',
  };
}
