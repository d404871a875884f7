import {
  documentOf,
  namespacesInScope,
  type XmlAny,
  type XmlDocument,
  type XmlElement,
  type XmlParent,
} from './tree.js';

/**
 * A set of nodes of one document, as XPath 1.0 and canonical XML know it: elements, texts,
 * comments, instructions and attributes one by one. The namespace nodes of an element follow the
 * element unless an XPath transform has chosen among them.
 */
export class NodeSet {
  readonly document: XmlDocument;
  private readonly held: Uint8Array;
  private chosenNamespaces?: Map<XmlElement, Set<string>>;

  /** @param start the node everything in the set lies within: where canonicalization begins. */
  constructor(readonly start: XmlParent) {
    this.document = documentOf(start);
    this.held = new Uint8Array(this.document.last + 1);
  }

  /** A document or an element with all it holds, comments only when asked for. */
  static subtree(start: XmlParent, { comments }: { comments: boolean }): NodeSet {
    const set = new NodeSet(start);
    set.held.fill(1, start.order, start.last + 1);
    if (!comments) set.dropComments(start);
    return set;
  }

  private dropComments(parent: XmlParent): void {
    for (const child of parent.children) {
      if (child.kind === 'comment') this.held[child.order] = 0;
      else if (child.kind === 'element') this.dropComments(child);
    }
  }

  has(node: XmlAny): boolean {
    return this.held[node.order] === 1;
  }

  /** Whether the set holds a node or anything inside it. */
  holdsAnyOf(node: XmlParent): boolean {
    return this.held.subarray(node.order, node.last + 1).includes(1);
  }

  add(node: XmlAny): void {
    this.held[node.order] = 1;
  }

  /** Adds a node with all that is inside it. */
  addSubtree(node: XmlAny): void {
    const inside = node.kind === 'element' || node.kind === 'document';
    this.held.fill(1, node.order, (inside ? node.last : node.order) + 1);
  }

  /**
   * A set of the whole document made by asking of each node whether it is in one and in the other.
   * Namespace nodes are asked only where one of the sets has chosen among them.
   */
  combine(other: NodeSet, decide: (one: boolean, other: boolean) => boolean): NodeSet {
    const result = new NodeSet(this.document);
    for (let i = 0; i < this.held.length; i++) {
      result.held[i] = decide(this.held[i] === 1, other.held[i] === 1) ? 1 : 0;
    }
    for (const set of [this, other]) {
      for (const element of set.chosenNamespaces?.keys() ?? []) {
        const prefixes = ['xml', ...namespacesInScope(element).keys()].filter((prefix) =>
          decide(this.hasNamespace(element, prefix), other.hasNamespace(element, prefix)),
        );
        result.chooseNamespaces(element, new Set(prefixes));
      }
    }
    return result;
  }

  /** Says which namespace nodes of an element are in the set, whether or not the element is. */
  chooseNamespaces(element: XmlElement, prefixes: Set<string>): void {
    this.chosenNamespaces ??= new Map();
    this.chosenNamespaces.set(element, prefixes);
  }

  /** Whether all namespace nodes of the element are in exactly when the element is. */
  namespacesFollow(element: XmlElement): boolean {
    return !this.chosenNamespaces?.has(element);
  }

  hasNamespace(element: XmlElement, prefix: string): boolean {
    return this.chosenNamespaces?.get(element)?.has(prefix) ?? this.has(element);
  }

  /** The namespace nodes of an element that are in the set: prefix → URI. */
  namespacesAt(element: XmlElement): Map<string, string> {
    const scope = namespacesInScope(element);
    for (const prefix of scope.keys()) {
      if (!this.hasNamespace(element, prefix)) scope.delete(prefix);
    }
    return scope;
  }

  /** The same set without a subtree. */
  without(element: XmlElement): NodeSet {
    const set = new NodeSet(this.start);
    set.held.set(this.held);
    set.held.fill(0, element.order, element.last + 1);
    if (this.chosenNamespaces) {
      set.chosenNamespaces = new Map(this.chosenNamespaces);
      for (const one of this.chosenNamespaces.keys()) {
        if (one.order >= element.order && one.order <= element.last)
          set.chosenNamespaces.delete(one);
      }
    }
    return set;
  }
}
