import { fold } from '@eoffice/platform/text';

/**
 * The form in which references to documents are compared: `43/2011/NĐ-CP`, `43/2011/ND – CP` and
 * `043/2011/nđ-cp` are one. Only for comparing: what is shown stays as it was written.
 */
export function canonicalReference(reference: string): string {
  return fold(reference)
    .replace(/^(so|s\.)\s*:?\s*/, '')
    .replace(/[‐‑‒–—−]/g, '-')
    .replace(/\s+/g, '')
    .replace(/^0+(?=\d)/, '');
}
