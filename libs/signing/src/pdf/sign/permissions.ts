import { PdfDict, PdfRef, integerOf, nameOf, textOf, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';

/** What may follow a certification: 1 nothing, 2 forms and signatures, 3 annotations too (DocMDP P). */
export type Permissions = 1 | 2 | 3;

/** Form fields that may not change any more (ISO 32000-1, tables 233 and 256). */
export interface FieldLock {
  action: 'All' | 'Include' | 'Exclude';
  fields: string[];
}

/** What one signature forbids for everything that comes after it. */
export interface Restrictions {
  permissions?: Permissions;
  locks: FieldLock[];
}

/** Reads the transforms of a signature dictionary and the lock of its field. */
export function restrictionsOf(view: PdfView, signature: PdfDict, field?: PdfDict): Restrictions {
  const restrictions: Restrictions = { locks: [] };
  for (const item of view.array(signature.get('Reference')) ?? []) {
    const reference = view.dict(item);
    const method = nameOf(view.resolve(reference?.get('TransformMethod')));
    const parameters = view.dict(reference?.get('TransformParams'));
    if (method === 'DocMDP') {
      restrict(restrictions, parameters ? view.resolve(parameters.get('P')) : null, 2);
    }
    if (method === 'FieldMDP' && parameters) restrictions.locks.push(lockOf(view, parameters));
  }
  const lock = view.dict(field?.get('Lock'));
  if (lock) {
    restrictions.locks.push(lockOf(view, lock));
    if (lock.has('P')) restrict(restrictions, view.resolve(lock.get('P')), 1);
  }
  return restrictions;
}

/** Several transforms: the strictest counts. Values outside 1 to 3 count as `otherwise`. */
function restrict(restrictions: Restrictions, value: PdfValue, otherwise: Permissions): void {
  const level = integerOf(value);
  const known = level === 1 || level === 2 || level === 3 ? level : otherwise;
  restrictions.permissions = Math.min(known, restrictions.permissions ?? 3) as Permissions;
}

/** An action that is not known locks everything. */
function lockOf(view: PdfView, dict: PdfDict): FieldLock {
  const action = nameOf(view.resolve(dict.get('Action')));
  const names = (view.array(dict.get('Fields')) ?? []).map((item) => textOf(view.resolve(item)));
  const fields = names.filter((name) => name !== undefined);
  if (action === 'Include' || action === 'Exclude') return { action, fields };
  return { action: 'All', fields: [] };
}

/** True when the lock holds the field: itself, or a field above it, is named. */
export function locks({ action, fields }: FieldLock, name: string): boolean {
  if (action === 'All') return true;
  const named = fields.some((field) => name === field || name.startsWith(`${field}.`));
  return action === 'Include' ? named : !named;
}

/** True when the catalogue names this signature dictionary as the one that certifies the document. */
export function certifies(view: PdfView, signature: PdfValue | undefined): boolean {
  const named = view.dict(view.catalog.get('Perms'))?.get('DocMDP');
  if (named === undefined) return false;
  if (named instanceof PdfRef && signature instanceof PdfRef) {
    return named.number === signature.number;
  }
  return view.resolve(named) === view.resolve(signature) && view.dict(named) !== undefined;
}
