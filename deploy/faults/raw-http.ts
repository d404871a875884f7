import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A reply as the bytes said it; status 0 when the connection ended without one. */
export interface RawReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * Sends bytes that no HTTP client would, then listens until the server closes.
 * @param parts what is sent; a number is a pause in milliseconds
 */
export async function speak(
  url: string,
  parts: (string | Buffer | number)[],
  { hangUp = false, patienceMs = 20_000 } = {},
): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => resolve()).on('close', () => resolve());
    socket.setTimeout(patienceMs, () => socket.destroy());
  });
  for (const part of parts) {
    if (typeof part === 'number') await wait(part);
    else if (!socket.destroyed) socket.write(part);
  }
  if (hangUp) socket.end();
  await ended;
  return read(Buffer.concat(chunks).toString('latin1'));
}

function read(text: string): RawReply {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') };
}

/** One whole request that asks the server to close afterwards. */
export function request(
  method: string,
  path: string,
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string | Buffer } = {},
): (string | Buffer)[] {
  const lines = Object.entries({
    host: 'localhost',
    connection: 'close',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return [`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, body];
}
