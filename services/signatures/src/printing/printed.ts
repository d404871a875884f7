/** A table of a printed document; widths are parts of a whole. */
export interface PrintedTable {
  columns: { heading: string; share: number }[];
  rows: string[][];
}

/** One part of a printed document, from top to bottom. */
export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'pairs'; pairs: [label: string, value: string][] }
  | ({ kind: 'table' } & PrintedTable)
  /** Who signs, side by side, with room above the names. */
  | { kind: 'signatures'; left: string; right: string };

/** What a document says before it becomes a PDF or a Word file: both are written from the same. */
export interface PrintedDocument {
  agency: string;
  title: string;
  subtitle?: string;
  blocks: Block[];
}

export const printFormats = ['pdf', 'docx'] as const;
export type PrintFormat = (typeof printFormats)[number];
