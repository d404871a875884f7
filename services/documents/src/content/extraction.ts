import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { Injectable } from '@nestjs/common';
import type { StoredFile } from '@eoffice/contracts';
import { FileStore } from '@eoffice/platform/files';

const maxCharacters = 500_000;
const maxBytes = 50 * 1024 * 1024;
const timeoutMs = 20_000;
const resourceLimits = { maxOldGenerationSizeMb: 512 };

/** Takes the text out of files, to be searched and screened; a file that resists has none. */
@Injectable()
export class Extraction {
  constructor(private readonly files: FileStore) {}

  /** The text of a PDF, DOCX or text file; empty for others, and for what cannot be read in time. */
  async textOf({ sha256, mediaType, size }: StoredFile): Promise<string> {
    const readable =
      mediaType === 'application/pdf' ||
      mediaType.endsWith('wordprocessingml.document') ||
      mediaType.startsWith('text/');
    if (!readable || size > maxBytes) return '';
    const path = join(tmpdir(), `eoffice-text-${randomUUID()}`);
    try {
      await pipeline(await this.files.open(sha256), createWriteStream(path));
      return await this.run(path, mediaType);
    } finally {
      await rm(path, { force: true });
    }
  }

  private run(path: string, mediaType: string): Promise<string> {
    return new Promise((resolve) => {
      const worker = new Worker(new URL('./extract.mjs', import.meta.url), {
        workerData: { path, mediaType, maxCharacters },
        resourceLimits,
        stdout: true,
        stderr: true,
      });
      const timer = setTimeout(() => void worker.terminate(), timeoutMs);
      let text = '';
      worker.on('message', (found: string) => (text = found));
      worker.on('error', () => {});
      worker.on('exit', () => {
        clearTimeout(timer);
        resolve(text);
      });
    });
  }
}
