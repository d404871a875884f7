import { diffWords } from 'diff';

/** A run of text that stayed, came or went between two versions. */
export interface Difference {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

const maxCharacters = 200_000;

/** Compares two texts word by word; very long ones are cut, and say so. */
export function compareTexts(before: string, after: string): Difference[] {
  const cut = (text: string) => text.normalize('NFC').slice(0, maxCharacters);
  const changes = diffWords(cut(before), cut(after), { timeout: 5_000 }) ?? [
    { value: cut(before), removed: true, added: false },
    { value: cut(after), added: true, removed: false },
  ];
  return changes.map(({ value, added, removed }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }));
}
