// The part of autocannon 9 that is used here; it ships no types.
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  interface Request {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: string;
    setupRequest?: (request: Request) => Request;
  }
  interface Client {
    setRequests(requests: Request[]): void;
  }
  interface Options {
    url: string;
    connections: number;
    duration: number;
    timeout?: number;
    sampleInt?: number;
    setupClient?: (client: Client) => void;
  }
  /** Emits `response` (client, status, bytes, milliseconds) and `reqError`; resolves at the end. */
  type Run = EventEmitter & PromiseLike<{ errors: number; timeouts: number }>;
  export default function autocannon(options: Options): Run;
}
