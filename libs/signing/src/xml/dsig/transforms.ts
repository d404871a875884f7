import { canonicalize, type C14nOptions } from '../c14n.js';
import { NodeSet } from '../node-set.js';
import { parseXml } from '../parse.js';
import {
  descendantsOf,
  documentOf,
  elementsOf,
  isElement,
  namespacesInScope,
  pathOf,
  textOf,
  type XmlElement,
} from '../tree.js';
import { XmlError } from '../xml-error.js';
import { evaluate, type XPathScene } from '../xpath/evaluate.js';
import { parseXPath } from '../xpath/grammar.js';
import { NamespaceNodes, type XPathNode } from '../xpath/nodes.js';
import { toBoolean, toNodes } from '../xpath/values.js';
import { namespaces, transforms } from './algorithms.js';
import { algorithmOf, decodeBase64, structure } from './content.js';
import type { Data, Surroundings } from './dereference.js';
import { IdIndex } from './ids.js';
import { canonicalizationOf } from './signature.js';

// XML-Signature section 6.6. A transform that is not named here is refused.

/** Applies one ds:Transform. Throws for what is unknown, forbidden or does not fit its input. */
export function transform(element: XmlElement, data: Data, around: Surroundings): Data {
  const options = canonicalizationOf(element);
  if (options) return canonical(data, around, options);
  const algorithm = algorithmOf(element);
  switch (algorithm) {
    case transforms.enveloped:
      return { kind: 'nodes', set: withoutSignature(element, nodesOf(data, around)) };
    case transforms.base64:
      return { kind: 'octets', octets: decodeBase64(textIn(data, around)) };
    case transforms.xpath:
      return { kind: 'nodes', set: filtered(element, nodesOf(data, around), around) };
    case transforms.xpathFilter2:
      return { kind: 'nodes', set: combined(element, nodesOf(data, around), around) };
    default:
      throw new XmlError('unsupported', `Transform ${algorithm.slice(0, 200)}`);
  }
}

const defaultCanonicalization: C14nOptions = { method: 'inclusive', comments: false };

/** Octets as they are, nodes in canonical form (section 4.4.3.2). */
export function octetsOf(data: Data, around: Surroundings): Extract<Data, { kind: 'octets' }> {
  return data.kind === 'octets' ? data : canonical(data, around, defaultCanonicalization);
}

function canonical(data: Data, around: Surroundings, options: C14nOptions) {
  const octets = canonicalize(nodesOf(data, around), options, around.work);
  return { kind: 'octets' as const, octets };
}

function nodesOf(data: Data, around: Surroundings): NodeSet {
  if (data.kind === 'nodes') return data.set;
  around.work.spend(35 * data.octets.length);
  const document = parseXml(data.octets, around.parse);
  around.work.spend(1500 * document.last);
  return NodeSet.subtree(document, { comments: true });
}

function textIn(data: Data, { work }: Surroundings): string {
  if (data.kind === 'octets') return Buffer.from(data.octets).toString('latin1');
  let text = '';
  work.spend(200 * (data.set.start.last - data.set.start.order));
  for (const node of nodesFrom(data.set)) {
    if (node.kind === 'text' && data.set.has(node)) text += node.value;
  }
  return text;
}

function* nodesFrom({ start }: NodeSet) {
  yield start;
  yield* descendantsOf(start);
}

function withoutSignature(element: XmlElement, set: NodeSet): NodeSet {
  let at: XmlElement = element;
  while (at.localName !== 'Signature' || at.namespace !== namespaces.dsig) {
    if (at.parent.kind === 'document') throw structure('a transform outside a signature');
    at = at.parent;
  }
  if (set.document !== documentOf(at)) {
    throw structure('an enveloped signature outside of what it signs');
  }
  return set.without(at);
}

function sceneOf(expression: XmlElement, set: NodeSet, around: Surroundings): XPathScene {
  const { xpath, ids, document } = around;
  const index = set.document === document ? ids : new IdIndex(set.document);
  return {
    namespaces: namespacesInScope(expression),
    here: expression,
    namespaceNodes: new NamespaceNodes(xpath),
    budget: xpath,
    findById: (id) => index.find(id),
  };
}

/** XPath filtering (section 6.6.3): the expression is asked for each node, attributes and all. */
function filtered(element: XmlElement, set: NodeSet, around: Surroundings): NodeSet {
  const [holder, ...more] = elementsOf(element);
  if (!holder || more.length > 0 || !isElement(holder, namespaces.dsig, 'XPath')) {
    throw structure('an XPath transform without its expression');
  }
  const expression = parseXPath(textOf(holder));
  const scene = sceneOf(holder, set, around);
  const holds = (node: XPathNode) =>
    toBoolean(evaluate(expression, { node, position: 1, size: 1 }, scene));
  const result = new NodeSet(set.start);
  for (const node of nodesFrom(set)) {
    if (set.has(node) && holds(node)) result.add(node);
    if (node.kind !== 'element') continue;
    for (const attribute of node.attributes) {
      if (set.has(attribute) && holds(attribute)) result.add(attribute);
    }
    chooseNamespaces(node, set, result, scene, holds);
  }
  return result;
}

function chooseNamespaces(
  element: XmlElement,
  set: NodeSet,
  result: NodeSet,
  { namespaceNodes }: XPathScene,
  holds: (node: XPathNode) => boolean,
): void {
  if (set.namespacesFollow(element) && !set.has(element)) return;
  const nodes = namespaceNodes
    .of(element)
    .filter(({ prefix }) => set.hasNamespace(element, prefix));
  const chosen = nodes.filter(holds);
  const all = chosen.length === namespaceNodes.of(element).length;
  if (result.has(element) ? !all : chosen.length > 0) {
    result.chooseNamespaces(element, new Set(chosen.map(({ prefix }) => prefix)));
  }
}

/**
 * XPath Filter 2.0: subtrees of the selected nodes are intersected with the input, subtracted
 * from it or added to it, in the order written.
 */
function combined(element: XmlElement, set: NodeSet, around: Surroundings): NodeSet {
  const holders = elementsOf(element);
  if (holders.length === 0) throw structure('a filter without expressions');
  if (holders.length > 16) throw new XmlError('limit', 'Too many filters');
  let filter = NodeSet.subtree(set.document, { comments: true });
  for (const holder of holders) {
    if (!isElement(holder, transforms.xpathFilter2, 'XPath'))
      throw structure('a filter of no kind');
    const selected = subtrees(holder, set, around);
    const kind = holder.attributes.find(({ localName }) => localName === 'Filter')?.value;
    if (kind === 'intersect') filter = filter.combine(selected, (a, b) => a && b);
    else if (kind === 'subtract') filter = filter.combine(selected, (a, b) => a && !b);
    else if (kind === 'union') filter = filter.combine(selected, (a, b) => a || b);
    else throw structure('a filter of no kind');
  }
  return filter.combine(set, (a, b) => a && b);
}

function subtrees(holder: XmlElement, set: NodeSet, around: Surroundings): NodeSet {
  const scene = sceneOf(holder, set, around);
  around.work.spend(20 * set.document.last);
  const context = { node: set.document, position: 1, size: 1 };
  const nodes = toNodes(evaluate(parseXPath(textOf(holder)), context, scene));
  const result = new NodeSet(set.document);
  for (const node of nodes) {
    if (node.kind === 'namespace') {
      throw new XmlError(
        'unsupported',
        `A filter that selects namespaces at ${pathOf(node.parent)}`,
      );
    }
    result.addSubtree(node);
  }
  return result;
}
