import type { Budget } from '../limits.js';
import {
  descendantsOf,
  namespacesInScope,
  xmlNamespace,
  type XmlAny,
  type XmlElement,
  type XmlParent,
} from '../tree.js';
import type { Axis } from './grammar.js';

/** A namespace in scope at an element, which only XPath sees as a node. */
export interface XmlNamespace {
  kind: 'namespace';
  parent: XmlElement;
  prefix: string;
  value: string;
  /** Between the element and its first attribute. */
  order: number;
}

export type XPathNode = XmlAny | XmlNamespace;

/** The namespace nodes of elements, made once, so that the same node is the same object. */
export class NamespaceNodes {
  private readonly made = new Map<XmlElement, XmlNamespace[]>();

  constructor(private readonly budget: Budget) {}

  of(parent: XmlElement): XmlNamespace[] {
    const known = this.made.get(parent);
    if (known) return known;
    const scope = [...namespacesInScope(parent), ['xml', xmlNamespace] as const];
    this.budget.spend(scope.length * 4);
    const nodes = scope.map(([prefix, value], i): XmlNamespace => {
      const order = parent.order + (i + 1) / (scope.length + 1);
      return { kind: 'namespace', parent, prefix, value, order };
    });
    this.made.set(parent, nodes);
    return nodes;
  }
}

export const reverseAxes: ReadonlySet<Axis> = new Set<Axis>([
  'ancestor',
  'ancestor-or-self',
  'preceding',
  'preceding-sibling',
]);

/** The nodes of an axis, nearest first: forward axes in document order, others in reverse. */
export function* axisOf(
  node: XPathNode,
  axis: Axis,
  namespaces: NamespaceNodes,
): Generator<XPathNode> {
  switch (axis) {
    case 'self':
      return yield node;
    case 'parent':
      if (node.kind !== 'document') yield node.parent;
      return;
    case 'ancestor':
      return yield* ancestorsOf(node);
    case 'ancestor-or-self':
      yield node;
      return yield* ancestorsOf(node);
    case 'attribute':
      if (node.kind === 'element') yield* node.attributes;
      return;
    case 'namespace':
      if (node.kind === 'element') yield* namespaces.of(node);
      return;
    case 'child':
      if (isParent(node)) yield* node.children;
      return;
    case 'descendant-or-self':
      yield node;
      if (isParent(node)) yield* descendantsOf(node);
      return;
    case 'descendant':
      if (isParent(node)) yield* descendantsOf(node);
      return;
    case 'following-sibling':
    case 'preceding-sibling':
      return yield* siblingsOf(node, axis === 'following-sibling');
    case 'following':
      return yield* followingOf(node);
    case 'preceding':
      return yield* precedingOf(node);
  }
}

function isParent(node: XPathNode): node is XmlParent {
  return node.kind === 'element' || node.kind === 'document';
}

function* ancestorsOf(node: XPathNode): Generator<XPathNode> {
  for (let at = node; at.kind !== 'document';) yield (at = at.parent);
}

function siblingsOf(node: XPathNode, forward: boolean): XPathNode[] {
  if (node.kind === 'document' || node.kind === 'attribute' || node.kind === 'namespace') return [];
  const { children } = node.parent;
  const at = placeAmong(children, node.order);
  return forward ? children.slice(at + 1) : children.slice(0, at).reverse();
}

function placeAmong(children: { order: number }[], order: number): number {
  let low = 0;
  for (let high = children.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (children[middle]!.order < order) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* followingOf(node: XPathNode): Generator<XPathNode> {
  if (node.kind === 'attribute' || node.kind === 'namespace') yield* descendantsOf(node.parent);
  for (let at: XPathNode = node; at.kind !== 'document'; at = at.parent) {
    for (const sibling of siblingsOf(at, true)) {
      yield sibling;
      if (sibling.kind === 'element') yield* descendantsOf(sibling);
    }
  }
}

function* precedingOf(node: XPathNode): Generator<XPathNode> {
  for (let at: XPathNode = node; at.kind !== 'document'; at = at.parent) {
    for (const sibling of siblingsOf(at, false)) {
      if (sibling.kind === 'element') yield* [...descendantsOf(sibling)].reverse();
      yield sibling;
    }
  }
}

/** The string-value of a node (XPath 1.0 section 5), paid for by its length. */
export function stringValueOf(node: XPathNode, budget: Budget): string {
  if (!isParent(node)) {
    budget.spend(node.value.length >> 4);
    return node.value;
  }
  let text = '';
  for (const below of descendantsOf(node)) {
    budget.spend();
    if (below.kind === 'text') text += below.value;
  }
  budget.spend(text.length >> 4);
  return text;
}
