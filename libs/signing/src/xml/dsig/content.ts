import { attributeOf, elementsOf, isElement, pathOf, textOf, type XmlElement } from '../tree.js';
import { XmlError } from '../xml-error.js';
import { namespaces } from './algorithms.js';

// How the parts of a signature are taken out of the tree: strictly, so that what is checked is
// all there is. A second SignedInfo or a comment inside a value is an error, not a choice.

/** Elements of a parent taken one by one, in the order a schema gives. */
export class Children {
  private readonly left: XmlElement[];

  constructor(private readonly parent: XmlElement) {
    for (const child of parent.children) {
      if (child.kind === 'text' && child.value.trim() !== '') {
        throw structure(`text in ${parent.localName}`);
      }
    }
    this.left = elementsOf(parent);
  }

  optional(localName: string, namespace: string = namespaces.dsig): XmlElement | undefined {
    return this.left[0] && isElement(this.left[0], namespace, localName)
      ? this.left.shift()
      : undefined;
  }

  must(localName: string, namespace?: string): XmlElement {
    const found = this.optional(localName, namespace);
    if (found) return found;
    throw structure(`${this.parent.localName} without ${localName} in its place`);
  }

  all(localName: string, limit: number, namespace?: string): XmlElement[] {
    const found: XmlElement[] = [];
    for (
      let one = this.optional(localName, namespace);
      one;
      one = this.optional(localName, namespace)
    ) {
      if (found.push(one) > limit) throw new XmlError('limit', `More than ${limit} ${localName}`);
    }
    return found;
  }

  finish(): void {
    const [rest] = this.left;
    if (rest) throw structure(`${rest.localName} where ${this.parent.localName} allows none`);
  }
}

export function structure(what: string): XmlError {
  return new XmlError('structure', `The signature is malformed: ${what}`);
}

/** The only text of an element that may hold nothing else, not even a comment. */
export function simpleText(element: XmlElement): string {
  if (element.children.some(({ kind }) => kind !== 'text')) {
    throw structure(`${pathOf(element)} holds more than text`);
  }
  return textOf(element);
}

/** xsd:base64Binary: white space anywhere, the alphabet and the padding exactly. */
export function base64Of(element: XmlElement): Buffer {
  return decodeBase64(simpleText(element));
}

export function decodeBase64(written: string): Buffer {
  const text = written.replace(/[ \t\r\n]+/g, '');
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw structure('bad base64');
  return Buffer.from(text, 'base64');
}

export function algorithmOf(element: XmlElement): string {
  const algorithm = attributeOf(element, 'Algorithm');
  if (algorithm === undefined) throw structure(`${element.localName} without Algorithm`);
  return algorithm;
}

/** Digits only; undefined when the element is missing. */
export function numberOf(element: XmlElement | undefined): number | undefined {
  if (!element) return undefined;
  const text = simpleText(element).trim();
  if (!/^\d{1,9}$/.test(text)) throw structure(`${element.localName} is no number`);
  return Number(text);
}
