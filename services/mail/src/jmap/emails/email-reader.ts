import { Injectable } from '@nestjs/common';
import type { JsonObject } from '@eoffice/jmap/json';
import { type Allowance, Fault, Threads, TooCostly } from '@eoffice/platform/threads';

/** What is asked of a message. */
export interface ViewWish {
  properties: string[];
  bodyProperties: string[];
  fetchTextBodyValues: boolean;
  fetchHTMLBodyValues: boolean;
  fetchAllBodyValues: boolean;
  /** Octets of UTF-8; 0 is all of it. */
  maxBodyValueBytes: number;
  /** Whether octets without a single header field are no message. */
  strictly?: boolean;
}

const tasksPerThread = 5_000;
const megabyte = 1 << 20;

/** An honest message of so many octets takes a fraction of this. */
function allowanceFor({ length }: Buffer): Allowance {
  const cpuMs = 2_000 + (length / megabyte) * 150;
  return { cpuMs, wallMs: cpuMs * 6 };
}

/** Reads messages as JMAP shows them, in threads of their own. */
@Injectable()
export class EmailReader extends Threads {
  constructor() {
    super(new URL('./read-email.mjs', import.meta.url), tasksPerThread);
  }

  /** The properties asked for; undefined of what resists or, read strictly, is no message. */
  async view(octets: Buffer, blobId: string, wish: ViewWish): Promise<JsonObject | undefined> {
    return (
      (await this.ifReadable<JsonObject | null>('view', octets, { blobId, wish })) ?? undefined
    );
  }

  /** The decoded content of a part; undefined when there is none of that id. */
  async contentOf(octets: Buffer, partId: string): Promise<Buffer | undefined> {
    const content = await this.ifReadable<Uint8Array | null>('content', octets, { partId });
    return content ? Buffer.from(content.buffer, content.byteOffset, content.length) : undefined;
  }

  private async ifReadable<T>(act: string, octets: Buffer, more: object): Promise<T | undefined> {
    try {
      return await this.run<T>(act, { octets, ...more }, allowanceFor(octets));
    } catch (error) {
      if (error instanceof TooCostly || error instanceof Fault) return undefined;
      throw error;
    }
  }
}
