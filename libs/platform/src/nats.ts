import { connect, type NatsConnection } from '@nats-io/transport-node';

/** Connects to NATS and stays connected: a restart of the server is waited for, never given up on. */
export async function connectNats(url: string, service: string): Promise<NatsConnection> {
  const { username, password, host } = new URL(url);
  const nats = await connect({
    servers: host,
    user: username ? decodeURIComponent(username) : undefined,
    pass: password ? decodeURIComponent(password) : undefined,
    name: service,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    waitOnFirstConnect: true,
    maxPingOut: 3,
    pingInterval: 10_000,
    inboxPrefix: `_INBOX.${service}`,
    // A stack trace made for each request, in case it fails, would say where all requests are sent.
    noAsyncTraces: true,
  });
  lineOf(nats);
  return nats;
}

/** The connection is away, or went while a reply was waited for: it will not come any more. */
export class ConnectionLost extends Error {}

interface Line {
  up: boolean;
  /** Told when the connection is lost. */
  listeners: Set<() => void>;
}

const lines = new WeakMap<NatsConnection, Line>();

function lineOf(nats: NatsConnection): Line {
  let line = lines.get(nats);
  if (!line) {
    lines.set(nats, (line = { up: true, listeners: new Set() }));
    void watch(nats, line);
  }
  return line;
}

async function watch(nats: NatsConnection, line: Line) {
  for await (const { type } of nats.status()) {
    if (type === 'reconnect') line.up = true;
    if (type !== 'disconnect') continue;
    line.up = false;
    for (const listener of [...line.listeners]) listener();
  }
}

/** Whether the server is there now. */
export function isConnected(nats: NatsConnection): boolean {
  return lineOf(nats).up;
}

/** Calls `listener` each time the connection is lost. Returns how to stop that. */
export function onConnectionLost(nats: NatsConnection, listener: () => void): () => void {
  const { listeners } = lineOf(nats);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * Asks for a reply, and fails with ConnectionLost as soon as none can come: the client itself would
 * wait for the whole timeout, or keep the request for a server that may be back much later.
 */
export function whileConnected<T>(nats: NatsConnection, ask: () => Promise<T>): Promise<T> {
  if (!isConnected(nats)) return Promise.reject(new ConnectionLost('NATS is away'));
  return new Promise((resolve, reject) => {
    const forget = onConnectionLost(nats, () => reject(new ConnectionLost('NATS went away')));
    void ask().then(resolve, reject).finally(forget);
  });
}
