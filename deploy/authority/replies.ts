import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { DerError } from '@eoffice/signing/asn1/der';
import { AlgorithmError } from '@eoffice/signing/x509/algorithms';

export interface Reply {
  status?: number;
  type: string;
  body: Uint8Array | string;
}

const maxBodyBytes = 64 * 1024;

export class TooLarge extends Error {}

const unreadable = [DerError, AlgorithmError, SyntaxError, URIError];

/** Whether it was the request that was wrong. */
export const isUnreadable = (error: unknown): boolean =>
  unreadable.some((kind) => error instanceof kind);

/** The body of a request. Throws `TooLarge`, and reads no further then. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export const json = (status: number, body: object): Reply => ({
  ...{ status, type: 'application/json', body: JSON.stringify(body) },
});

export const problem = (status: number, detail: string): Reply => json(status, { status, detail });

/** Compared by their digests: in constant time, whatever their lengths. */
export function same(given: string | undefined, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(wanted));
}

/** A certificate in PEM (RFC 7468). */
export function pem(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** A PKCS #10 request in DER, which may come as PEM. */
export function requestOf(body: Buffer): Buffer {
  const [, base64] =
    /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\sA-Za-z0-9+/=]+)-----END/.exec(
      body.toString('latin1'),
    ) ?? [];
  return base64 ? Buffer.from(base64, 'base64') : body;
}
