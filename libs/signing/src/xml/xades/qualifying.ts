import { namespaces } from '../dsig/algorithms.js';
import type { SignatureCheck } from '../dsig/facts.js';
import { attributeOf, elementsOf, isElement, pathOf, type XmlElement } from '../tree.js';
import { signedPropertiesTypes, xades141, xadesNamespaces } from './names.js';

/** Why signed properties do not speak for a signature. */
export type BindingProblem =
  /** There are several qualifying or signed properties, or none in their place. */
  | 'structure'
  /** They name another signature as their target. */
  | 'target'
  /** No reference of their type digests them. */
  | 'not-signed'
  /** A reference of their type leads elsewhere. */
  | 'elsewhere';

/** The xades:QualifyingProperties of a signature, and whether what it says is signed by it. */
export interface QualifyingProperties {
  element: XmlElement;
  signed?: XmlElement;
  /** Children of UnsignedSignatureProperties, in their order. */
  unsigned: XmlElement[];
  unsignedParent?: XmlElement;
  /** The ds:Object they stand in. */
  object: XmlElement;
  problems: { problem: BindingProblem; path: string }[];
}

/**
 * Finds the qualifying properties of a signature among its own objects and binds them: only the
 * element that was digested may be read as what the signer said.
 */
export function qualifyingPropertiesOf(check: SignatureCheck): QualifyingProperties | undefined {
  const objects = check.signature?.objects ?? [];
  const found = objects.flatMap((object) =>
    elementsOf(object)
      .filter((child) => isXades(child, 'QualifyingProperties'))
      .map((element) => ({ element, object })),
  );
  const [first, ...more] = found;
  if (!first) return undefined;
  const { element, object } = first;
  const problems: QualifyingProperties['problems'] = more.map((one) => ({
    problem: 'structure',
    path: pathOf(one.element),
  }));
  const [signed, ...others] = childrenOf(element, 'SignedProperties');
  const unsignedParent = childrenOf(element, 'UnsignedProperties').flatMap((one) =>
    childrenOf(one, 'UnsignedSignatureProperties'),
  );
  for (const one of [...others, ...unsignedParent.slice(1)]) {
    problems.push({ problem: 'structure', path: pathOf(one) });
  }
  const properties: QualifyingProperties = {
    element,
    signed,
    object,
    unsignedParent: unsignedParent[0],
    unsigned: unsignedParent[0] ? elementsOf(unsignedParent[0]) : [],
    problems,
  };
  bind(properties, check);
  return properties;
}

function bind({ element, signed, problems }: QualifyingProperties, check: SignatureCheck): void {
  const id = attributeOf(check.element, 'Id');
  const target = attributeOf(element, 'Target');
  if (id === undefined || target !== `#${id}`) {
    problems.push({ problem: 'target', path: pathOf(element) });
  }
  if (!signed) {
    problems.push({ problem: 'structure', path: pathOf(element) });
    return;
  }
  const typed = check.references.filter(({ reference: { type } }) =>
    signedPropertiesTypes.has(type ?? ''),
  );
  for (const { node, reference } of typed) {
    if (node !== signed) problems.push({ problem: 'elsewhere', path: pathOf(reference.element) });
  }
  const digested = typed.some(
    ({ node, trace, facts }) =>
      node === signed && facts.outcome !== 'differs' && trace.coverageOf(signed).extent === 'whole',
  );
  if (!digested) problems.push({ problem: 'not-signed', path: pathOf(signed) });
}

/** Whether an element is of XAdES, in any of its versions, and has a name. */
export function isXades(element: XmlElement, localName: string): boolean {
  if (element.localName !== localName) return false;
  return element.namespace === xades141 || xadesNamespaces.includes(element.namespace);
}

export function childrenOf(parent: XmlElement | undefined, localName: string): XmlElement[] {
  return parent ? elementsOf(parent).filter((child) => isXades(child, localName)) : [];
}

/** The first child on a way of names, each of XAdES. */
export function down(parent: XmlElement | undefined, ...names: string[]): XmlElement | undefined {
  return names.reduce<XmlElement | undefined>((at, name) => childrenOf(at, name)[0], parent);
}

/** A child in the signature namespace. */
export function dsigChild(parent: XmlElement | undefined, localName: string) {
  return parent && elementsOf(parent).find((one) => isElement(one, namespaces.dsig, localName));
}
