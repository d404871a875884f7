import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { type Deflated, wordWith, zipOf } from '@eoffice/testing/files';
import { type RawReply, request, speak } from './raw-http.js';
import type { Hostility } from './hostile-requests.js';

const office = 'http://schemas.openxmlformats.org';
const wordBegins = `<w:document xmlns:w="${office}/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>`;
const wordEnds = '</w:t></w:r></w:p></w:body></w:document>';

interface Part {
  head: string;
  body: string;
}

/** Forms that are no uploads; none of them may leave a file behind. */
export function hostileForms(url: string, token: string): Hostility[] {
  const upload = (body: string, boundary = 'boundary=xyz', length = Buffer.byteLength(body)) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': `multipart/form-data; ${boundary}`,
      'content-length': String(length),
    };
    const hangUp = length !== Buffer.byteLength(body);
    return speak(url, request('POST', '/v1/files', { headers, body }), { hangUp });
  };
  const named = (name: string, body: string): Part => ({
    head: `Content-Disposition: form-data; name="file"; filename="${name}"`,
    body,
  });
  const unnamed = { head: 'Content-Disposition: form-data; name="file"', body: 'x' };
  const octets = { ...unnamed, head: `${unnamed.head}\r\nContent-Type: application/octet-stream` };
  const form = (parts: Part[]) =>
    `${parts.map(({ head, body }) => `--xyz\r\n${head}\r\n\r\n${body}\r\n`).join('')}--xyz--\r\n`;
  const one = form([named('a.txt', 'một')]);
  const many = (count: number) =>
    form(Array.from({ length: count }, (_, index) => named(`${index}.txt`, `tệp ${index}`)));
  const all: [name: string, status: number, send: () => Promise<RawReply>, pointer?: string][] = [
    ['no boundary', 400, () => upload(one, ''), '/files'],
    ['another boundary', 400, () => upload(one, 'boundary=abc'), '/files'],
    ['a boundary of 5 KB', 400, () => upload(one, `boundary=${'a'.repeat(5_000)}`), '/files'],
    ['nothing', 400, () => upload(''), '/files'],
    ['1,000 parts', 413, () => upload(many(1_000))],
    ['one file too many', 413, () => upload(many(21))],
    ['a field only', 400, () => upload(form([unnamed])), '/files'],
    ['a file without a name', 400, () => upload(form([octets])), '/files'],
    ['a part that says nothing', 400, () => upload(form([{ head: 'X: y', body: 'x' }])), '/files'],
    ['an empty file', 415, () => upload(form([named('a.txt', '')]))],
    ['no end', 400, () => upload(one.slice(0, -12)), '/files'],
    ['an end within a header', 400, () => upload('--xyz\r\nContent-Dispo'), '/files'],
    ['a connection that breaks', 400, () => upload(one.slice(0, -12), undefined, 5_000)],
    ['a program after a text', 415, () => upload(form([named('a.txt', 'x'), named('b', 'MZ\0')]))],
  ];
  return all.map(([name, status, send, pointer]) => ({ name, status, send, pointer }));
}

/** So many megabytes of one letter, deflated to a thousandth, within a beginning and an end. */
function bomb(begins: string, ends: string, megabytes: number): Deflated {
  const piece = (content: Buffer) =>
    deflateRawSync(content, { finishFlush: constants.Z_FULL_FLUSH });
  const block = piece(Buffer.alloc(16 * 1024 * 1024, 'a'));
  const blocks = Array<Buffer>(megabytes / 16).fill(block);
  const deflated = Buffer.concat([
    piece(Buffer.from(begins)),
    ...blocks,
    deflateRawSync(Buffer.from(ends)),
  ]);
  return { deflated, claimedSize: megabytes * 1024 * 1024 };
}

/** Ten entities, each ten of the one before: ten thousand million letters. */
function laughs(): string {
  const names = [...'bcdefghij'];
  const entities = names.map((name, index) => {
    const before = `&${'abcdefghi'[index]};`;
    return `<!ENTITY ${name} "${before.repeat(10)}">`;
  });
  return `<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">${entities.join('')}]>${wordBegins}&j;${wordEnds}`;
}

const endlessPages = `%PDF-1.7
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[2 0 R 3 0 R]/Count 1000000000>>endobj
3 0 obj<</Type/Pages/Kids[2 0 R 3 0 R]/Parent 2 0 R/Count 100000000>>endobj
xref
0 4
trailer<</Size 4/Root 1 0 R/Prev 9>>
startxref
9
%%EOF`;

/** Files that are taken in, since they look like what they claim to be, and resist being read. */
export function hostileContents(): [name: string, content: Buffer][] {
  const secretFile = `<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>${wordBegins}&a;${wordEnds}`;
  const nested = `${'<w:p>'.repeat(3_000)}x${'</w:p>'.repeat(3_000)}`;
  return [
    ['99 MB in one line.txt', Buffer.alloc(99 * 1024 * 1024, 'công văn ')],
    ['2 MB of dots.txt', Buffer.concat([Buffer.alloc(2 * 1024 * 1024, '.'), Buffer.from('a')])],
    ['a letter under 500,000 marks.txt', Buffer.from(`a${'\u0301\u0323'.repeat(250_000)}`)],
    ['2 GB when unpacked.docx', wordWith(bomb(wordBegins, wordEnds, 2_048))],
    [
      '2 GB that claim to be 1 KB.docx',
      wordWith({ ...bomb(wordBegins, wordEnds, 2_048), claimedSize: 1_000 }),
    ],
    ['entities of entities.docx', wordWith(laughs())],
    ['an entity from the disk.docx', wordWith(secretFile)],
    ['3,000 levels.docx', wordWith(wordBegins.replace('<w:p><w:r><w:t>', nested))],
    ['pages within themselves.pdf', Buffer.from(endlessPages)],
    ['5 MB of noise.pdf', Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(5_000_000)])],
  ];
}

/** A workbook whose sheet unpacks to 2 GB, whatever it claims. */
export function hostileWorkbook(claimedSize?: number): Buffer {
  const main = `${office}/spreadsheetml/2006/main`;
  const links = `${office}/officeDocument/2006/relationships`;
  const begins = `<worksheet xmlns="${main}"><sheetData><row r="1"><c r="A1" t="str"><v>`;
  const sheet = bomb(begins, '</v></c></row></sheetData></worksheet>', 2_048);
  return zipOf({
    '[Content_Types].xml': `<Types xmlns="${office}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${office}/package/2006/relationships"><Relationship Id="r1" Type="${links}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${links}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${office}/package/2006/relationships"><Relationship Id="r1" Type="${links}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': claimedSize ? { ...sheet, claimedSize } : sheet,
  });
}
