import type { Caller } from './caller.js';
import type { ProblemKind } from './problem.js';

export type Class<T = object> = new (...args: never[]) => T;
export type Route = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

/** One operation of a service: what the outside calls, who may, what goes in and what comes out. */
export interface Operation<In extends object = object, Out extends object = object> {
  summary: string;
  /** Mounted under /v1 by the gateway (pages without it). Absent: only other services may ask. */
  route?: Route;
  /** A permission of the form `<service>.<what>`; `public` needs no token, `signed-in` any token. */
  permission: string;
  input: Class<In>;
  output: Class<Out>;
  errors?: ProblemKind[];
  /** 200 unless said otherwise; creations answer 201. */
  status?: 200 | 201 | 202;
  /** What the reply is made of: JSON, a stored file that is streamed, or an HTML page. */
  replies?: 'json' | 'file' | 'page';
  /**
   * A file that comes in beside nothing else (multipart/form-data): it lies aside while the answer is
   * made, named by the input (`AsideFile`), and is gone with it. Absent: the input is the body.
   */
  takes?: {
    /** In bytes. */
    maxBytes: number;
    /** Files a minute from one address or account. */
    perMinute: number;
  };
  /** How long the caller waits for an answer, in milliseconds. */
  timeoutMs?: number;
}

/** A named group of operations. An operation's NATS subject and OpenAPI id are `<contract>.<operation>`. */
export interface Contract<Ops extends Operations = Operations> {
  /** `<service>.<feature>` */
  name: string;
  operations: Ops;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each operation has its own input and output
export type Operations = Record<string, Operation<any, any>>;

/** Declares a contract; the service serves it, the gateway mounts it, others call it, OpenAPI prints it. */
export function contract<const Ops extends Operations>(
  name: `${string}.${string}`,
  operations: Ops,
): Contract<Ops> {
  return { name, operations };
}

/** The NATS subject and the OpenAPI operation id. */
export function subjectOf(contract: Contract, operation: string): string {
  return `${contract.name}.${operation}`;
}

/** The verb and path of an operation that the gateway mounts. */
export function routeOf({ route, replies }: Operation) {
  const [verb, path] = route!.split(' ') as [string, string];
  return { verb, path: replies === 'page' ? path : `/v1${path}` };
}

/** What a service class must implement to serve a contract. */
export type Handlers<C extends Contract> = {
  [Name in keyof C['operations']]: (
    input: InstanceType<C['operations'][Name]['input']>,
    caller: Caller,
  ) => Promise<InstanceType<C['operations'][Name]['output']>>;
};
