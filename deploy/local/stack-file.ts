import { readFile, rm } from 'node:fs/promises';
import type { MailPorts } from './programs.js';
import { replaceFile } from './replace-file.js';

/** What `npm run demo`, `npm run bench` and whoever looks for a process need to know of a running stack. */
export interface Stack {
  pid: number;
  url: string;
  postgres: string;
  nats: string;
  /** The number of every process that the stack keeps running, as it is now. */
  processes: Record<string, number>;
  /** The authority for development and tests, and the token by which it issues. */
  authority?: { url: string; token: string };
  /** Where mail comes in. */
  mail: MailPorts;
}

/** The file in which a running stack says where everything is, kept right while processes change. */
export class StackFile {
  private writing: Promise<void> = Promise.resolve();
  private ended = false;

  constructor(private readonly file: string) {}

  /** What the stack that runs has written; undefined when none does. */
  static async read(file: string): Promise<Stack | undefined> {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    return text && JSON.parse(text);
  }

  /** Writes what counts now, after what is being written. */
  write(stack: Stack): Promise<void> {
    this.writing = this.writing.then(() =>
      this.ended ? undefined : replaceFile(this.file, JSON.stringify(stack, null, 2)),
    );
    return this.writing;
  }

  async remove() {
    this.ended = true;
    await this.writing;
    await rm(this.file, { force: true });
  }
}
