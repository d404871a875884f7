import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
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
export function zipOf(parts: Iterable<readonly [name: string, content: Buffer]>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of parts) {
    const path = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, content]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, place, path]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
