import { buffer } from 'node:stream/consumers';
import { zipSync } from 'fflate';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';

/** How much a zip may hold once it is unpacked. */
export interface UnzipLimits {
  maxEntries: number;
  maxBytes: number;
}

/** The zip is broken, or holds more than it may. */
export class UnzipError extends Error {}

/**
 * Unpacks a zip, counting as it goes: what the zip says of its sizes is checked first, and believed
 * no longer than it is true. Throws UnzipError.
 */
export async function unzip(content: Buffer, limits: UnzipLimits): Promise<Map<string, Buffer>> {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(content, { lazyEntries: true, validateEntrySizes: true }, (error, opened) =>
      error ? reject(new UnzipError(error.message)) : resolve(opened),
    ),
  );
  const entries = await entriesOf(zip, limits);
  const parts = new Map<string, Buffer>();
  for (const entry of entries) {
    if (entry.fileName.endsWith('/')) continue;
    parts.set(entry.fileName, await contentOf(zip, entry));
  }
  return parts;
}

function entriesOf(zip: ZipFile, { maxEntries, maxBytes }: UnzipLimits): Promise<Entry[]> {
  const entries: Entry[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      size += entry.uncompressedSize;
      entries.push(entry);
      if (entries.length > maxEntries || size > maxBytes) return reject(new UnzipError('too much'));
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: Error) => reject(new UnzipError(error.message)));
    zip.readEntry();
  });
}

/** The content of an entry; yauzl ends a stream that gives more, or less, than the entry says. */
async function contentOf(zip: ZipFile, entry: Entry): Promise<Buffer> {
  try {
    const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
      zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened))),
    );
    return await buffer(stream);
  } catch (error) {
    throw new UnzipError((error as Error).message);
  }
}

/** Packs parts into a zip without compressing them. */
export function zipOf(parts: Iterable<readonly [name: string, content: Uint8Array]>): Buffer {
  return Buffer.from(zipSync(Object.fromEntries(parts), { level: 0 }));
}
