import { foldedWords, markedWords } from '@eoffice/platform/words';

const longestWord = 60;
const maxLexemes = 15_000;
const pieceLength = 20_000;

/** Text by pieces that end between words: to fold it takes no longer for being long. */
function* pieces(text) {
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = start + pieceLength;
    const space = text.slice(end, end + 200).search(/\s/);
    end += Math.max(space, 0);
    yield text.slice(start, end);
  }
}

/** Words, and each two that follow each other as one: phrases are found by these. */
function withPairs(words) {
  const cut = words.map((word) => word.slice(0, longestWord));
  return [...cut, ...cut.slice(1).map((word, index) => `${cut[index]}_${word}`)];
}

/** Every word of a text as it is searched: folded, in pairs, and with its marks (`=`) if it has any. */
function* lexemesOf(text) {
  for (const piece of pieces(text)) {
    yield* withPairs(foldedWords(piece));
    for (const word of markedWords(piece)) {
      if (/[^a-z0-9]/.test(word) || /\d$/.test(word)) yield `=${word.slice(0, longestWord)}`;
    }
  }
}

/**
 * What an email is found by. Words of named header fields also stand with the name before them
 * (`subject:bao`), and those that are in no body are marked (`~bao`): that finds what is in bodies.
 */
export function lexemes(body, fields) {
  const found = new Set();
  for (const lexeme of lexemesOf(body)) {
    if (found.size >= maxLexemes) break;
    found.add(lexeme);
  }
  const inBody = new Set(found);
  for (const [name, text] of Object.entries(fields)) {
    for (const lexeme of lexemesOf(text)) {
      if (found.size >= 2 * maxLexemes) break;
      found.add(lexeme);
      found.add(`${name}:${lexeme}`);
      if (!inBody.has(lexeme)) found.add(`~${lexeme}`);
    }
  }
  return [...found];
}
