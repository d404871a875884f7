import { MethodError } from './errors.js';
import { isObject, type Json, type JsonObject } from './json.js';

/** One method call, or one answer to it (RFC 8620, 3.2). */
export type Invocation = [name: string, args: JsonObject, callId: string];

/** More than any answer has; a reference with several `*` could otherwise ask for the square of it. */
const maxFound = 100_000;

/**
 * The arguments of a call, each `#name` replaced by what it refers to in an earlier answer (RFC 8620,
 * 3.7). Throws MethodError.
 */
export function resolveReferences(args: JsonObject, answers: Invocation[]): JsonObject {
  const entries = Object.entries(args).map(([name, value]): [string, Json] => {
    if (!name.startsWith('#')) return [name, value];
    if (Object.hasOwn(args, name.slice(1))) {
      throw new MethodError('invalidArguments', `${name.slice(1)} is given twice`, {
        arguments: [name.slice(1)],
      });
    }
    return [name.slice(1), find(name, value, answers)];
  });
  return Object.fromEntries(entries);
}

function find(name: string, reference: Json, answers: Invocation[]): Json {
  const no = (why: string) => new MethodError('invalidResultReference', `${name}: ${why}`);
  if (!isObject(reference)) throw no('not a ResultReference');
  const { resultOf, name: method, path } = reference;
  if (![resultOf, method, path].every((each) => typeof each === 'string')) {
    throw no('resultOf, name and path must be text');
  }
  const answer = answers.find(([, , callId]) => callId === resultOf);
  if (!answer) throw no(`no call ${resultOf as string} was answered before`);
  if (answer[0] !== method) throw no(`the answer is ${answer[0]}, not ${method as string}`);
  const budget = { left: maxFound };
  const found = evaluate(answer[1], path as string, budget);
  if (found === undefined) throw no(`nothing is at ${path as string}`);
  return found;
}

/**
 * What a JSON pointer (RFC 6901) finds in a value, where `*` means each item of a list and lists in a
 * list become one (RFC 8620, 3.7). Undefined when there is nothing.
 */
export function evaluate(value: Json, pointer: string, budget = { left: maxFound }): Json {
  if (pointer === '') return value;
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  const tokens = pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return tokens.length > 64 ? undefined : step(value, tokens, budget);
}

function step(value: Json, tokens: string[], budget: { left: number }): Json {
  if (--budget.left < 0) return undefined;
  const [token, ...rest] = tokens;
  if (token === undefined) return value;
  if (Array.isArray(value)) {
    if (token !== '*') {
      return /^(0|[1-9]\d{0,8})$/.test(token)
        ? step(value[Number(token)], rest, budget)
        : undefined;
    }
    const found = value.map((item) => step(item, rest, budget));
    return found.includes(undefined) ? undefined : found.flat();
  }
  if (!isObject(value) || !Object.hasOwn(value, token)) return undefined;
  return step(value[token], rest, budget);
}
