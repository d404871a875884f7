/** Namespaces and types of XAdES (EN 319 132-1 clauses 4.2 and 5). */
export const xades = 'http://uri.etsi.org/01903/v1.3.2#';
export const xades141 = 'http://uri.etsi.org/01903/v1.4.1#';
export const xades111 = 'http://uri.etsi.org/01903/v1.1.1#';
export const signedPropertiesType = 'http://uri.etsi.org/01903#SignedProperties';
export const countersignedType = 'http://uri.etsi.org/01903#CountersignedSignature';
