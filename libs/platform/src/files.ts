import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NotFound, problem } from '@eoffice/contracts/language/problem';

export class FileTooLarge extends problem(413, 'too-large', {
  vi: 'Tệp quá lớn',
  en: 'The file is too large',
}) {}

/** What is known of content once it is kept. */
export interface Kept {
  /** The name of the content: its SHA-256 in hexadecimal. */
  sha256: string;
  /** In bytes. */
  size: number;
}

/** What bounds content on its way into the store. */
export interface PutLimits {
  maxBytes: number;
  /** Looks at the whole content before it is kept; what it throws keeps nothing. */
  inspect?: (open: () => Readable) => Promise<void>;
}

/** Where the content of files is kept, under the hash of what is in them; nothing is ever changed. */
export abstract class FileStore {
  /** Keeps a stream of at most `maxBytes`. Throws FileTooLarge and keeps nothing of a larger one. */
  abstract put(content: Readable, limits: PutLimits): Promise<Kept>;
  /** The content, or the bytes `start` to `end` (both included) of it. Throws NotFound. */
  abstract open(sha256: string, range?: { start: number; end: number }): Promise<Readable>;
  abstract has(sha256: string): Promise<boolean>;
  /** Whether it can be written to now; throws what hinders it. */
  abstract check(): Promise<void>;
}

/** Keeps files in a local folder, or one that several machines mount. */
export class LocalFileStore extends FileStore {
  constructor(private readonly folder: string) {
    super();
  }

  /** Written aside, flushed, then renamed: a crash leaves a whole file or none. */
  async put(content: Readable, { maxBytes, inspect }: PutLimits): Promise<Kept> {
    const aside = join(this.folder, 'incoming', randomUUID());
    await mkdir(dirname(aside), { recursive: true });
    const hash = createHash('sha256');
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _, done) {
        size += chunk.length;
        if (size > maxBytes) return done(new FileTooLarge());
        hash.update(chunk);
        done(null, chunk);
      },
    });
    try {
      await pipeline(content, measure, createWriteStream(aside, { flush: true, mode: 0o640 }));
      await inspect?.(() => createReadStream(aside));
      const sha256 = hash.digest('hex');
      const place = this.placeOf(sha256);
      await mkdir(dirname(place), { recursive: true });
      await rename(aside, place);
      return { sha256, size };
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  }

  async open(sha256: string, range?: { start: number; end: number }): Promise<Readable> {
    if (!(await this.has(sha256))) {
      throw new NotFound({ vi: 'Không còn tệp này trong kho', en: 'The file is not in the store' });
    }
    return createReadStream(this.placeOf(sha256), range);
  }

  async has(sha256: string): Promise<boolean> {
    return stat(this.placeOf(sha256)).then(
      (found) => found.isFile(),
      () => false,
    );
  }

  async check() {
    const aside = join(this.folder, 'incoming', `check-${randomUUID()}`);
    await mkdir(dirname(aside), { recursive: true });
    await pipeline(Readable.from(['ok']), createWriteStream(aside));
    await rm(aside);
  }

  private placeOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new NotFound();
    return join(this.folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }
}
