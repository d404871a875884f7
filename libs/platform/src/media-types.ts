import type { Readable } from 'node:stream';
import { UnsupportedType } from '@eoffice/contracts/language/stored-file';
import { fileTypeFromBuffer } from 'file-type';

const office = 'application/vnd.openxmlformats-officedocument';

/** What may become a file of a record, by what is in it. Programs and documents with macros are not here. */
const accepted = new Set([
  'application/pdf',
  `${office}.wordprocessingml.document`,
  `${office}.spreadsheetml.sheet`,
  `${office}.presentationml.presentation`,
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/zip',
  'application/xml',
  'image/png',
  'image/jpeg',
  'image/tiff',
]);

const looksAt = 1_000_000;

/** The media type of content; a name decides only between kinds of plain text. Throws UnsupportedType. */
export async function mediaTypeOf(content: Readable, name: string): Promise<string> {
  const { head, whole } = await beginningOf(content);
  if (head.length === 0)
    throw new UnsupportedType({ vi: `“${name}” là tệp rỗng`, en: `"${name}" is empty` });
  const found = (await fileTypeFromBuffer(head))?.mime;
  if (found && accepted.has(found)) return found;
  if (!found && isText(head, whole)) return /\.csv$/i.test(name) ? 'text/csv' : 'text/plain';
  if (!found && isSignedData(head)) return 'application/pkcs7-mime';
  throw new UnsupportedType({
    vi: `Nội dung của “${name}” là ${found ?? 'dữ liệu không nhận dạng được'}; hãy dùng PDF, DOCX, XLSX, ODT, ảnh, CSV hoặc TXT`,
    en: `The content of "${name}" is ${found ?? 'of no known type'}; use PDF, DOCX, XLSX, ODT, images, CSV or TXT`,
  });
}

async function beginningOf(content: Readable): Promise<{ head: Buffer; whole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= looksAt) return { head: Buffer.concat(chunks), whole: false };
  }
  return { head: Buffer.concat(chunks), whole: true };
}

/** id-signedData after the first headers of a CMS (RFC 5652, 5.1), in DER or BER. */
const signedData = Buffer.from('06092a864886f70d010702', 'hex');

const isSignedData = (head: Buffer): boolean =>
  head[0] === 0x30 && head.subarray(2, 6 + signedData.length).includes(signedData);

function isText(head: Buffer, whole: boolean): boolean {
  if (head.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !whole });
    return true;
  } catch {
    return false;
  }
}
