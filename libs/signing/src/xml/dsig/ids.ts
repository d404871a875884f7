import {
  elementsBelow,
  xmlNamespace,
  type XmlAttribute,
  type XmlDocument,
  type XmlElement,
} from '../tree.js';
import { XmlError } from '../xml-error.js';

const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';

/** Attributes that identify, when nothing is declared: those of the signature schemas and theirs. */
export const commonIdAttributes: readonly string[] = ['Id', 'ID', 'id'];

/**
 * The identifiers of a document. One that occurs twice identifies nothing: whoever refers to it
 * is refused, because two readers could take it for two elements.
 */
export class IdIndex {
  private readonly found = new Map<string, XmlElement>();
  readonly ambiguous = new Set<string>();

  constructor(document: XmlDocument, attributes: readonly string[] = commonIdAttributes) {
    const names = new Set(attributes);
    for (const element of elementsBelow(document)) {
      for (const attribute of element.attributes) {
        if (!identifies(attribute, names)) continue;
        const before = this.found.get(attribute.value);
        if (before && before !== element) this.ambiguous.add(attribute.value);
        else this.found.set(attribute.value, element);
      }
    }
  }

  /** The element with an identifier. Throws `ambiguous-id` when there are several. */
  find(id: string): XmlElement | undefined {
    if (this.ambiguous.has(id)) {
      throw new XmlError(
        'ambiguous-id',
        `Several elements have the identifier ${id.slice(0, 100)}`,
      );
    }
    return this.found.get(id);
  }
}

function identifies({ namespace, localName, isId }: XmlAttribute, names: Set<string>): boolean {
  if (isId) return true;
  if (namespace === '') return names.has(localName);
  return namespace === xmlNamespace ? localName === 'id' : namespace === wsu && localName === 'Id';
}

/** The identifier an element bears, to refer to it by. */
export function idOf(element: XmlElement): string | undefined {
  const names = new Set(commonIdAttributes);
  return element.attributes.find((attribute) => identifies(attribute, names))?.value;
}
