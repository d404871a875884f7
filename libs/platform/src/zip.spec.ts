import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { readSheet, spreadsheet, writeSheet } from './sheets.js';
import { unzip, UnzipError, zipOf } from './zip.js';

const limits = { maxEntries: 10, maxBytes: 1_000_000 };
const text = (content: string) => Buffer.from(content);

/** The zip of one entry of zeros, which says of its size what it is told to. */
function bombOf(name: string, bytes: number, declared: number): Buffer {
  const packed = deflateRawSync(Buffer.alloc(bytes));
  const zip = zipOf([[name, packed]]);
  const directory = zip.length - 22 - 46 - name.length;
  for (const [start, method, size] of [
    [0, 8, 22],
    [directory, 10, 24],
  ] as const) {
    zip.writeUInt16LE(8, start + method);
    zip.writeUInt32LE(declared, start + size);
  }
  return zip;
}

describe('a zip', () => {
  it('gives what was put in', async () => {
    const parts = new Map([
      ['a.txt', text('một')],
      ['thư mục/b.txt', text('')],
    ]);
    expect(await unzip(zipOf(parts), limits)).toEqual(parts);
  });

  it('may hold only so much, by what it says and by what it does', async () => {
    const many = Array.from({ length: 11 }, (_, index) => [`${index}`, text('x')] as const);
    await expect(unzip(zipOf(many), limits)).rejects.toThrow(UnzipError);
    const large = zipOf([['a', Buffer.alloc(1_000_001)]]);
    await expect(unzip(large, limits)).rejects.toThrow(UnzipError);
    const honest = bombOf('a', 100_000_000, 100_000_000);
    expect(honest.length).toBeLessThan(200_000);
    await expect(unzip(honest, limits)).rejects.toThrow('too much');
    const before = process.memoryUsage().rss;
    await expect(unzip(bombOf('a', 100_000_000, 1_000), limits)).rejects.toThrow(UnzipError);
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no zip', text('PK but not really')],
    ['half a zip', zipOf([['a', text('x'.repeat(100))]]).subarray(0, 80)],
  ])('is refused when it is %s', async (_, content) => {
    await expect(unzip(content, limits)).rejects.toThrow(UnzipError);
  });

  it('that is a workbook is read only from what was counted', async () => {
    const sheet = await writeSheet('Sổ', [{ heading: 'Tên' }], [['Bảo Lộc']]);
    const bomb = bombOf('xl/worksheets/sheet1.xml', 100_000_000, 1_000);
    for (const hostile of [bomb, Buffer.concat([bomb, sheet]), Buffer.concat([sheet, bomb])]) {
      await expect(readSheet(hostile, spreadsheet, { maxRows: 9 })).rejects.toMatchObject({
        type: 'invalid',
      });
    }
    expect(await readSheet(sheet, spreadsheet, { maxRows: 9 })).toEqual([['Tên'], ['Bảo Lộc']]);
  });
});
