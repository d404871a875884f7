import { describe, expect, it } from '@jest/globals';
import { canonicalReference } from './document-reference.js';
import { compareTexts } from './draft-comparison.js';
import { checkFormat } from './format-check.js';
import { dateLine, parseSymbol, renderSymbol } from './number-and-symbol.js';
import { findSecrecyMark } from './secrecy-marks.js';
import { faultOfSigning } from './signing-capacity.js';

describe('number and symbol', () => {
  it.each([
    [{ number: 9, type: 'QĐ', agency: 'BNV' }, '09/QĐ-BNV'],
    [{ number: 10, type: 'QĐ', agency: 'BNV' }, '10/QĐ-BNV'],
    [{ number: 15, type: 'QĐ', agency: 'BNV' }, '15/QĐ-BNV'],
    [{ number: 5, agency: 'BNV', unit: 'VP' }, '05/BNV-VP'],
    [{ number: 12, agency: 'UBND', unit: 'VX' }, '12/UBND-VX'],
    [{ number: 100, type: 'QyĐ', agency: 'UBND' }, '100/QyĐ-UBND'],
    [{ number: 128, year: 2025, type: 'QĐ', agency: 'UBND' }, '128/2025/QĐ-UBND'],
  ])('%o is %s', (parts, text) => {
    expect(renderSymbol(parts)).toBe(text);
    expect(parseSymbol(text)).toMatchObject({ number: parts.number });
  });

  it('reads years and mixed case, and refuses what is no reference', () => {
    expect(parseSymbol('128/2025/QĐ-UBND')).toEqual({
      number: 128,
      year: 2025,
      groups: ['QĐ', 'UBND'],
    });
    expect(parseSymbol('07/TTr-UBND'.normalize('NFD'))).toEqual({
      number: 7,
      groups: ['TTr', 'UBND'],
    });
    expect(parseSymbol('QĐ-UBND')).toBeUndefined();
  });

  it.each([
    ['2020-01-05', 'ngày 05 tháng 01 năm 2020'],
    ['2019-06-29', 'ngày 29 tháng 6 năm 2019'],
    ['2026-02-10', 'ngày 10 tháng 02 năm 2026'],
    ['2026-12-31', 'ngày 31 tháng 12 năm 2026'],
  ])('the date line of %s is “%s”', (day, line) => {
    expect(dateLine(day)).toBe(line);
    expect(dateLine(day, 'Bảo Lộc')).toBe(`Bảo Lộc, ${line}`);
  });

  it.each(['43/2011/ND-CP', '43 / 2011 / NĐ – CP', 'Số: 43/2011/nđ-cp', '043/2011/NĐ‑CP'])(
    'compares “%s” as 43/2011/NĐ-CP',
    (text) => expect(canonicalReference(text)).toBe(canonicalReference('43/2011/NĐ-CP')),
  );
});

describe('marks of secrecy', () => {
  it.each([
    ['ỦY BAN NHÂN DÂN\n\nMẬT\n\nSố: 01/BC-UBND', 'secret'],
    ['  TỐI  MẬT  ', 'top_secret'],
    ['[ TUYỆT MẬT ]', 'absolute_secret'],
    ['TỐI MẬT'.normalize('NFD'), 'top_secret'],
    ['UBND TỈNH      MẬT      CỘNG HÒA', 'secret'],
  ])('finds the stamp in %j', (text, level) => expect(findSecrecyMark(text)).toBe(level));

  it.each([
    'mật ong rừng',
    'Bảo mật thông tin',
    'MẬT ĐỘ DÂN SỐ',
    'BẢO MẬT',
    'AN NINH MẬT MÃ',
    'Mật',
  ])('is not deceived by %j', (text) =>
    expect(findSecrecyMark(`Công văn\n${text}\nKính gửi`)).toBeUndefined(),
  );
});

describe('signing capacity', () => {
  const authority = {
    validFrom: '2026-01-01',
    validTo: '2026-06-30',
    delegatedFrom: 'head' as const,
    documentTypes: ['QĐ', 'TB'],
  };
  const post = { signs: false, leadsUnit: true };

  it('lets those sign whose posts do, and others only by a written authority that holds', () => {
    expect(
      faultOfSigning({ capacity: 'KT', signs: true, leadsUnit: false }, '2026-05-01', 'QĐ'),
    ).toBeUndefined();
    expect(faultOfSigning({ capacity: 'TM', ...post }, '2026-05-01', 'QĐ')?.en).toMatch(
      /does not sign/,
    );
    expect(faultOfSigning({ capacity: 'TL', ...post }, '2026-05-01', 'QĐ')?.en).toMatch(
      /written authority/,
    );
    expect(
      faultOfSigning({ capacity: 'TL', ...post, authority }, '2026-05-01', 'QĐ'),
    ).toBeUndefined();
    expect(faultOfSigning({ capacity: 'TL', ...post, authority }, '2026-07-01', 'QĐ')?.en).toMatch(
      /hold/,
    );
  });

  it('limits an authority to its types of documents', () => {
    const fault = faultOfSigning({ capacity: 'TL', ...post, authority }, '2026-05-01', 'NQ');
    expect(fault?.en).toMatch(/not for documents of this type/);
  });

  it('refuses an authority that was handed on', () => {
    const again = { ...authority, delegatedFrom: 'TUQ' as const };
    expect(
      faultOfSigning({ capacity: 'TUQ', ...post, authority: again }, '2026-05-01', 'QĐ')?.en,
    ).toMatch(/not handed on/);
  });
});

describe('form and versions of a draft', () => {
  it('names every fault of form', () => {
    const faults = checkFormat({
      abstract: 'Về việc nghỉ lễ.',
      recipients: [],
      signerName: 'TS. Nguyễn Văn An',
      files: [{ name: 'a.png', mediaType: 'image/png' }],
    });
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      '/files/0',
      '/recipients',
      '/abstract',
      '/signerId',
    ]);
    const good = { abstract: 'Về việc nghỉ lễ', recipients: ['Sở Nội vụ'] };
    expect(
      checkFormat({ ...good, files: [{ name: 'a.pdf', mediaType: 'application/pdf' }] }),
    ).toEqual([]);
  });

  it('shows what came and went between two versions', () => {
    const found = compareTexts('Hạn nộp báo cáo ngày 05', 'Hạn nộp báo cáo ngày 15');
    expect(found.filter(({ kind }) => kind !== 'same')).toEqual([
      { kind: 'removed', text: '05' },
      { kind: 'added', text: '15' },
    ]);
  });
});
