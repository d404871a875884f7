import { fold, foldTones } from './text.js';
import { turns } from './turns.js';

const toneDigits: Record<string, string> = {
  '\u0300': '1',
  '\u0309': '2',
  '\u0303': '3',
  '\u0301': '4',
  '\u0323': '5',
};

const apart = (text: string) =>
  text
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .split(' ')
    .filter(Boolean);

/** The words of a text with their marks; wherever the tone stands, it is one digit at the end. */
export const markedWords = (text: string) =>
  apart(foldTones(text).replace(/[\u0300\u0309\u0303\u0301\u0323]/g, (tone) => toneDigits[tone]!));

/** The words of a text without any mark. */
export const foldedWords = (text: string) => apart(fold(text));

const pieceLength = 20_000;
const longestWord = 200;

/** The first `max` words of a long text, piece by piece: requests are answered in between. */
export async function firstWords(
  text: string,
  wordsOf: (text: string) => string[],
  max: number,
): Promise<string[]> {
  const words: string[] = [];
  const turn = turns();
  for (let start = 0, end = 0; start < text.length && words.length < max; start = end) {
    end = start + pieceLength;
    const space = text.slice(end, end + longestWord).search(/\s/);
    end += Math.max(space, 0);
    words.push(...wordsOf(text.slice(start, end)));
    await turn();
  }
  return words.slice(0, max);
}

/** Words one after another, the last one perhaps not yet typed to its end, as a `tsquery`. */
export function phraseOf(words: string[]): string {
  return words
    .map((word, index) => `'${word}'${index === words.length - 1 ? ':*' : ''}`)
    .join(' <-> ');
}
