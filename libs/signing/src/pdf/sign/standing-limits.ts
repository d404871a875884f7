import { PdfError } from '../pdf-error.js';
import { fieldsOf, type FormField } from '../reader/fields.js';
import { PdfDict } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import { locks, restrictionsOf, type FieldLock, type Permissions } from './permissions.js';

/** What the signatures already in a document leave open. */
export interface StandingLimits {
  signed: FormField[];
  permissions: Permissions | undefined;
  locks: FieldLock[];
}

/** Reads the limits that every signature of the document sets. */
export function standingLimits(view: PdfView): StandingLimits {
  const limits: StandingLimits = { signed: [], permissions: undefined, locks: [] };
  for (const field of fieldsOf(view)) {
    const signature = field.attribute('V');
    if (field.type !== 'Sig' || !(signature instanceof PdfDict)) continue;
    limits.signed.push(field);
    const own = restrictionsOf(view, signature, field.dict);
    limits.locks.push(...own.locks);
    if (own.permissions !== undefined) {
      limits.permissions = Math.min(own.permissions, limits.permissions ?? 3) as Permissions;
    }
  }
  return limits;
}

/** What somebody is about to add. */
export interface Intention {
  what: 'signature' | 'certification' | 'values' | 'evidence';
  /** Names of existing fields that will change. */
  fields: string[];
  /** True when a new field will show something on a page. */
  newVisible?: boolean;
}

/**
 * Throws `not-permitted` when the addition would break a signature that is already there. Evidence
 * (validation data, document time stamps) is allowed always (ISO 32000-2, 12.8.2.2.2), but some
 * readers take even that for a change after `P` 1: the warnings returned say so.
 */
export function checkIntention(limits: StandingLimits, intention: Intention): string[] {
  const { what, fields, newVisible } = intention;
  const final = limits.permissions === 1;
  const refuse = (why: string): never => {
    throw new PdfError('not-permitted', why);
  };
  if (what === 'certification' && limits.signed.length > 0) {
    refuse('A document can only be certified by its first signature');
  }
  if (what === 'evidence') {
    return final
      ? ['The certification allows no changes; some readers call this addition a change']
      : [];
  }
  if (final) refuse('The document is certified as final: nothing may be signed or filled in');
  if (newVisible && limits.permissions !== undefined) {
    refuse('The document is certified: a visible signature needs a field that is already there');
  }
  const locked = fields.find((name) => limits.locks.some((lock) => locks(lock, name)));
  if (locked !== undefined) refuse(`The field ${locked} is locked by an earlier signature`);
  return [];
}
