import { attributeOf, qualifiedName, xmlNamespace } from '../tree.js';
import { XmlError } from '../xml-error.js';
import { inOrder, type XPathContext, type XPathScene } from './evaluate.js';
import { stringValueOf, type XPathNode } from './nodes.js';
import { toBoolean, toNodes, toNumber, toText, type XPathValue } from './values.js';

type Implementation = (
  parameters: XPathValue[],
  context: XPathContext,
  scene: XPathScene,
) => XPathValue;

/** Name → how many parameters, at least and at most, and what it does: XPath 1.0 section 4. */
const functions: Record<string, [least: number, most: number, run: Implementation]> = {
  last: [0, 0, (_, { size }) => size],
  position: [0, 0, (_, { position }) => position],
  count: [1, 1, ([nodes]) => toNodes(nodes!).length],
  id: [1, 1, ([value], _, scene) => byId(value!, scene)],
  'local-name': [0, 1, (given, context) => nameOf(first(given, context), 'localName')],
  'namespace-uri': [0, 1, (given, context) => nameOf(first(given, context), 'namespace')],
  name: [0, 1, (given, context) => nameOf(first(given, context), 'name')],
  string: [0, 1, text],
  concat: [2, 64, (given, _, { budget }) => given.map((one) => toText(one, budget)).join('')],
  'starts-with': [2, 2, texts((a, b) => a.startsWith(b))],
  contains: [2, 2, texts((a, b) => a.includes(b))],
  'substring-before': [2, 2, texts((a, b) => (a.includes(b) ? a.slice(0, a.indexOf(b)) : ''))],
  'substring-after': [
    2,
    2,
    texts((a, b) => (a.includes(b) ? a.slice(a.indexOf(b) + b.length) : '')),
  ],
  substring: [2, 3, substring],
  'string-length': [0, 1, (given, context, scene) => [...text(given, context, scene)].length],
  'normalize-space': [0, 1, (given, context, scene) => normalized(text(given, context, scene))],
  translate: [3, 3, (given, _, { budget }) => translate(given.map((one) => toText(one, budget)))],
  boolean: [1, 1, ([value]) => toBoolean(value!)],
  not: [1, 1, ([value]) => !toBoolean(value!)],
  true: [0, 0, () => true],
  false: [0, 0, () => false],
  lang: [1, 1, ([value], { node }, { budget }) => hasLanguage(node, toText(value!, budget))],
  number: [0, 1, ([value], { node }, { budget }) => toNumber(value ?? [node], budget)],
  sum: [
    1,
    1,
    ([value], _, { budget }) => sum(toNodes(value!).map((one) => toNumber([one], budget))),
  ],
  floor: [1, 1, ([value], _, { budget }) => Math.floor(toNumber(value!, budget))],
  ceiling: [1, 1, ([value], _, { budget }) => Math.ceil(toNumber(value!, budget))],
  round: [1, 1, ([value], _, { budget }) => Math.round(toNumber(value!, budget))],
  // XML-Signature section 6.6.3: the element that bears the expression.
  here: [0, 0, (_, __, { here }) => [here]],
};

export function callFunction(
  name: string,
  parameters: XPathValue[],
  context: XPathContext,
  scene: XPathScene,
): XPathValue {
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!known) throw new XmlError('expression', `XPath: no function ${name}()`);
  const [least, most, run] = known;
  if (parameters.length < least || parameters.length > most) {
    throw new XmlError(
      'expression',
      `XPath: ${name}() does not take ${parameters.length} parameters`,
    );
  }
  return run(parameters, context, scene);
}

function first([nodes]: XPathValue[], { node }: XPathContext): XPathNode | undefined {
  return nodes === undefined ? node : toNodes(nodes)[0];
}

function text([value]: XPathValue[], { node }: XPathContext, { budget }: XPathScene): string {
  return toText(value ?? [node], budget);
}

function texts(run: (a: string, b: string) => XPathValue): Implementation {
  return ([a, b], _, { budget }) => run(toText(a!, budget), toText(b!, budget));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function byId(value: XPathValue, { budget, findById }: XPathScene): XPathNode[] {
  const given = Array.isArray(value)
    ? value.map((node) => stringValueOf(node, budget))
    : [toText(value, budget)];
  const ids = given.flatMap((one) => one.split(/[ \t\r\n]+/)).filter((id) => id !== '');
  return inOrder(ids.map(findById).filter((element) => element !== undefined));
}

function nameOf(node: XPathNode | undefined, part: 'localName' | 'namespace' | 'name'): string {
  switch (node?.kind) {
    case 'element':
    case 'attribute':
      return part === 'name' ? qualifiedName(node) : node[part];
    case 'instruction':
      return part === 'namespace' ? '' : node.target;
    case 'namespace':
      return part === 'namespace' ? '' : node.prefix;
    default:
      return '';
  }
}

function normalized(value: string): string {
  return value
    .split(/[ \t\r\n]+/)
    .filter((word) => word !== '')
    .join(' ');
}

function substring(given: XPathValue[], _: XPathContext, { budget }: XPathScene): string {
  const characters = [...toText(given[0]!, budget)];
  const start = Math.round(toNumber(given[1]!, budget));
  const end = given.length > 2 ? start + Math.round(toNumber(given[2]!, budget)) : Infinity;
  return characters.filter((_character, i) => i + 1 >= start && i + 1 < end).join('');
}

function translate([value, from, to]: string[]): string {
  const sources = [...from!];
  const targets = [...to!];
  const mapping = new Map<string, string>();
  for (const [i, one] of sources.entries()) {
    if (!mapping.has(one)) mapping.set(one, targets[i] ?? '');
  }
  return [...value!].map((one) => mapping.get(one) ?? one).join('');
}

function hasLanguage(node: XPathNode, wanted: string): boolean {
  for (let at = node; at.kind !== 'document'; at = at.parent) {
    const language = at.kind === 'element' ? attributeOf(at, 'lang', xmlNamespace) : undefined;
    if (language === undefined) continue;
    const [have, want] = [language.toLowerCase(), wanted.toLowerCase()];
    return have === want || have.startsWith(`${want}-`);
  }
  return false;
}
