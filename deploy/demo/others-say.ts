import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { examinePdf } from '@eoffice/signing/pdf/verify/examine';
import { tell } from './timeline.js';

/** What other programs say of a signed file: poppler's pdfsig, and OpenSSL of each CMS in it. */
export async function letOthersSay(pdf: Buffer, folder: string, root: Buffer) {
  const file = join(folder, 'van-ban-da-ky.pdf');
  await writeFile(file, pdf);
  for (const line of await said('pdfsig', ['-nocert', file])) {
    if (
      /^Signature #|Signer Certificate Common Name|Signature Validation|Total document/.test(line)
    )
      tell('pdfsig', line.trim().replace(/^- /, ''));
  }
  const anchor = join(folder, 'goc-thu-nghiem.pem');
  await writeFile(anchor, pemOf(root));
  for (const { field, cms, byteRange } of examinePdf(pdf).signatures) {
    const [, first, second, last] = byteRange!;
    const [signed, content] = [join(folder, `${field}.p7s`), join(folder, `${field}.bin`)];
    await writeFile(signed, cms);
    const ranges = [pdf.subarray(0, first), pdf.subarray(second, second + last)];
    await writeFile(content, Buffer.concat(ranges));
    const question = ['-verify', '-binary', '-inform', 'DER', '-in', signed, '-content', content];
    const parameters = [...question, '-CAfile', anchor, '-purpose', 'any', '-out', '/dev/null'];
    for (const line of await said('openssl', ['cms', ...parameters])) {
      tell('openssl cms', `${field}: ${line.trim()}`);
    }
  }
}

/** What a program prints, line by line; one sentence where it is not installed. */
async function said(program: string, parameters: string[]): Promise<string[]> {
  const answer = await promisify(execFile)(program, parameters).catch(
    (error: { code?: string | number; stdout?: string; stderr?: string }) => error,
  );
  if ('code' in answer && answer.code === 'ENOENT') {
    return [`Signature Validation: ${program} is not installed here, so it says nothing`];
  }
  const lines = `${answer.stdout ?? ''}${answer.stderr ?? ''}`.split('\n');
  return lines.filter((line) => line.trim() !== '');
}

const pemOf = (der: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
