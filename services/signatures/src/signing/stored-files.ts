import { Readable } from 'node:stream';
import { NotSignable } from '@eoffice/contracts';
import type { FileStore, Kept } from '@eoffice/platform/files';
import type { Signature } from './signature.js';

/** A document beyond this is signed on paper. */
const maxBytes = 100 * 1024 * 1024;

/** A whole file of the store. Throws NotFound, or NotSignable for one too large. */
export async function wholeFile(files: FileStore, sha256: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of (await files.open(sha256)) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

export const keepWhole = (files: FileStore, content: Buffer): Promise<Kept> =>
  files.put(Readable.from([content]), { maxBytes: 2 * maxBytes });

/** What a signature was prepared on: its source, with what was added before it. */
export async function baseOf(
  files: FileStore,
  { sourceSha256, preparation }: Pick<Signature, 'sourceSha256' | 'preparation'>,
): Promise<Buffer> {
  return Buffer.concat([await wholeFile(files, sourceSha256), preparation]);
}

const tooLarge = () =>
  new NotSignable({ vi: 'Tệp lớn hơn 100 MB', en: 'The file is larger than 100 MB' });
