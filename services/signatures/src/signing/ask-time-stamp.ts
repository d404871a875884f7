import { randomBytes } from 'node:crypto';
import type { TimeStamper } from '@eoffice/contracts';
import { timeStampRequest, tokenOf } from '@eoffice/signing/cms/time-stamp';
import { verifyTimeStamp } from '@eoffice/signing/cms/verify-time-stamp';
import { digestBytes, type DigestName } from '@eoffice/signing/x509/algorithms';
import { bytesOf, type Roots } from './trusted-certificate.js';

/** What is stamped: octets, or the digest of what is too long to be handed on. */
export type Stamped = Buffer | { digest: 'sha256' | 'sha384' | 'sha512'; hash: Buffer };

/** A token that holds, and the time it proves. */
export interface Stamp {
  token: Buffer;
  time: Date;
}

const maxReplyBytes = 64 * 1024;
const nothing = Buffer.alloc(0);
/** Clocks may differ by so much. */
const maxSkewMs = 5 * 60_000;

/**
 * Asks one authority for a time stamp (RFC 3161) and believes it only as far as its
 * token verifies to a trusted root. Throws for silence, refusals and whatever does not hold.
 */
export async function ask(
  { url, timeoutSeconds }: TimeStamper,
  stamped: Stamped,
  roots: Roots,
): Promise<Stamp> {
  const nonce = randomBytes(16);
  const imprint = Buffer.isBuffer(stamped)
    ? { digest: 'sha256' as const, hash: digestBytes('sha256', stamped) }
    : stamped;
  const reply = await fetch(url, {
    ...{ method: 'POST', redirect: 'error' },
    body: new Uint8Array(timeStampRequest({ imprint, nonce })),
    headers: { 'content-type': 'application/timestamp-query' },
    signal: AbortSignal.timeout(timeoutSeconds * 1_000),
  });
  if (!reply.ok) throw new Error(`it answers ${reply.status}`);
  const token = tokenOf(await bytesOf(reply, maxReplyBytes));
  const now = new Date();
  const asked = (digest: DigestName) => (digest === imprint.digest ? imprint.hash : nothing);
  const question = { ...roots, stamped: asked, nonce, requirements: { time: now } };
  const { failures, info } = verifyTimeStamp(token, question);
  if (failures.length > 0) throw new Error(failures.map(({ code }) => code).join(', '));
  const { time } = info!;
  if (Math.abs(+time - +now) > maxSkewMs) throw new Error(`it says ${time.toISOString()}`);
  return { token, time };
}
