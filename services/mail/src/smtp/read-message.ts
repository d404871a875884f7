import { createHash } from 'node:crypto';
import type { SMTPServerDataStream } from 'smtp-server';
import type { Room } from './limits.js';
import { Reply } from './reply.js';
import { type Fault, LineCheck } from './turn-guard.js';

/** A message as it was sent, its SHA-256 in hexadecimal, and what is wrong with its lines. */
export interface Sent {
  octets: Buffer;
  sha256: string;
  fault?: Fault;
}

export interface ReadLimits {
  maxOctets: number;
  /** From the first octet to the last. */
  withinMs: number;
  room: Room;
}

/**
 * Reads a message whole. What is too large or finds no room is still read to its end, and forgotten
 * as it comes. `room` is held until `release` is called. Throws Reply.
 */
export async function readMessage(
  stream: SMTPServerDataStream,
  { maxOctets, withinMs, room }: ReadLimits,
): Promise<{ sent: Sent; release: () => void }> {
  const chunks: Buffer[] = [];
  const hash = createHash('sha256');
  const lines = new LineCheck();
  let [held, length, lost] = [0, 0, undefined as Reply | undefined];
  const release = () => {
    room.giveBack(held);
    held = 0;
  };
  const late = setTimeout(() => stream.destroy(tooSlow()), withinMs).unref();
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      lost ??= length > maxOctets ? tooLarge() : room.take(chunk.length) ? undefined : noRoom();
      if (lost) {
        chunks.length = 0;
        release();
        continue;
      }
      held += chunk.length;
      hash.update(chunk);
      lines.see(chunk);
      chunks.push(chunk);
    }
    if (lost) throw lost;
  } catch (error) {
    release();
    throw error;
  } finally {
    clearTimeout(late);
  }
  const octets = Buffer.concat(chunks, length);
  return { sent: { octets, sha256: hash.digest('hex'), fault: lines.fault }, release };
}

const tooLarge = () => new Reply(552, '5.3.4', 'Thư quá lớn', 'The message is too large');
const noRoom = () =>
  new Reply(452, '4.3.1', 'Hết chỗ tạm thời, hãy gửi lại sau', 'No room at the moment, try again');
const tooSlow = () => new Reply(421, '4.4.2', 'Gửi quá lâu', 'The message took too long');
