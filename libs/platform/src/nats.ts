import { connect, type NatsConnection } from '@nats-io/transport-node';

/** Connects to NATS and stays connected: a restart of the server is waited for, never given up on. */
export function connectNats(url: string, service: string): Promise<NatsConnection> {
  const { username, password, host } = new URL(url);
  return connect({
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
  });
}
