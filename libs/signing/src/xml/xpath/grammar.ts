import { XmlError } from '../xml-error.js';
import { tokensOf, type Token } from './tokens.js';

// The grammar of XPath 1.0 as a tree. Abbreviations are written out while parsing.

export const axes = [
  'ancestor',
  'ancestor-or-self',
  'attribute',
  'child',
  'descendant',
  'descendant-or-self',
  'following',
  'following-sibling',
  'namespace',
  'parent',
  'preceding',
  'preceding-sibling',
  'self',
] as const;
export type Axis = (typeof axes)[number];

export type NodeTest =
  | { kind: 'name'; prefix: string; localName: string }
  | { kind: 'type'; type: 'comment' | 'text' | 'processing-instruction' | 'node'; target?: string };

export interface Step {
  axis: Axis;
  test: NodeTest;
  predicates: Expression[];
}

export type Binary =
  'or' | 'and' | '=' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | 'div' | 'mod' | '|';

export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'literal'; value: string }
  | { kind: 'binary'; operator: Binary; left: Expression; right: Expression }
  | { kind: 'negate'; operand: Expression }
  | { kind: 'call'; name: string; parameters: Expression[] }
  | { kind: 'filter'; operand: Expression; predicates: Expression[] }
  | { kind: 'path'; from: Expression | 'root' | 'context'; steps: Step[] };

const maxLength = 4096;
const maxDepth = 32;

/** Parses an expression. Throws an `expression` error for what XPath 1.0 does not allow. */
export function parseXPath(expression: string): Expression {
  if (expression.length > maxLength) throw fault(`longer than ${maxLength}`);
  return new Parser(tokensOf(expression)).whole();
}

function fault(message: string): XmlError {
  return new XmlError('expression', `XPath: ${message}`);
}

const anyNode: NodeTest = { kind: 'type', type: 'node' };
const precedence: Binary[][] = [
  ['or'],
  ['and'],
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', 'div', 'mod'],
];

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: Token[]) {}

  whole(): Expression {
    const expression = this.expression();
    const rest = this.tokens[this.at];
    if (rest) throw fault(`unexpected ${rest.text}`);
    return expression;
  }

  private peek(kind: Token['kind'], text?: string): boolean {
    const token = this.tokens[this.at];
    return token?.kind === kind && (text === undefined || token.text === text);
  }

  private take(kind: Token['kind'], text?: string): Token | undefined {
    return this.peek(kind, text) ? this.tokens[this.at++] : undefined;
  }

  private must(kind: Token['kind'], text?: string): Token {
    const token = this.take(kind, text);
    if (!token)
      throw fault(`expected ${text ?? kind}, found ${this.tokens[this.at]?.text ?? 'the end'}`);
    return token;
  }

  private expression(): Expression {
    if (++this.depth > maxDepth) throw fault('too deep');
    const expression = this.binary(0);
    this.depth--;
    return expression;
  }

  private binary(level: number): Expression {
    const operators = precedence[level];
    if (!operators) return this.unary();
    let left = this.binary(level + 1);
    for (let found = this.operator(operators); found; found = this.operator(operators)) {
      left = { kind: 'binary', operator: found, left, right: this.binary(level + 1) };
    }
    return left;
  }

  private operator(operators: Binary[]): Binary | undefined {
    const found = operators.find((operator) => this.peek('operator', operator));
    if (found) this.at++;
    return found;
  }

  private unary(): Expression {
    let negative = false;
    let count = 0;
    while (this.take('operator', '-')) {
      negative = !negative;
      count++;
    }
    const union = this.union();
    const number: Expression = { kind: 'negate', operand: union };
    if (count === 0) return union;
    return negative ? number : { kind: 'negate', operand: number };
  }

  private union(): Expression {
    let left = this.path();
    while (this.take('operator', '|')) {
      left = { kind: 'binary', operator: '|', left, right: this.path() };
    }
    return left;
  }

  private path(): Expression {
    if (this.peek('operator', '/')) {
      this.at++;
      return { kind: 'path', from: 'root', steps: this.startsStep() ? this.steps() : [] };
    }
    if (this.take('operator', '//')) {
      return { kind: 'path', from: 'root', steps: [everything(), ...this.steps()] };
    }
    if (this.startsStep()) return { kind: 'path', from: 'context', steps: this.steps() };
    const from = this.filter();
    if (this.take('operator', '/')) return { kind: 'path', from, steps: this.steps() };
    if (this.take('operator', '//')) {
      return { kind: 'path', from, steps: [everything(), ...this.steps()] };
    }
    return from;
  }

  private startsStep(): boolean {
    return (
      this.peek('name') ||
      this.peek('axis') ||
      this.peek('type') ||
      this.peek('symbol', '.') ||
      this.peek('symbol', '..') ||
      this.peek('symbol', '@')
    );
  }

  private steps(): Step[] {
    const steps = [this.step()];
    for (;;) {
      if (this.take('operator', '/')) steps.push(this.step());
      else if (this.take('operator', '//')) steps.push(everything(), this.step());
      else return steps;
    }
  }

  private step(): Step {
    if (this.take('symbol', '.')) return { axis: 'self', test: anyNode, predicates: [] };
    if (this.take('symbol', '..')) return { axis: 'parent', test: anyNode, predicates: [] };
    let axis: Axis = 'child';
    if (this.take('symbol', '@')) axis = 'attribute';
    else if (this.peek('axis')) {
      const { text } = this.must('axis');
      const found = axes.find((one) => one === text);
      if (!found) throw fault(`no axis ${text}`);
      axis = found;
      this.must('symbol', '::');
    }
    return { axis, test: this.test(), predicates: this.predicates() };
  }

  private test(): NodeTest {
    const type = this.take('type');
    if (!type) {
      const [prefix, localName] = this.must('name').text.split(':') as [string, string?];
      if (localName === undefined) return { kind: 'name', prefix: '', localName: prefix };
      return { kind: 'name', prefix, localName };
    }
    this.must('symbol', '(');
    const target = type.text === 'processing-instruction' ? this.take('literal')?.text : undefined;
    this.must('symbol', ')');
    return { kind: 'type', type: type.text as 'node', target };
  }

  private predicates(): Expression[] {
    const predicates: Expression[] = [];
    while (this.take('symbol', '[')) {
      predicates.push(this.expression());
      this.must('symbol', ']');
    }
    return predicates;
  }

  private filter(): Expression {
    const operand = this.primary();
    const predicates = this.predicates();
    return predicates.length > 0 ? { kind: 'filter', operand, predicates } : operand;
  }

  private primary(): Expression {
    const number = this.take('number');
    if (number) return { kind: 'number', value: Number(number.text) };
    const literal = this.take('literal');
    if (literal) return { kind: 'literal', value: literal.text };
    if (this.take('symbol', '(')) {
      const inner = this.expression();
      this.must('symbol', ')');
      return inner;
    }
    if (this.peek('variable')) throw fault('variables are not bound');
    const { text: name } = this.must('function');
    this.must('symbol', '(');
    const parameters: Expression[] = [];
    if (!this.peek('symbol', ')')) {
      do parameters.push(this.expression());
      while (this.take('symbol', ','));
    }
    this.must('symbol', ')');
    return { kind: 'call', name, parameters };
  }
}

function everything(): Step {
  return { axis: 'descendant-or-self', test: anyNode, predicates: [] };
}
