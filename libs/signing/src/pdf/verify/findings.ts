/**
 * What is wrong, or merely different, about a signature in a PDF. Geometry and structure first, then
 * what happened after the signature.
 */
export type FindingCode =
  // The signature itself (ISO 32000-1, 12.8.1; EN 319 142-1, 5.2)
  | 'structure-damaged'
  | 'signature-incomplete'
  | 'byte-range-malformed'
  | 'byte-range-outside-file'
  | 'byte-range-gap'
  | 'contents-malformed'
  | 'contents-padding'
  | 'sub-filter-unknown'
  | 'range-not-a-revision'
  | 'signature-not-in-revision'
  | 'field-name-repeated'
  | 'contents-shared'
  | 'data-after-revision'
  | 'not-incremental'
  // Allowed to anyone at any time
  | 'validation-data-added'
  | 'timestamp-added'
  | 'metadata-changed'
  | 'version-raised'
  | 'extensions-raised'
  // Allowed while forms may be filled and signatures added
  | 'field-filled'
  | 'signature-added'
  | 'signature-field-added'
  | 'form-resources-added'
  | 'usage-rights-added'
  | 'structure-extended'
  // Allowed while annotations may be added
  | 'annotation-added'
  | 'annotation-changed'
  | 'annotation-removed'
  | 'tab-order-changed'
  | 'structure-reduced'
  // Never allowed
  | 'catalogue-replaced'
  | 'catalogue-changed'
  | 'trailer-changed'
  | 'page-added'
  | 'page-removed'
  | 'pages-reordered'
  | 'page-tree-changed'
  | 'page-content-changed'
  | 'optional-content-changed'
  | 'names-changed'
  | 'actions-changed'
  | 'structure-tree-changed'
  | 'permissions-changed'
  | 'certified-after-approval'
  | 'form-changed'
  | 'xfa-changed'
  | 'appearances-regenerated'
  | 'field-added'
  | 'field-removed'
  | 'field-changed'
  | 'signature-replaced'
  | 'appearance-replaced'
  | 'appearance-not-the-value'
  | 'appearance-not-checkable'
  | 'annotation-covers-content'
  | 'annotation-draws-content'
  | 'annotation-with-action'
  | 'signature-covers-content'
  | 'unsigned-field-shown'
  | 'validation-data-malformed'
  | 'validation-data-removed'
  | 'extensions-lowered'
  | 'unreferenced-object'
  | 'too-complex';

/** From what permission on a change is allowed (DocMDP): 1, 2 and 3, or 4 for never. */
export type ChangeLevel = 1 | 2 | 3 | 4;

/** One thing that was found. */
export interface Finding {
  code: FindingCode;
  /** What or where, for a person: a field, a page, a key. */
  detail: string;
}

/** A change between two revisions. */
export interface Change extends Finding {
  level: ChangeLevel;
  /** The existing field that was changed: a lock of an earlier signature may forbid it. */
  field?: string;
  /** Forbidden as soon as the document is certified, whatever the permission. */
  notAfterCertification?: boolean;
}
