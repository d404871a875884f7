import { describe, expect, it } from '@jest/globals';
import {
  compareVietnamese,
  comparePeople,
  contentDisposition,
  fold,
  foldTones,
  hasStrayMarks,
  looksMisread,
  nfc,
  slug,
} from './text.js';

describe('Vietnamese text', () => {
  it('folds marks, đ, case and apostrophes for finding', () => {
    expect(fold('Đường Đà Lạt')).toBe('duong da lat');
    expect(fold('Phường 1  Bảo Lộc'.normalize('NFD'))).toBe('phuong 1 bao loc');
    expect(fold('Phường B’Lao')).toBe(fold("phường B'LAO"));
    expect(fold('Ðà Lạt')).toBe('da lat');
  });

  it('treats both placements of a tone alike, but not another tone', () => {
    expect(foldTones('CỘNG HOÀ')).toBe(foldTones('cộng hòa'));
    expect(foldTones('Thúy')).toBe(foldTones('thuý'));
    expect(foldTones('Bảo Lọc')).not.toBe(foldTones('Bảo Lộc'));
    expect(foldTones('hoa')).not.toBe(foldTones('hòa'));
  });

  it('keeps what was written, in NFC', () => {
    expect(nfc('Tiếng Việt'.normalize('NFD'))).toBe('Tiếng Việt');
    expect(nfc('15\u200B/QĐ')).toBe('15/QĐ');
    expect(hasStrayMarks('à\u0302')).toBe(true);
    expect(hasStrayMarks('ầ'.normalize('NFD'))).toBe(false);
  });

  it('sorts places by the alphabet and people by their given names', () => {
    expect(['Đà Lạt', 'Di Linh', 'Dran', 'Bảo Lộc'].sort(compareVietnamese)).toEqual([
      'Bảo Lộc',
      'Di Linh',
      'Dran',
      'Đà Lạt',
    ]);
    const people = ['Lê Đức', 'Vũ Thị Ấn', 'Đỗ Đạt', 'Nguyễn Văn An', 'Bùi Dân', 'Hoàng Anh'];
    expect(people.sort(comparePeople)).toEqual([
      'Nguyễn Văn An',
      'Hoàng Anh',
      'Vũ Thị Ấn',
      'Bùi Dân',
      'Đỗ Đạt',
      'Lê Đức',
    ]);
  });

  it('makes addresses and download names', () => {
    expect(slug('Đạ Tẻh 2')).toBe('da-teh-2');
    expect(slug("Xã D'Ran")).toBe('xa-d-ran');
    expect(contentDisposition('số.pdf')).toBe(
      `attachment; filename="so.pdf"; filename*=UTF-8''s%E1%BB%91.pdf`,
    );
    expect(contentDisposition('a"\r\nX: y/../b.pdf')).not.toMatch(/[\r\n]|\.\.\/|a""/);
  });

  it('notices text that was decoded wrongly', () => {
    expect(looksMisread('Tiáº¿ng Viá»‡t')).toBe(true);
    expect(looksMisread('TiÕng ViÖt cña Uû ban nh©n d©n')).toBe(true);
    expect(looksMisread('Ủy ban nhân dân phường 1 Bảo Lộc, đường Ê Đê')).toBe(false);
  });
});
