import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import type { StoredFile } from '@eoffice/contracts';
import { FileStore } from '@eoffice/platform/files';
import { nfc } from '@eoffice/platform/text';

const maxCharacters = 500_000;
const bytesPerCharacter = 4;
const maxBytes = 50 * 1024 * 1024;
const atOnce = 2;
const script = fileURLToPath(new URL('./extract.mjs', import.meta.url));
/** Without our environment, in which secrets are, and without the right to write or start anything. */
const confined = [
  '--max-old-space-size=256',
  '--permission',
  '--allow-fs-read=*',
  '--allow-worker',
];

/** Takes the text out of files, to be searched and screened; a file that resists has none. */
@Injectable()
export class Extraction {
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(private readonly files: FileStore) {}

  /** The text of a PDF, DOCX or text file; empty for others, and for what cannot be read in time. */
  async textOf({ sha256, mediaType, size }: StoredFile): Promise<string> {
    if (mediaType.startsWith('text/')) return this.beginningOf(sha256);
    const document =
      mediaType === 'application/pdf' || mediaType.endsWith('wordprocessingml.document');
    if (!document || size > maxBytes) return '';
    const path = join(tmpdir(), `eoffice-text-${randomUUID()}`);
    try {
      await pipeline(await this.files.open(sha256), createWriteStream(path));
      return nfc(await this.inTurn(() => extract(path, mediaType)));
    } finally {
      await rm(path, { force: true });
    }
  }

  private async beginningOf(sha256: string): Promise<string> {
    const end = maxCharacters * bytesPerCharacter - 1;
    const content = await buffer(await this.files.open(sha256, { start: 0, end }));
    return nfc(content.toString('utf8').slice(0, maxCharacters));
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running === atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}

/** What `extract.mjs` printed before it ended, whichever way it did. */
function extract(path: string, mediaType: string): Promise<string> {
  const parameters = [...confined, script, path, mediaType, String(maxCharacters)];
  const limits = { maxBuffer: maxCharacters * bytesPerCharacter, env: {} };
  return new Promise((resolve) =>
    execFile(process.execPath, parameters, limits, (error, text) => resolve(error ? '' : text)),
  );
}
