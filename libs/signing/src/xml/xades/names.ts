// Namespaces and types of XAdES: EN 319 132-1 clauses 4.2 and 5, and its predecessors.

export const xades = 'http://uri.etsi.org/01903/v1.3.2#';
export const xades141 = 'http://uri.etsi.org/01903/v1.4.1#';

/** Namespaces in which signed properties have been written; those before 1.3.2 only in archives. */
export const xadesNamespaces: readonly string[] = [
  xades,
  'http://uri.etsi.org/01903/v1.2.2#',
  'http://uri.etsi.org/01903/v1.1.1#',
];

export const signedPropertiesType = 'http://uri.etsi.org/01903#SignedProperties';
/** Of the reference by which a countersignature signs another's value (EN 319 132-1, 5.2.7). */
export const countersignedType = 'http://uri.etsi.org/01903#CountersignedSignature';

/** Types of references to signed properties, of every version. */
export const signedPropertiesTypes: ReadonlySet<string> = new Set([
  signedPropertiesType,
  ...xadesNamespaces.map((namespace) => `${namespace}SignedProperties`),
]);
