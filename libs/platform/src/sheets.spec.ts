import { describe, expect, it } from '@jest/globals';
import { Invalid } from '@eoffice/contracts/language/problem';
import {
  readSheet,
  recordsOf,
  rowProblem,
  type SheetColumns,
  spreadsheet,
  writeSheet,
} from './sheets.js';

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

  const columns: SheetColumns<'name' | 'code'> = {
    name: { headings: ['Tên', 'name'] },
    code: { headings: ['Mã', 'code'], optional: true },
  };

  it('find columns by folded headings, beside numbers of rows', async () => {
    const table = await csv('STT,MÃ,ten,\n1,7,Bảo Lộc,\n');
    expect(recordsOf(table, columns)).toEqual([{ row: 2, record: { name: 'Bảo Lộc', code: '7' } }]);
  });

  it('name every heading that is missing, unknown or there twice', async () => {
    const faultsOf = async (text: string) => {
      const table = await csv(text);
      try {
        return recordsOf(table, columns);
      } catch (error) {
        return (error as Invalid).errors!.map(({ detail }) => detail.vi);
      }
    };
    expect(await faultsOf('Mã,mã,Tên gọi\n1,2,x\n')).toEqual([
      'Hai cột “mã”',
      'Không có cột nào tên “Tên gọi”; các cột là: Tên; Mã',
      'Thiếu cột “Tên”',
    ]);
    expect(recordsOf(await csv('Tên,Ghi chú\na,b\n'), columns, true)).toEqual([
      { row: 2, record: { name: 'a' } },
    ]);
  });

  it('say what is wrong with a row by its headings', () => {
    const wrong = new Invalid([
      { pointer: '/name', detail: { vi: 'là bắt buộc', en: 'is required' } },
    ]);
    expect(rowProblem(wrong, columns, 'vi')).toBe('“Tên” là bắt buộc');
    expect(rowProblem(wrong, columns, 'en')).toBe('“name” is required');
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
