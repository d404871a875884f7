import { contract } from '../language/contract.js';
import { Choice, Count, Id } from '../language/fields.js';
import { NotFound } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';

/** Sổ đăng ký văn bản, or for an incoming book Sổ theo dõi giải quyết văn bản đến (App. IV). */
export const registerKinds = ['registration', 'tracking'] as const;

export class ExportRegister {
  @Id({ description: 'The book' }) id: string;
  @Choice(['xlsx', 'pdf']) format: 'xlsx' | 'pdf';
  @Choice(registerKinds, { description: 'tracking: how incoming documents are settled' })
  kind: (typeof registerKinds)[number] = 'registration';
  @Count({ min: 1, max: 10_000_000, optional: true, description: 'First number' }) from?: number;
  @Count({ min: 1, max: 10_000_000, optional: true, description: 'Last number' }) to?: number;
}

export const registers = contract('documents.registers', {
  export: {
    summary:
      'Export a register book to XLSX or print-ready PDF, in the columns of Nghị định 30/2020',
    route: 'GET /books/:id/register',
    permission: 'documents.export',
    input: ExportRegister,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
    timeoutMs: 60_000,
  },
});
