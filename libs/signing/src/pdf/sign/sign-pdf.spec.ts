import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requireProgram } from '@eoffice/testing/programs';
import PdfDocument from 'pdfkit';
import { OpenSsl } from '../../testing/openssl.js';
import { PdfFile } from '../reader/pdf-file.js';
import { anyCms } from '../testing/attacker.js';
import { formPage, makePdf, onePage } from '../testing/made-pdf.js';
import { authority, clerk, leader, root, signerOf } from '../testing/signers.js';
import { examinePdf } from '../verify/examine.js';
import { completeSignature, joined, prepareSignature, roomForCms } from './prepare.js';
import { signPdf } from './sign-pdf.js';
import type { SignatureOptions } from './signature-options.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'sign-pdf-'));
const ssl = new OpenSsl();
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  ssl.close();
});

const path = (name: string) => join(folder, name);
let files = 0;

/** What poppler says: how many signatures are valid, and whether the last covers everything. */
async function pdfsig(pdf: Buffer, ...parameters: string[]) {
  const file = path(`${(files += 1)}.pdf`);
  writeFileSync(file, pdf);
  const { stdout } = await run(requireProgram('pdfsig'), ['-nocert', ...parameters, file]);
  return {
    valid: stdout.match(/Signature is Valid\./g)?.length ?? 0,
    total: stdout.match(/ - Total document signed/g)?.length ?? 0,
  };
}

async function qpdf(pdf: Buffer, ...parameters: string[]): Promise<Buffer> {
  writeFileSync(path('in.pdf'), pdf);
  await run(requireProgram('qpdf'), [...parameters, path('in.pdf'), path('out.pdf')]);
  return readFileSync(path('out.pdf'));
}

async function fromPdfkit(): Promise<Buffer> {
  const document = new PdfDocument();
  const bytes = buffer(document);
  document.text('One').addPage().text('Two').end();
  return bytes;
}

/** Signs twice, for real, and shows the result to other programs. */
async function signTwice(pdf: Buffer, options: SignatureOptions = {}) {
  const first = joined(await signPdf(pdf, options, signerOf(leader)));
  const second = joined(await signPdf(first, {}, signerOf(clerk)));
  expect(second.subarray(0, pdf.length).equals(pdf)).toBe(true);
  expect(second.subarray(0, first.length).equals(first)).toBe(true);
  expect(await pdfsig(first)).toEqual({ valid: 1, total: 1 });
  expect(await pdfsig(second)).toEqual({ valid: 2, total: 1 });
  return second;
}

describe('Signing', () => {
  const objects = [1, 2, 3, 5];
  it.each<[string, () => Buffer | Promise<Buffer>]>([
    ['a table', () => makePdf(onePage)],
    ['a table with CR LF', () => makePdf(onePage, { newLine: '\r\n' })],
    ['a table with CR', () => makePdf(onePage, { newLine: '\r' })],
    ['something before the header', () => makePdf(onePage, { before: 'mail header\n' })],
    ['no end of line', () => makePdf(onePage).subarray(0, -1)],
    ['a stream', () => makePdf(onePage, { section: 'stream' })],
    ['a stream and object streams', () => makePdf(onePage, { section: 'stream', packed: objects })],
    ['a table and a hidden stream', () => makePdf(onePage, { section: 'hybrid', packed: [5] })],
    ['a form', () => makePdf(formPage)],
    ['another writer', fromPdfkit],
    ['a linearised file', async () => qpdf(await fromPdfkit(), '--linearize')],
    ['packed objects', async () => qpdf(await fromPdfkit(), '--object-streams=generate')],
    [
      'AES-256 without a password',
      async () => qpdf(await fromPdfkit(), '--encrypt', '', 'owner', '256', '--'),
    ],
    [
      'RC4 without a password',
      async () =>
        qpdf(await fromPdfkit(), '--allow-weak-crypto', '--encrypt', '', 'owner', '128', '--'),
    ],
  ])('continues %s in its own way, and other programs agree', async (_, make) => {
    const pdf = await make();
    const signed = await signTwice(pdf, { reason: 'Phê duyệt', certify: 2 });
    const { signatures, findings } = examinePdf(signed);
    expect(findings).toEqual([]);
    expect(signatures).toMatchObject([
      {
        sound: true,
        certification: true,
        claims: { reason: 'Phê duyệt' },
        reach: 'whole-revision',
      },
      { sound: true, reach: 'whole-file' },
    ]);
    const kinds = PdfFile.open(signed).view.sections.map(({ kind }) => kind);
    expect(kinds[0]).toBe(kinds[2]);
    // It would complain about anything wrong in structure or encoding.
    await qpdf(signed);
  });

  const broken = makePdf(onePage);
  const replaced = (from: RegExp, to: string) =>
    Buffer.from(broken.toString('latin1').replace(from, to), 'latin1');
  it.each<[string, Buffer]>([
    ['no startxref', broken.subarray(0, broken.indexOf('startxref'))],
    ['a wrong startxref', replaced(/startxref\n\d+/, 'startxref\n7')],
    ['no trailer', broken.subarray(0, broken.indexOf('trailer'))],
    ['wrong offsets', replaced(/(\d{10}) 00000 n/g, '0000000001 00000 n')],
    ['one wrong offset', replaced(/\d{10} 00000 n/, '0000000001 00000 n')],
    ['a table that begins with 1', replaced(/xref\n0 6/, 'xref\n1 6')],
    ['a wrong stream length', replaced(/\/Length \d+/, '/Length 3')],
    ['no endobj', replaced(/endobj\n/g, '')],
    ['junk at its end', Buffer.concat([broken, Buffer.from('<html></html>'.repeat(50))])],
  ])('signs a file with %s so that no reader has to guess', async (_, pdf) => {
    const signed = await signTwice(pdf);
    expect(examinePdf(signed).signatures.at(-1)).toMatchObject({ sound: true });
  });

  it('makes a CMS that OpenSSL verifies over the signed ranges', async () => {
    const signed = joined(await signPdf(makePdf(onePage), {}, signerOf(leader)));
    const { byteRange, cms } = examinePdf(signed).signatures[0]!;
    const [, first, second, last] = byteRange!;
    ssl.write(
      'ranges',
      Buffer.concat([signed.subarray(0, first), signed.subarray(second, second + last)]),
    );
    ssl.write('cms', cms);
    ssl.certificates('root.pem', [root.certificate]);
    const parameters =
      '-verify -cades -binary -inform DER -in cms -content ranges -CAfile root.pem';
    const answer = await ssl.ask('cms', ...parameters.split(' '), '-purpose', 'any', '-out', 'x');
    expect(answer).toMatchObject({ ok: true });
  });

  it('asks again with more room when the CMS is larger than expected', async () => {
    const sizes: number[] = [];
    const signed = await signPdf(makePdf(onePage), { contentsBytes: 100 }, (digest, algorithm) => {
      sizes.push(digest.length);
      return signerOf(leader)(digest, algorithm);
    });
    expect(sizes).toHaveLength(2);
    expect(await pdfsig(joined(signed))).toEqual({ valid: 1, total: 1 });
    expect(() =>
      completeSignature(prepareSignature(makePdf(onePage), { contentsBytes: 9 }), anyCms),
    ).toThrow(expect.objectContaining({ code: 'too-small' }));
    const chain = [leader, authority, root].map(({ certificate }) => certificate.bytes);
    const cms = await signerOf(leader)(Buffer.alloc(32), 'sha256');
    expect(roomForCms(chain)).toBeGreaterThan(cms.length);
  });

  it('keeps a prepared signature for as long as the signer needs', async () => {
    const pdf = makePdf(onePage);
    const prepared = prepareSignature(pdf, { digest: 'sha512' });
    const kept = JSON.parse(JSON.stringify(prepared)) as typeof prepared;
    const restored = {
      ...kept,
      increment: Buffer.from(kept.increment),
      digest: Buffer.from(kept.digest),
    };
    const cms = await signerOf(leader)(restored.digest, 'sha512');
    expect(await pdfsig(Buffer.concat([pdf, completeSignature(restored, cms)]))).toEqual({
      valid: 1,
      total: 1,
    });
  });
});

describe('What earlier signatures forbid', () => {
  const form = makePdf(formPage);
  const by = signerOf(leader);
  let final: Buffer;
  let open: Buffer;
  beforeAll(async () => {
    final = joined(await signPdf(form, { certify: 1 }, by));
    open = joined(
      await signPdf(form, { certify: 2, lock: { action: 'Include', fields: ['approval'] } }, by),
    );
  });

  it.each<[string, () => Buffer, SignatureOptions]>([
    ['a signature after a final certification', () => final, {}],
    ['a second certification', () => open, { certify: 2 }],
    ['a locked field', () => open, { field: 'approval' }],
    ['a field that is no signature', () => form, { field: 'amount' }],
    [
      'a new visible signature after a certification',
      () => open,
      { placement: { page: 0, rectangle: [0, 0, 9, 9] } },
    ],
    ['a name with a point', () => form, { field: 'a.b' }],
  ])('refuses %s', (_, pdf, options) => {
    expect(() => prepareSignature(pdf(), options)).toThrow(
      expect.objectContaining({ code: 'not-permitted' }),
    );
  });

  it('refuses what it cannot read, and says why', async () => {
    const code = (pdf: Buffer, options?: SignatureOptions) => {
      try {
        prepareSignature(pdf, options);
        return undefined;
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    const secret = await qpdf(form, '--encrypt', 'người dùng', 'owner', '256', '--');
    expect(code(Buffer.from('no PDF at all'))).toBe('not-pdf');
    expect(code(Buffer.from('%PDF-1.7 cut'))).toBe('damaged');
    expect(code(makePdf(onePage).subarray('%PDF-1.6\n'.length))).toBe('not-pdf');
    expect(code(makePdf({ 1: '<</Type/Catalog/Pages 2 0 R>>', 2: 'null' }))).toBe('damaged');
    expect(code(form, { placement: { page: 7, rectangle: [0, 0, 9, 9] } })).toBe('not-found');
    expect(code(secret)).toBe('encrypted');
    expect(code(secret, { password: 'người dùng' })).toBeUndefined();
  });
});
