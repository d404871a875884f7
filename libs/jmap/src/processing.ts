import { MethodError } from './errors.js';
import type { JsonObject } from './json.js';
import { type Invocation, resolveReferences } from './references.js';
import type { Request } from './requests.js';

/** What a method is given beside its arguments. */
export interface Call<Context> {
  /** What the server knows of the request: who asks. */
  context: Context;
  /** Ids of what was created in this request, by creation id (RFC 8620, 3.3). */
  createdIds: Map<string, string>;
  /** Calls another method, whose answer comes after this one's (RFC 8620, 5.4; RFC 8621, 7.5). */
  also(name: string, args: JsonObject): void;
}

export interface Method<Context> {
  /** The capability that a request must name to use it. */
  capability: string;
  run(args: JsonObject, call: Call<Context>): Promise<JsonObject>;
}

export type Methods<Context> = Record<string, Method<Context>>;

/** The answer to a request (RFC 8620, 3.4). */
export interface Response {
  methodResponses: Invocation[];
  createdIds?: { [creationId: string]: string };
  sessionState: string;
}

/** Core/echo (RFC 8620, 4). */
export const echo: Method<unknown> = {
  capability: 'urn:ietf:params:jmap:core',
  run: async (args) => args,
};

/**
 * Does the calls of a request one after another. What a method throws that is no MethodError is a
 * bug: it is reported, and answered `serverFail`.
 */
export async function process<Context>(
  request: Request,
  methods: Methods<Context>,
  context: Context,
  report: (error: unknown, method: string) => void,
): Promise<Omit<Response, 'sessionState'>> {
  const answers: Invocation[] = [];
  const createdIds = new Map(request.createdIds);
  const able = (name: string) =>
    Object.hasOwn(methods, name) && request.using.includes(methods[name]!.capability)
      ? methods[name]!
      : undefined;

  const run = async (method: Method<Context>, [name, args, callId]: Invocation) => {
    const after: [string, JsonObject][] = [];
    const also = (next: string, nextArgs: JsonObject) => void after.push([next, nextArgs]);
    try {
      const resolved = resolveReferences(args, answers);
      answers.push([name, await method.run(resolved, { context, createdIds, also }), callId]);
    } catch (error) {
      if (!(error instanceof MethodError)) report(error, name);
      answers.push(['error', answerOf(error), callId]);
    }
    // What a method does besides was allowed with it, whatever the request names.
    for (const [next, nextArgs] of after) await run(methods[next]!, [next, nextArgs, callId]);
  };

  for (const invocation of request.methodCalls) {
    const [name, , callId] = invocation;
    const method = able(name);
    if (method) await run(method, invocation);
    else answers.push(['error', { type: 'unknownMethod' }, callId]);
  }
  return {
    methodResponses: answers,
    ...(request.createdIds && { createdIds: Object.fromEntries(createdIds) }),
  };
}

const answerOf = (error: unknown) =>
  error instanceof MethodError ? error.answer() : new MethodError('serverFail').answer();
