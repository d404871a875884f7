import { fold } from '@eoffice/platform/text';

/** Octets of a snippet, at most (RFC 8621, 5). */
const longest = 255;
const before = 60;
const mostLooked = 300_000;

/**
 * The part of a text around the first of some words, escaped for HTML, the words marked, however
 * they are written. Null when none of them is there.
 */
export function highlighted(text: string, words: ReadonlySet<string>): string | null {
  if (words.size === 0) return null;
  const pieces = [
    ...text.slice(0, mostLooked).matchAll(/[\p{L}\p{N}\p{M}]+|[^\p{L}\p{N}\p{M}]+/gu),
  ];
  const isWanted = (piece: string) => /^[\p{L}\p{N}]/u.test(piece) && words.has(fold(piece));
  const first = pieces.findIndex(([piece]) => isWanted(piece));
  if (first < 0) return null;
  const { start, lead } = startOf(
    pieces.map(([piece]) => piece),
    first,
  );
  let snippet = lead;
  for (const [piece] of pieces.slice(start)) {
    const plain = escaped(piece.replace(/\s+/g, ' '));
    const shown = isWanted(piece) ? `<mark>${plain}</mark>` : plain;
    if (Buffer.byteLength(snippet + shown) > longest) break;
    snippet += shown;
  }
  return snippet.trim();
}

/** From where a snippet shows what goes before the first word found. */
function startOf(pieces: string[], first: number): { start: number; lead: string } {
  let start = first;
  for (let length = 0; start > 0; start--) {
    length += pieces[start - 1]!.length;
    if (length > before) break;
  }
  return { start, lead: start > 0 ? '…' : '' };
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => entities[sign]!);
