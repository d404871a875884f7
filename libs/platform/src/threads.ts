import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { OnApplicationShutdown } from '@nestjs/common';

/** Ended because it cost more than honest input does. */
export class TooCostly extends Error {
  override name = 'TooCostly';
}

/** What reading what strangers sent threw, as the thread told it: `PdfError`, `XmlError`, … */
export class Fault extends Error {
  constructor(
    override readonly name: string,
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** What one task may cost. */
export interface Allowance {
  /** Processor time: a busy machine is nobody's fault. */
  cpuMs: number;
  /** Time on the clock, for what waits inside a single long call. */
  wallMs: number;
}

const megabyte = 1024 * 1024;
const watchMs = 25;
const maxMemory = 256 * megabyte;
const atOnce = 2;

interface Answer {
  value?: unknown;
  error?: { name: string; code?: string; message: string };
}

/**
 * Threads of one script that read what strangers sent, so that the event loop never waits for it. One
 * that costs too much is ended, and another begun. The script answers each `{ act, input }` with
 * `{ value }` or `{ error }`, and says something once it is ready.
 */
export class Threads implements OnApplicationShutdown {
  private readonly idle: { worker: Worker; tasks: number }[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly all = new Set<Worker>();
  private running = 0;

  constructor(
    private readonly script: URL,
    /** A thread that has worked a while is replaced, so that what it gathered goes with it. */
    private readonly tasksPerThread = 500,
  ) {}

  /** Has a thread do one thing. Throws TooCostly, or Fault for what cannot be read. */
  async run<T>(
    act: string,
    input: object,
    allowance: Allowance,
    transfer: ArrayBuffer[] = [],
  ): Promise<T> {
    if (this.running === atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      const answer = await this.perform({ act, input }, allowance, transfer);
      if (!answer.error) return answer.value as T;
      const { name, code, message } = answer.error;
      throw new Fault(name, code, message);
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  private async perform(message: object, allowance: Allowance, transfer: ArrayBuffer[]) {
    const thread = this.idle.pop() ?? { worker: await this.begin(), tasks: 0 };
    let whole = false;
    try {
      const answer = await ask(thread.worker, message, allowance, transfer);
      whole = ++thread.tasks < this.tasksPerThread && this.all.has(thread.worker);
      return answer;
    } finally {
      if (whole) this.idle.push(thread);
      else void thread.worker.terminate();
    }
  }

  async onApplicationShutdown() {
    await Promise.all([...this.all].map((worker) => worker.terminate()));
  }

  /** Without our environment, in which secrets are. What it reads at its start is not counted. */
  private async begin(): Promise<Worker> {
    const worker = new Worker(this.script, {
      resourceLimits: { maxOldGenerationSizeMb: 224, maxYoungGenerationSizeMb: 32 },
      env: {},
    });
    worker.unref();
    this.all.add(worker);
    worker.once('exit', () => this.forget(worker));
    await once(worker, 'message');
    return worker;
  }

  private forget(worker: Worker) {
    this.all.delete(worker);
    const place = this.idle.findIndex((thread) => thread.worker === worker);
    if (place >= 0) this.idle.splice(place, 1);
  }
}

function ask(
  worker: Worker,
  message: object,
  { cpuMs, wallMs }: Allowance,
  transfer: ArrayBuffer[],
): Promise<Answer> {
  const started = performance.now();
  return new Promise<Answer>((resolve, reject) => {
    const costly = (what: string) => end(() => reject(new TooCostly(what)));
    let spentBefore: number | undefined;
    const watch = setInterval(() => {
      if (performance.now() - started > wallMs) return costly('time');
      void Promise.all([worker.cpuUsage(), worker.getHeapStatistics()]).then(
        ([{ user, system }, { total_heap_size: heap, external_memory: outside }]) => {
          const spent = (user + system) / 1000;
          spentBefore ??= spent;
          if (spent - spentBefore > cpuMs) costly('time');
          else if (heap + outside > maxMemory) costly('memory');
        },
        () => {},
      );
    }, watchMs);
    const listeners = {
      message: (answer: Answer) => end(() => resolve(answer)),
      error: () => costly('memory'),
      exit: () => costly('memory'),
    };
    const end = (done: () => void) => {
      clearInterval(watch);
      for (const [name, listener] of Object.entries(listeners)) worker.off(name, listener);
      done();
    };
    for (const [name, listener] of Object.entries(listeners)) worker.on(name, listener);
    worker.postMessage(message, transfer);
  });
}
