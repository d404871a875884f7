import { describe, expect, it } from '@jest/globals';
import { readSheet, recordsOf, spreadsheet, writeSheet } from './sheets.js';
import { fold } from './text.js';

const limits = { maxRows: 3 };
const csv = (text: string) => readSheet(Buffer.from(text), 'text/csv', limits);

describe('tables', () => {
  it('go out as a workbook and come in again, formulas as text', async () => {
    const columns = [{ heading: 'Số đến' }, { heading: 'Trích yếu', width: 60 }];
    const file = await writeSheet('Sổ/đến', columns, [
      [1, 'Về việc kiểm tra'],
      [2, '=1+1'],
    ]);
    expect(await readSheet(file, spreadsheet, limits)).toEqual([
      ['Số đến', 'Trích yếu'],
      ['1', 'Về việc kiểm tra'],
      ['2', '=1+1'],
    ]);
  });

  it('come in as CSV with commas or semicolons, in NFC', async () => {
    const rows = [
      ['Tên', 'Mã'],
      ['Bảo Lộc', '1'],
    ];
    expect(await csv('Tên,Mã\n"Bảo Lộc",1\n'.normalize('NFD'))).toEqual(rows);
    expect(await csv('\uFEFFTên;Mã\r\nBảo Lộc;1\r\n')).toEqual(rows);
  });

  it('find columns by folded headings and say which is missing', async () => {
    const table = await csv('MÃ,ten\n7,Bảo Lộc\n');
    const columns = { name: { headings: ['Tên'] }, code: { headings: ['Mã'], optional: true } };
    expect(recordsOf(table, columns, fold)).toEqual([
      { row: 2, record: { name: 'Bảo Lộc', code: '7' } },
    ]);
    expect(() => recordsOf([['x']], columns, fold)).toThrow(
      expect.objectContaining({ type: 'invalid' }),
    );
  });

  it.each([
    ['too many rows', 'a\nb\nc\nd\n'],
    ['text in a wrong encoding', 'a\nTiáº¿ng Viá»‡t\n'],
    ['broken quotes', 'a\n"b\n'],
  ])('refuse %s', async (_, text) => {
    await expect(csv(text)).rejects.toMatchObject({ type: 'invalid' });
  });

  it('refuse what is no workbook, and bytes that are no UTF-8', async () => {
    await expect(readSheet(Buffer.from('no zip'), spreadsheet, limits)).rejects.toMatchObject({
      type: 'invalid',
    });
    await expect(readSheet(Buffer.from([0xd5, 0xff]), 'text/csv', limits)).rejects.toMatchObject({
      type: 'invalid',
    });
  });
});
