/** Names the recommendations fix. */
export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
export const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';

interface Placed {
  /** Place in document order: the document is 0, attributes come between element and children. */
  order: number;
}

export interface XmlAttribute extends Placed {
  kind: 'attribute';
  parent: XmlElement;
  prefix: string;
  localName: string;
  /** Namespace URI; empty when the attribute has none. */
  namespace: string;
  value: string;
  /** Declared of type ID by an internal subset. */
  isId: boolean;
}

export interface XmlText extends Placed {
  kind: 'text';
  parent: XmlElement;
  /** Characters and CDATA sections that touch are one text, as XPath sees them. */
  value: string;
}

export interface XmlComment extends Placed {
  kind: 'comment';
  parent: XmlParent;
  value: string;
}

export interface XmlInstruction extends Placed {
  kind: 'instruction';
  parent: XmlParent;
  target: string;
  value: string;
}

export interface XmlElement extends Placed {
  kind: 'element';
  parent: XmlParent;
  prefix: string;
  localName: string;
  /** Namespace URI; empty when the element has none. */
  namespace: string;
  attributes: XmlAttribute[];
  /** Declared here: prefix (empty for the default) → URI (empty when undeclared). */
  declarations: ReadonlyMap<string, string>;
  children: XmlNode[];
  /** The last place in document order inside this element. */
  last: number;
  /** Offsets in the source: after the start tag, and before the end tag. */
  inner: { start: number; end: number };
  /** Offsets in the source of the whole element. */
  outer: { start: number; end: number };
}

export interface XmlDocument extends Placed {
  kind: 'document';
  children: XmlNode[];
  root: XmlElement;
  last: number;
  /** The characters the tree was read from. */
  source: string;
}

export type XmlParent = XmlElement | XmlDocument;
export type XmlNode = XmlElement | XmlText | XmlComment | XmlInstruction;
export type XmlAny = XmlNode | XmlAttribute | XmlDocument;

const nothingDeclared: ReadonlyMap<string, string> = new Map();
export { nothingDeclared };

/** The namespace a prefix stands for at an element; undefined when it is not declared. */
export function namespaceOf(element: XmlElement, prefix: string): string | undefined {
  if (prefix === 'xml') return xmlNamespace;
  for (let at: XmlParent = element; at.kind === 'element'; at = at.parent) {
    const uri = at.declarations.get(prefix);
    if (uri !== undefined) return uri === '' ? undefined : uri;
  }
  return undefined;
}

/** The namespaces in scope at an element, without `xml` and without undeclared ones. */
export function namespacesInScope(element: XmlElement): Map<string, string> {
  const scope = new Map<string, string>();
  for (let at: XmlParent = element; at.kind === 'element'; at = at.parent) {
    for (const [prefix, uri] of at.declarations) if (!scope.has(prefix)) scope.set(prefix, uri);
  }
  for (const [prefix, uri] of scope) if (uri === '' || prefix === 'xml') scope.delete(prefix);
  return scope;
}

/** The value of an attribute without namespace, or of the namespace given. */
export function attributeOf(element: XmlElement, localName: string, namespace = '') {
  return element.attributes.find((a) => a.localName === localName && a.namespace === namespace)
    ?.value;
}

export function isElement(node: XmlElement, namespace: string, localName?: string): boolean;
export function isElement(node: XmlAny, namespace: string, localName?: string): node is XmlElement;
export function isElement(node: XmlAny, namespace: string, localName?: string): boolean {
  return (
    node.kind === 'element' &&
    node.namespace === namespace &&
    (localName === undefined || node.localName === localName)
  );
}

export function elementsOf(parent: XmlParent): XmlElement[] {
  return parent.children.filter((child) => child.kind === 'element');
}

/** Every node below a parent, in document order, without recursion. */
export function* descendantsOf(parent: XmlParent): Generator<XmlNode> {
  const pending = [...parent.children].reverse();
  for (let node = pending.pop(); node; node = pending.pop()) {
    yield node;
    if (node.kind === 'element') {
      for (let i = node.children.length - 1; i >= 0; i--) pending.push(node.children[i]!);
    }
  }
}

export function* elementsBelow(parent: XmlParent): Generator<XmlElement> {
  for (const node of descendantsOf(parent)) if (node.kind === 'element') yield node;
}

/** Whether a node is an element or lies inside it. */
export function isWithin(node: XmlAny, ancestor: XmlParent): boolean {
  return node.order >= ancestor.order && node.order <= ancestor.last;
}

/** The text inside a node, as the XPath function string() gives it. */
export function textOf(node: XmlAny): string {
  if (node.kind === 'document' || node.kind === 'element') {
    let text = '';
    for (const below of descendantsOf(node)) if (below.kind === 'text') text += below.value;
    return text;
  }
  return node.value;
}

/** Where a node is, for a person to read: `/edXML:edXML[1]/Signature[2]/@Id`. */
export function pathOf(node: XmlAny): string {
  if (node.kind === 'document') return '/';
  if (node.kind === 'attribute') return `${pathOf(node.parent)}/@${qualifiedName(node)}`;
  const above = node.parent.kind === 'document' ? '' : pathOf(node.parent);
  if (node.kind !== 'element') return `${above}/${node.kind === 'text' ? 'text' : node.kind}()`;
  const name = qualifiedName(node);
  const twins = elementsOf(node.parent).filter((one) => qualifiedName(one) === name);
  return `${above}/${name}[${twins.indexOf(node) + 1}]`;
}

export function qualifiedName({ prefix, localName }: { prefix: string; localName: string }) {
  return prefix === '' ? localName : `${prefix}:${localName}`;
}

export function documentOf(node: XmlAny): XmlDocument {
  let at = node;
  while (at.kind !== 'document') at = at.parent;
  return at;
}

/** Orders two strings by code point; JavaScript's own order is by UTF-16 unit. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return aboveSurrogates(x) - aboveSurrogates(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for what comes after U+FFFF, so they move behind U+E000 to U+FFFF. */
function aboveSurrogates(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
