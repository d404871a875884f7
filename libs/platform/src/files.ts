import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open as openFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
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

/** Content that lies aside until it is kept or discarded. */
export interface Staged extends Kept {
  /** By what `openAside` finds it until then. */
  aside: string;
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** What bounds content on its way into the store. */
export interface PutLimits {
  maxBytes: number;
  /** Looks at the whole content before it is kept; what it throws keeps nothing. */
  inspect?: (open: () => Readable) => Promise<void>;
}

/** Where the content of files is kept, under the hash of what is in them; nothing is ever changed. */
export abstract class FileStore {
  /** Takes in a stream of at most `maxBytes`. Throws FileTooLarge and has nothing of a larger one. */
  abstract stage(content: Readable, limits: PutLimits): Promise<Staged>;
  /** The content, or the bytes `start` to `end` (both included) of it. Throws NotFound. */
  abstract open(sha256: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Content that lies aside, by its name there. Throws NotFound. */
  abstract openAside(aside: string): Promise<Readable>;
  abstract has(sha256: string): Promise<boolean>;
  /** Whether it can be written to now; throws what hinders it. */
  abstract check(): Promise<void>;
  /** Discards what has lain aside for so long that whoever staged it must have died. */
  abstract sweep(olderThanMs?: number): Promise<void>;

  /** Keeps a stream of at most `maxBytes`. Throws FileTooLarge and keeps nothing of a larger one. */
  async put(content: Readable, limits: PutLimits): Promise<Kept> {
    const { sha256, size, keep } = await this.stage(content, limits);
    await keep();
    return { sha256, size };
  }
}

const dayMs = 24 * 3_600_000;

/** A renamed file outlives a power cut only once its folder is on the disk. */
async function flush(folder: string) {
  const handle = await openFile(folder);
  await handle.sync().finally(() => handle.close());
}

function tooLarge(maxBytes: number): FileTooLarge {
  const limit = `${Math.ceil(maxBytes / 1024 / 1024)} MiB`;
  return new FileTooLarge({
    vi: `Mỗi tệp tối đa ${limit}`,
    en: `The file is too large: ${limit} at most`,
  });
}

/** Keeps files in a local folder, or one that several machines mount. */
export class LocalFileStore extends FileStore {
  private readonly folder: string;
  private readonly incoming: string;

  constructor(folder: string) {
    super();
    this.folder = resolve(folder);
    this.incoming = join(this.folder, 'incoming');
  }

  /** Written aside, flushed, then renamed: a crash leaves a whole file or none. */
  async stage(content: Readable, { maxBytes, inspect }: PutLimits): Promise<Staged> {
    const name = randomUUID();
    const aside = join(this.incoming, name);
    const discard = () => rm(aside, { force: true });
    await mkdir(this.incoming, { recursive: true });
    const hash = createHash('sha256');
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _, done) {
        size += chunk.length;
        if (size > maxBytes) return done(tooLarge(maxBytes));
        hash.update(chunk);
        done(null, chunk);
      },
    });
    try {
      await pipeline(content, measure, createWriteStream(aside, { flush: true, mode: 0o640 }));
      await inspect?.(() => createReadStream(aside));
      const sha256 = hash.digest('hex');
      return { sha256, size, aside: name, discard, keep: () => this.keep(aside, sha256) };
    } catch (error) {
      await discard();
      throw error;
    }
  }

  private async keep(aside: string, sha256: string) {
    const place = this.placeOf(sha256);
    await mkdir(dirname(place), { recursive: true });
    await rename(aside, place);
    for (let folder = dirname(place); ; folder = dirname(folder)) {
      await flush(folder);
      if (folder === this.folder) return;
    }
  }

  async sweep(olderThanMs = dayMs) {
    const names = await readdir(this.incoming).catch(() => []);
    for (const path of names.map((name) => join(this.incoming, name))) {
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
      if (mtimeMs < Date.now() - olderThanMs) await rm(path, { force: true });
    }
  }

  async open(sha256: string, range?: { start: number; end: number }): Promise<Readable> {
    if (!(await this.has(sha256))) {
      throw new NotFound({ vi: 'Không còn tệp này trong kho', en: 'The file is not in the store' });
    }
    return createReadStream(this.placeOf(sha256), range);
  }

  async openAside(aside: string): Promise<Readable> {
    if (!/^[0-9a-f-]{36}$/.test(aside)) throw new NotFound();
    const handle = await openFile(join(this.incoming, aside)).catch(() => undefined);
    if (!handle) throw new NotFound();
    return handle.createReadStream();
  }

  async has(sha256: string): Promise<boolean> {
    return stat(this.placeOf(sha256)).then(
      (found) => found.isFile(),
      () => false,
    );
  }

  async check() {
    const aside = join(this.incoming, `check-${randomUUID()}`);
    await mkdir(this.incoming, { recursive: true });
    await pipeline(Readable.from(['ok']), createWriteStream(aside));
    await rm(aside);
  }

  private placeOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new NotFound();
    return join(this.folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }
}
