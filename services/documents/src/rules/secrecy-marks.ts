import { nfc } from '@eoffice/platform/text';

// Marks of secrecy are stamped words standing alone, in capitals. `mật ong`, `bảo mật` and `MẬT ĐỘ`
// are words like others, so the mark is looked for as a line of its own, never inside a sentence.

const marks: [level: SecrecyLevel, words: RegExp][] = [
  ['absolute_secret', /^TUYỆT\s+MẬT$/u],
  ['top_secret', /^TỐI\s+MẬT$/u],
  ['secret', /^MẬT$/u],
];

export type SecrecyLevel = 'secret' | 'top_secret' | 'absolute_secret';

const decoratedLength = 100;
const decoration = /^[\s|[\](){}*_=.:;–—-]+|[\s|[\](){}*_=.:;–—-]+$/gu;

/**
 * The mark of secrecy that a text bears, if it bears one (Luật Bảo vệ bí mật nhà nước; Nghị định
 * 30/2020, App. I, box 10a). Also in a longer line, when set off by three spaces or a tab, as
 * columns of a page come out of a PDF.
 */
export function findSecrecyMark(text: string): SecrecyLevel | undefined {
  const cells = nfc(text)
    .split(/[\r\n\t\f\v]+| {3,}/)
    .filter((cell) => cell.length <= decoratedLength)
    .map((cell) => cell.replace(decoration, ''))
    .filter((cell) => cell.length > 0 && cell.length <= 20);
  return marks.find(([, words]) => cells.some((cell) => words.test(cell)))?.[0];
}
