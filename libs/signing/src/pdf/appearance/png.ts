import { crc32, inflateSync } from 'node:zlib';
import { PdfError } from '../pdf-error.js';
import { fromPngRows } from '../reader/filters.js';

/** A picture as PDF wants it: 8 bits a component, transparency apart. */
export interface Picture {
  width: number;
  height: number;
  components: 1 | 3;
  /** Row by row, from the top. */
  samples: Uint8Array;
  /** One byte a pixel, 0 transparent; undefined when everything is opaque. */
  alpha: Uint8Array | undefined;
}

interface Header {
  width: number;
  height: number;
  depth: number;
  colour: number;
  interlaced: boolean;
}

const signature = '89504e470d0a1a0a';
const maxPixels = 16_000_000;
/** Channels of each colour type (PNG specification, 11.2.2). */
const channels: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Decodes a PNG of any kind, of at most 16 million pixels. Throws `wrong-image`. */
export function readPng(bytes: Uint8Array): Picture {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.subarray(0, 8).toString('hex') !== signature) throw wrong('The image is no PNG');
  const chunks = [...chunksOf(file)];
  const header = headerOf(chunks[0]);
  const find = (type: string) => chunks.find((chunk) => chunk.type === type)?.data;
  const packed = Buffer.concat(
    chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data),
  );
  const perPixel = channels[header.colour]!;
  const rowBytes = (width: number) => Math.ceil((width * perPixel * header.depth) / 8);
  const maxOutputLength = 2 * (rowBytes(header.width) + 1) * header.height + 1024;
  let data: Buffer;
  try {
    data = inflateSync(packed, { maxOutputLength });
  } catch {
    throw wrong('The image is damaged');
  }
  const values = new Uint16Array(header.width * header.height * perPixel);
  spread(data, header, values, perPixel, rowBytes);
  return pictureOf(header, values, find('PLTE'), find('tRNS'));
}

const wrong = (message: string) => new PdfError('wrong-image', message);

function* chunksOf(file: Buffer): Generator<{ type: string; data: Buffer }> {
  for (let at = 8; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > file.length) throw wrong('The image is cut off');
    const body = file.subarray(at + 4, end - 4);
    if (crc32(body) !== file.readUInt32BE(end - 4)) throw wrong('The image is damaged');
    const type = body.subarray(0, 4).toString('latin1');
    yield { type, data: body.subarray(4) };
    if (type === 'IEND') return;
    at = end;
  }
  throw wrong('The image is cut off');
}

function headerOf(chunk: { type: string; data: Buffer } | undefined): Header {
  if (chunk?.type !== 'IHDR' || chunk.data.length !== 13) throw wrong('The image has no header');
  const { data } = chunk;
  const [depth, colour, compression, filter, interlace] = data.subarray(8) as unknown as number[];
  const header = {
    width: data.readUInt32BE(0),
    height: data.readUInt32BE(4),
    depth: depth!,
    colour: colour!,
    interlaced: interlace === 1,
  };
  const deep = colour === 0 || colour === 3 ? [1, 2, 4, 8, 16] : [8, 16];
  const known = channels[header.colour] && deep.includes(header.depth) && !compression && !filter;
  if (!known || header.width === 0 || header.height === 0)
    throw wrong('The image is of no known kind');
  if (header.width * header.height > maxPixels) throw wrong('The image is too large');
  return header;
}

/** Undoes row filters and interlacing: one value for each channel of each pixel. */
function spread(
  data: Buffer,
  { width, height, depth, interlaced }: Header,
  values: Uint16Array,
  perPixel: number,
  rowBytes: (width: number) => number,
): void {
  const pixelBytes = Math.max(1, (perPixel * depth) >> 3);
  let at = 0;
  for (const [left, top, across, down] of interlaced ? passes : ([[0, 0, 1, 1]] as const)) {
    const columns = Math.ceil((width - left) / across);
    const rows = Math.ceil((height - top) / down);
    if (columns <= 0 || rows <= 0) continue;
    const row = rowBytes(columns);
    const end = at + (row + 1) * rows;
    if (end > data.length) throw wrong('The image is cut off');
    const plain = fromPngRows(data.subarray(at, end), row, pixelBytes);
    at = end;
    for (let y = 0; y < rows; y += 1) {
      for (let x = 0; x < columns * perPixel; x += 1) {
        const column = left + Math.floor(x / perPixel) * across;
        const target = ((top + y * down) * width + column) * perPixel + (x % perPixel);
        values[target] = sample(plain, y * row, x, depth);
      }
    }
  }
}

function sample(bytes: Uint8Array, row: number, index: number, depth: number): number {
  if (depth === 8) return bytes[row + index]!;
  if (depth === 16) return bytes[row + index * 2]! * 256 + bytes[row + index * 2 + 1]!;
  const bit = index * depth;
  const shift = 8 - depth - (bit % 8);
  return (bytes[row + (bit >> 3)]! >> shift) & ((1 << depth) - 1);
}

function pictureOf(
  { width, height, depth, colour }: Header,
  values: Uint16Array,
  palette: Buffer | undefined,
  transparent: Buffer | undefined,
): Picture {
  const pixels = width * height;
  const perPixel = channels[colour]!;
  const components = colour === 0 || colour === 4 ? 1 : 3;
  const samples = new Uint8Array(pixels * components);
  const alpha = new Uint8Array(pixels).fill(255);
  const scale = 255 / ((1 << depth) - 1);
  const key = colour === 0 || colour === 2 ? transparent : undefined;
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const from = pixel * perPixel;
    if (colour === 3) {
      const index = values[from]!;
      for (let part = 0; part < 3; part += 1) {
        samples[pixel * 3 + part] = palette?.[index * 3 + part] ?? 0;
      }
      alpha[pixel] = transparent?.[index] ?? 255;
      continue;
    }
    for (let part = 0; part < components; part += 1) {
      samples[pixel * components + part] = Math.round(values[from + part]! * scale);
    }
    if (perPixel > components) alpha[pixel] = Math.round(values[from + components]! * scale);
    else if (key && matches(values, from, components, key)) alpha[pixel] = 0;
  }
  const opaque = alpha.every((value) => value === 255);
  return { width, height, components, samples, alpha: opaque ? undefined : alpha };
}

/** The one colour that stands for transparent. */
function matches(values: Uint16Array, from: number, components: number, key: Buffer): boolean {
  for (let part = 0; part < components; part += 1) {
    if (key.length < part * 2 + 2 || values[from + part] !== key.readUInt16BE(part * 2))
      return false;
  }
  return true;
}
