import { isUtf8 } from 'node:buffer';
import type { Limits } from './capabilities.js';
import { RequestError } from './errors.js';
import { isObject, isWellFormed, type Json } from './json.js';
import type { Invocation } from './references.js';
import { isId } from './shapes.js';

/** A request that has the form of one (RFC 8620, 3.3). */
export interface Request {
  using: string[];
  methodCalls: Invocation[];
  createdIds?: Map<string, string>;
}

/**
 * Reads the body of a request. Throws RequestError: notJSON, notRequest, limit, or unknownCapability
 * for one that is not among `capabilities`.
 */
export function parseRequest(
  body: Buffer,
  capabilities: ReadonlySet<string>,
  limits: Pick<Limits, 'maxSizeRequest' | 'maxCallsInRequest'>,
): Request {
  if (body.length > limits.maxSizeRequest) throw overLimit('maxSizeRequest');
  const value = parseJson(body);
  if (!isObject(value)) throw notRequest('A request is an object');
  const { using, methodCalls, createdIds } = value;
  if (!isTexts(using)) throw notRequest('using must be a list of texts');
  if (!Array.isArray(methodCalls)) throw notRequest('methodCalls must be a list');
  if (methodCalls.length > limits.maxCallsInRequest) throw overLimit('maxCallsInRequest');
  if (!methodCalls.every(isInvocation)) {
    throw notRequest('A method call is a list of a name, an object of arguments, and a call id');
  }
  const unknown = using.find((each) => !capabilities.has(each));
  if (unknown !== undefined) {
    throw new RequestError('unknownCapability', `The capability ${unknown} is not supported`);
  }
  return { using, methodCalls, createdIds: createdIdsOf(createdIds) };
}

function parseJson(body: Buffer): Json {
  if (!isUtf8(body)) throw new RequestError('notJSON', 'The request is not encoded in UTF-8');
  try {
    const value = JSON.parse(body.toString()) as Json;
    if (isWellFormed(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new RequestError('notJSON', 'The request is not I-JSON');
}

const isTexts = (value: Json): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

function isInvocation(value: unknown): value is Invocation {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [name, args, callId] = value as unknown[];
  return typeof name === 'string' && isObject(args) && typeof callId === 'string';
}

function createdIdsOf(value: Json): Map<string, string> | undefined {
  if (value === undefined) return undefined;
  const right = isObject(value) && Object.entries(value).every((entry) => entry.every(isId));
  if (!right) throw notRequest('createdIds must be an object of ids');
  return new Map(Object.entries(value as { [creationId: string]: string }));
}

const notRequest = (why: string) => new RequestError('notRequest', why);

/** The error of a request that asks too much. */
export function overLimit(limit: keyof Limits): RequestError {
  return new RequestError('limit', `The request exceeds ${limit}`, limit);
}
