import type { Caller } from '@eoffice/contracts/language/caller';
import { type Contract, type Operation, subjectOf } from '@eoffice/contracts/language/contract';
import { planOf } from '@eoffice/contracts/language/fields';
import {
  Forbidden,
  Invalid,
  Problem,
  Unauthenticated,
  Unavailable,
  Unexpected,
} from '@eoffice/contracts/language/problem';
import { type PageInput, wrongCursor } from '@eoffice/contracts/language/page';
import { parse, project } from '@eoffice/contracts/language/reading';
import { errors, headers as natsHeaders, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import { Callers } from './callers.js';
import { Database, isAway, isDataException } from './database.js';
import { AnswerGiven, givenAnswer, oweAnswer } from './given-answers.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { factsOf } from './services.js';

type Method = (input: object, caller: Caller) => Promise<object>;

/** Receives each request of a service: permission, then validation, then the method, then the reply. */
export class Requests {
  constructor(
    private readonly callers: Callers,
    private readonly database: Database,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  /** Answers one message with the operation's output or a Problem, and writes one line about it. */
  async answer(contract: Contract, name: string, method: Method, message: Msg): Promise<void> {
    const started = performance.now();
    const operation = contract.operations[name]!;
    const id = subjectOf(contract, name);
    const facts = factsOf(message.headers);
    const replyHeaders = natsHeaders();
    let status: number = operation.status ?? 200;
    let account: string | undefined;
    try {
      const caller = await this.callers.callerOf(facts);
      account = caller.accountId || undefined;
      admit(operation, caller);
      const output = await this.perform(operation, id, method, message, caller);
      const version = (output as { version?: unknown }).version;
      if (typeof version === 'number') replyHeaders.set('etag', String(version));
      this.send(message, JSON.stringify(output), replyHeaders, status);
    } catch (error) {
      const problem = this.problemOf(error, id, facts.id);
      status = problem.status;
      const failure = natsHeaders();
      failure.set('problem', '1');
      this.send(message, JSON.stringify(problem), failure, status);
    }
    const seconds = (performance.now() - started) / 1000;
    this.metrics.requests.observe({ operation: id, status }, seconds);
    this.log.info(
      { operation: id, status, ms: Math.round(seconds * 1000), account, request: facts.id },
      'answered',
    );
  }

  /** Throws Invalid for more than NATS carries: nobody may bring a service down by asking for it. */
  private send(message: Msg, body: string, replyHeaders: MsgHdrs, status: number) {
    replyHeaders.set('status', String(status));
    try {
      message.respond(body, { headers: replyHeaders });
    } catch (error) {
      if (error instanceof errors.InvalidArgumentError) throw tooMuch();
      this.log.warn({ err: error, status }, 'a reply could not be sent');
    }
  }

  private async perform(
    operation: Operation,
    id: string,
    method: Method,
    message: Msg,
    caller: Caller,
  ) {
    const input = readInput(operation, message);
    if (!repeatable(operation, caller))
      return project(operation.output, await work(method, input, caller));

    const beside = message.headers?.get('path') ?? '';
    oweAnswer(caller, id, operation.output, [beside, message.data]);
    const given = await givenAnswer(this.database, caller);
    if (given) return given;
    try {
      return project(operation.output, await work(method, input, caller));
    } catch (error) {
      // Whoever lost the race may also have met what the winner has just done: a number taken, a
      // book there already. The answer of the winner is theirs too.
      const answer = await givenAnswer(this.database, caller);
      if (answer) return answer;
      throw error instanceof AnswerGiven ? new Unavailable() : error;
    }
  }

  private problemOf(error: unknown, operation: string, request: string): Problem {
    if (error instanceof Problem) {
      if (error.status >= 500)
        this.log.warn({ operation, request, err: error.cause ?? error }, error.type);
      return error;
    }
    if (isAway(error))
      return new Problem('unavailable', 503, {
        vi: 'Cơ sở dữ liệu tạm thời không phục vụ được, xin thử lại',
        en: 'The database is not available now, try again',
      });
    this.log.error({ operation, request, err: error }, 'unexpected');
    return new Unexpected();
  }
}

/** Fields are checked before; a cursor only shows in the query whether its parts are what they were. */
async function work(method: Method, input: object, caller: Caller): Promise<object> {
  try {
    return await method(input, caller);
  } catch (error) {
    if ((input as PageInput).after && isDataException(error)) throw wrongCursor();
    throw error;
  }
}

/** An answer is remembered for somebody, and only if it holds no secret: it lies in the database. */
function repeatable({ output }: Operation, { accountId, request }: Caller): boolean {
  if (!accountId || !request.idempotencyKey) return false;
  return ![...planOf(output).values()].some(({ secret }) => secret);
}

/** 401 and 403 come before 400: a stranger learns nothing about what an input should look like. */
function admit({ permission }: Operation, caller: Caller) {
  if (permission === 'public') return;
  if (!caller.accountId) throw new Unauthenticated();
  if (permission !== 'signed-in' && !caller.may(permission)) throw new Forbidden();
}

function readInput({ input, route }: Operation, message: Msg): object {
  const textual = route !== undefined && /^(GET|DELETE) /.test(route);
  try {
    const sent = message.data.length > 0 ? message.json<unknown>() : {};
    const path = message.headers?.get('path');
    return parse(input, path && isObject(sent) ? { ...sent, ...JSON.parse(path) } : sent, {
      textual,
    });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Invalid([
      { pointer: '', detail: { vi: 'JSON không hợp lệ', en: 'is not valid JSON' } },
    ]);
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const tooMuch = () =>
  new Invalid([
    {
      pointer: '/limit',
      detail: {
        vi: 'câu trả lời quá lớn, hãy hỏi ít hơn mỗi lần',
        en: 'makes the answer too large; ask for less at once',
      },
    },
  ]);
