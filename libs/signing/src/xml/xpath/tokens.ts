import { XmlError } from '../xml-error.js';

// XPath 1.0 section 3.7: the longest token wins, and what stands before decides whether a star
// or a name is an operator.

export interface Token {
  kind:
    | 'number'
    | 'literal'
    | 'operator'
    | 'name'
    | 'function'
    | 'axis'
    | 'type'
    | 'symbol'
    | 'variable';
  text: string;
}

const name = '[\\p{L}_\\u00B7][\\p{L}\\p{M}\\p{Nd}_.\\u00B7-]*';
const lexeme = new RegExp(
  [
    `(?<space>[ \\t\\r\\n]+)`,
    `(?<number>\\d+(?:\\.\\d*)?|\\.\\d+)`,
    `(?<literal>"[^"]*"|'[^']*')`,
    `(?<variable>\\$${name}(?::${name})?)`,
    `(?<symbol>::|\\.\\.|//|!=|<=|>=|[()\\[\\].@,/|+=<>*-])`,
    `(?<name>${name}(?::(?!:)(?:\\*|${name}))?)`,
  ].join('|'),
  'uy',
);
const operators = new Set(['and', 'or', 'mod', 'div']);
const operatorSymbols = new Set(['/', '//', '|', '+', '-', '=', '!=', '<', '<=', '>', '>=', '*']);
const nodeTypes = new Set(['comment', 'text', 'processing-instruction', 'node']);

export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  lexeme.lastIndex = 0;
  while (lexeme.lastIndex < expression.length) {
    const at = lexeme.lastIndex;
    const found = lexeme.exec(expression);
    if (!found?.groups) throw new XmlError('expression', `XPath: unexpected sign at ${at}`);
    const { space, number, literal, variable, symbol, name: word } = found.groups;
    if (space !== undefined) continue;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (literal !== undefined) tokens.push({ kind: 'literal', text: literal.slice(1, -1) });
    else if (variable !== undefined) tokens.push({ kind: 'variable', text: variable });
    else if (symbol !== undefined) tokens.push(symbolToken(symbol, tokens.at(-1)));
    else tokens.push(nameToken(word!, tokens.at(-1), expression.slice(lexeme.lastIndex)));
  }
  return tokens;
}

/** Whether an operand has just ended, so that a star multiplies and a name like `and` operates. */
function endsOperand(before: Token | undefined): boolean {
  if (!before || before.kind === 'operator' || before.kind === 'axis') return false;
  return !(before.kind === 'symbol' && ['@', '::', '(', '[', ','].includes(before.text));
}

function symbolToken(text: string, before: Token | undefined): Token {
  if (text === '*') return { kind: endsOperand(before) ? 'operator' : 'name', text };
  return { kind: operatorSymbols.has(text) ? 'operator' : 'symbol', text };
}

function nameToken(text: string, before: Token | undefined, rest: string): Token {
  if (endsOperand(before)) {
    if (operators.has(text)) return { kind: 'operator', text };
    throw new XmlError('expression', `XPath: ${text} is no operator`);
  }
  if (/^[ \t\r\n]*\(/.test(rest)) {
    return { kind: nodeTypes.has(text) ? 'type' : 'function', text };
  }
  return { kind: /^[ \t\r\n]*::/.test(rest) ? 'axis' : 'name', text };
}
