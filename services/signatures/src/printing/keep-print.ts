import { Readable } from 'node:stream';
import type { StoredFile } from '@eoffice/contracts';
import type { FileStore } from '@eoffice/platform/files';
import { spreadsheet } from '@eoffice/platform/sheets';
import { slug } from '@eoffice/platform/text';
import { printDocx, wordDocument } from './docx.js';
import { printPdf } from './pdf.js';
import type { PrintedDocument, PrintFormat } from './printed.js';

const maxBytes = 50 * 1024 * 1024;
const mediaTypes = { pdf: 'application/pdf', docx: wordDocument, xlsx: spreadsheet };

/** Prints a document and keeps it in the store under a name made of its title. */
export async function keepPrint(
  files: FileStore,
  document: PrintedDocument,
  format: PrintFormat,
  name: string,
): Promise<StoredFile> {
  const content = format === 'pdf' ? await printPdf(document) : printDocx(document);
  return keepFile(files, content, name, format);
}

/** Keeps what was written for somebody to take away. */
export async function keepFile(
  files: FileStore,
  content: Buffer,
  name: string,
  format: keyof typeof mediaTypes,
): Promise<StoredFile> {
  const kept = await files.put(Readable.from([content]), { maxBytes });
  return { ...kept, name: `${slug(name)}.${format}`, mediaType: mediaTypes[format] };
}
