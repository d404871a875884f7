import { foldedWords, markedWords } from '@eoffice/platform/words';

/** As words are cut when they are indexed (`reading/lexemes.mjs`). */
const longestWord = 60;
const maxWords = 30;

export interface Asked {
  /** Only in this field of the header, or in what is shown of the bodies. */
  within?: 'subject' | 'from' | 'to' | 'cc' | 'bcc' | 'attachment' | 'body';
  /** Words typed with marks must be written with them; those typed without are found either way. */
  exact?: boolean;
  /** The last word, outside quotation marks, may be the beginning of one. */
  unfinished?: boolean;
}

/**
 * What is typed to search by, as a `tsquery` on `email_words.words`: all the words, and those between
 * quotation marks one after another (RFC 8621, 4.4.1). Undefined when there is no word in it.
 */
export function queryOf(text: string, asked: Asked = {}): string | undefined {
  const terms: string[] = [];
  const pieces = text.replace(/[“”«»]/g, '"').split('"');
  for (const [index, piece] of pieces.entries()) {
    const quoted = index % 2 === 1 && index < pieces.length - 1;
    const last = index === pieces.length - 1 && !/\s$/.test(piece);
    const words = foldedWords(piece).map((word) => word.slice(0, longestWord));
    const open = asked.unfinished && last && !quoted ? words.pop() : undefined;
    const pairs = quoted ? words.slice(1).map((word, at) => `${words[at]}_${word}`) : [];
    terms.push(...(pairs.length > 0 ? pairs : words).map((word) => termOf(word, asked)));
    if (open) terms.push(termOf(open, asked, ':*'));
    if (asked.exact) terms.push(...markedTerms(piece, asked));
  }
  const distinct = [...new Set(terms)].slice(0, maxWords);
  return distinct.length > 0 ? distinct.join(' & ') : undefined;
}

function termOf(word: string, { within }: Asked, rest = ''): string {
  if (within === 'body') return `'${word}'${rest} & !'~${word}'${rest}`;
  return within ? `'${within}:${word}'${rest}` : `'${word}'${rest}`;
}

/** The words that were typed with marks. */
function markedTerms(piece: string, asked: Asked): string[] {
  return piece.split(/\s+/).flatMap((word) => {
    const folded = new Set(foldedWords(word));
    const marked = markedWords(word).filter((each) => !folded.has(each));
    return marked.map((each) => termOf(`=${each.slice(0, longestWord)}`, asked));
  });
}
