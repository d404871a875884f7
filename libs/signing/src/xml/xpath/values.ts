import type { Budget } from '../limits.js';
import { stringValueOf, type XPathNode } from './nodes.js';
import { XmlError } from '../xml-error.js';

/** A node-set is an array in document order without duplicates. */
export type XPathValue = number | string | boolean | XPathNode[];

export function toNumber(value: XPathValue, budget: Budget): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const text = toText(value, budget).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  return /^-?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) ? Number(text) : NaN;
}

export function toText(value: XPathValue, budget: Budget): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  return value[0] ? stringValueOf(value[0], budget) : '';
}

export function toBoolean(value: XPathValue): boolean {
  if (typeof value === 'number') return value !== 0 && !Number.isNaN(value);
  if (typeof value === 'boolean') return value;
  return value.length > 0;
}

export function toNodes(value: XPathValue): XPathNode[] {
  if (Array.isArray(value)) return value;
  throw new XmlError('expression', 'XPath: a node-set was expected');
}

/** Decimal without an exponent, as section 4.2 asks. */
function numberText(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const text = String(value);
  const small = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text);
  if (!small) return text;
  const [, sign, whole, fraction = '', exponent] = small;
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${whole}${fraction}`;
}

type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** Comparisons of section 3.4: a node-set compares if any of its nodes does. */
export function compare(
  operator: Comparison,
  left: XPathValue,
  right: XPathValue,
  budget: Budget,
): boolean {
  if (typeof left === 'boolean' || typeof right === 'boolean') {
    if (operator === '=' || operator === '!=') {
      return (toBoolean(left) === toBoolean(right)) === (operator === '=');
    }
    return holds(operator, truth(left, budget), truth(right, budget));
  }
  for (const one of itemsOf(left, budget)) {
    for (const other of itemsOf(right, budget)) {
      budget.spend();
      if (compareItems(operator, one, other, budget)) return true;
    }
  }
  return false;
}

function truth(value: XPathValue, budget: Budget): number {
  return Array.isArray(value) ? Number(toBoolean(value)) : toNumber(value, budget);
}

function itemsOf(value: XPathValue, budget: Budget): (string | number | boolean)[] {
  return Array.isArray(value) ? value.map((node) => stringValueOf(node, budget)) : [value];
}

function compareItems(
  operator: Comparison,
  left: string | number | boolean,
  right: string | number | boolean,
  budget: Budget,
): boolean {
  const equality = operator === '=' || operator === '!=';
  if (equality && typeof left === 'string' && typeof right === 'string') {
    return (left === right) === (operator === '=');
  }
  return holds(operator, toNumber(left, budget), toNumber(right, budget));
}

function holds(operator: Comparison, left: number, right: number): boolean {
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}
