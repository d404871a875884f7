import type { Budget } from '../limits.js';
import { documentOf, type XmlElement } from '../tree.js';
import { XmlError } from '../xml-error.js';
import { callFunction } from './functions.js';
import type { Expression, NodeTest, Step } from './grammar.js';
import { axisOf, reverseAxes, type NamespaceNodes, type XPathNode } from './nodes.js';
import { compare, toBoolean, toNodes, toNumber, type XPathValue } from './values.js';

// XPath 1.0 over our tree. Every node an axis yields is paid for, so that an expression a
// stranger wrote ends, whatever it says.

/** What stays the same through one expression. */
export interface XPathScene {
  /** Prefixes the expression may use. */
  namespaces: ReadonlyMap<string, string>;
  /** The element that holds the expression, for here(). */
  here: XmlElement;
  namespaceNodes: NamespaceNodes;
  budget: Budget;
  findById(id: string): XmlElement | undefined;
}

export interface XPathContext {
  node: XPathNode;
  position: number;
  size: number;
}

export function evaluate(
  expression: Expression,
  context: XPathContext,
  scene: XPathScene,
): XPathValue {
  scene.budget.spend();
  switch (expression.kind) {
    case 'number':
    case 'literal':
      return expression.value;
    case 'negate':
      return -toNumber(evaluate(expression.operand, context, scene), scene.budget);
    case 'binary':
      return binary(expression, context, scene);
    case 'call': {
      const parameters = expression.parameters.map((one) => evaluate(one, context, scene));
      return callFunction(expression.name, parameters, context, scene);
    }
    case 'filter': {
      const nodes = toNodes(evaluate(expression.operand, context, scene));
      return expression.predicates.reduce((left, one) => kept(left, one, scene), nodes);
    }
    case 'path':
      return path(expression, context, scene);
  }
}

function binary(
  { operator, left, right }: Extract<Expression, { kind: 'binary' }>,
  context: XPathContext,
  scene: XPathScene,
): XPathValue {
  const { budget } = scene;
  const first = evaluate(left, context, scene);
  if (operator === 'or') return toBoolean(first) || toBoolean(evaluate(right, context, scene));
  if (operator === 'and') return toBoolean(first) && toBoolean(evaluate(right, context, scene));
  const second = evaluate(right, context, scene);
  const numbers = () => [toNumber(first, budget), toNumber(second, budget)] as const;
  switch (operator) {
    case '|':
      return inOrder([...toNodes(first), ...toNodes(second)]);
    case '+':
      return numbers()[0] + numbers()[1];
    case '-':
      return numbers()[0] - numbers()[1];
    case '*':
      return numbers()[0] * numbers()[1];
    case 'div':
      return numbers()[0] / numbers()[1];
    case 'mod':
      return numbers()[0] % numbers()[1];
    default:
      return compare(operator, first, second, budget);
  }
}

function path(
  { from, steps }: Extract<Expression, { kind: 'path' }>,
  context: XPathContext,
  scene: XPathScene,
): XPathNode[] {
  let nodes: XPathNode[];
  if (from === 'context') nodes = [context.node];
  else if (from === 'root') nodes = [rootOf(context.node)];
  else nodes = toNodes(evaluate(from, context, scene));
  for (const step of steps) nodes = stepFrom(nodes, step, scene);
  return nodes;
}

function rootOf(node: XPathNode): XPathNode {
  return documentOf(node.kind === 'namespace' ? node.parent : node);
}

function stepFrom(nodes: XPathNode[], step: Step, scene: XPathScene): XPathNode[] {
  const found: XPathNode[] = [];
  const matches = matcherOf(step, scene);
  for (const node of nodes) {
    let candidates: XPathNode[] = [];
    for (const one of axisOf(node, step.axis, scene.namespaceNodes)) {
      scene.budget.spend();
      if (matches(one)) candidates.push(one);
    }
    for (const predicate of step.predicates) candidates = kept(candidates, predicate, scene);
    for (const one of candidates) found.push(one);
  }
  return nodes.length === 1 && !reverseAxes.has(step.axis) ? found : inOrder(found);
}

/** The nodes for which a predicate holds; positions count along the order given. */
function kept(nodes: XPathNode[], predicate: Expression, scene: XPathScene): XPathNode[] {
  const size = nodes.length;
  return nodes.filter((node, i) => {
    const value = evaluate(predicate, { node, position: i + 1, size }, scene);
    return typeof value === 'number' ? value === i + 1 : toBoolean(value);
  });
}

export function inOrder(nodes: XPathNode[]): XPathNode[] {
  return [...new Set(nodes)].sort((a, b) => a.order - b.order);
}

function matcherOf({ axis, test }: Step, scene: XPathScene): (node: XPathNode) => boolean {
  if (test.kind === 'type') return typeMatcher(test);
  const principal = axis === 'attribute' || axis === 'namespace' ? axis : 'element';
  const { prefix, localName } = test;
  const anyName = localName === '*';
  if (principal === 'namespace') {
    return (node) =>
      node.kind === 'namespace' && prefix === '' && (anyName || node.prefix === localName);
  }
  const namespace = prefix === '' ? '' : scene.namespaces.get(prefix);
  if (namespace === undefined) {
    throw new XmlError('expression', `XPath: prefix ${prefix} is not declared`);
  }
  return (node) =>
    node.kind === principal &&
    (anyName || node.localName === localName) &&
    ((anyName && prefix === '') || node.namespace === namespace);
}

function typeMatcher({ type, target }: Extract<NodeTest, { kind: 'type' }>) {
  switch (type) {
    case 'node':
      return () => true;
    case 'processing-instruction':
      return (node: XPathNode) =>
        node.kind === 'instruction' && (target === undefined || node.target === target);
    case 'text':
    case 'comment':
      return (node: XPathNode) => node.kind === type;
  }
}
