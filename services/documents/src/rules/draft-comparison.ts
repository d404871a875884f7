import { nfc } from '@eoffice/platform/text';
import { diffLines, diffWords } from 'diff';

/** A run of text that stayed, came or went between two versions. */
export interface Difference {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

const maxCharacters = 200_000;
/** Others wait meanwhile: what takes longer has hardly anything in common. */
const timeout = 100;

/** Compares two texts word by word, or else line by line, or as wholes; very long ones are cut. */
export function compareTexts(before: string, after: string): Difference[] {
  const [old, fresh] = [before, after].map((text) => nfc(text).slice(0, maxCharacters)) as [
    string,
    string,
  ];
  const changes = diffWords(old, fresh, { timeout }) ??
    diffLines(old, fresh, { timeout }) ?? [
      { value: old, removed: true, added: false },
      { value: fresh, added: true, removed: false },
    ];
  return changes.map(({ value, added, removed }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }));
}
