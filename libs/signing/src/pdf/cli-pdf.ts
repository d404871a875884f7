import { createPrivateKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import {
  blocksOf,
  bytesIn,
  listOf,
  mustBytes,
  pathInputs,
  type Input,
  InputError,
} from '../cli/inputs.js';
import { signerOutput, verdictOf, type Verdict } from '../cli/outputs.js';
import { CmsSigner, LocalKey } from '../cms/sign-cms.js';
import { Certificate } from '../x509/certificate.js';
import { PdfError } from './pdf-error.js';
import type { Permissions } from './sign/permissions.js';
import { joined, roomForCms } from './sign/prepare.js';
import { signPdf } from './sign/sign-pdf.js';
import type { PdfDigest, SignatureOptions } from './sign/signature-options.js';
import type { Finding } from './verify/findings.js';
import { verifyPdf, type PdfSignatureVerdict } from './verify/verify-pdf.js';

const texts = ['field', 'name', 'reason', 'location', 'contact', 'password'] as const;

/**
 * `verify-pdf`: `pdf` (base64) or `file` (a path), and the fields of a question about a path. The
 * answer is valid when every signature is; without signatures it is indeterminate.
 */
export async function verifyPdfCommand(input: Input): Promise<object> {
  const pdf = await documentIn(input);
  const { skipped, ...question } = pathInputs(input);
  const level = permissionsIn(input, 'withoutCertification');
  const password = textIn(input, 'password');
  try {
    const { examination, signatures } = verifyPdf(pdf, {
      ...question,
      examination: {
        ...(level && { withoutCertification: level }),
        ...(password !== undefined && { password }),
      },
    });
    const verdicts = signatures.map(outputOf);
    return {
      verdict: worst(verdicts.map(({ verdict }) => verdict)),
      reasons: examination.findings,
      revisions: examination.revisions,
      signatures: verdicts,
      ...(skipped.length > 0 && { skipped }),
    };
  } catch (error) {
    return refused(error);
  }
}

/**
 * `sign-pdf`: `pdf` or `file`, `key` (PEM), `certificate`, `chain`, and what the signature says
 * (`field`, `reason`, `certify` …). The answer has the signed `pdf` in base64, or writes it to `out`.
 */
export async function signPdfCommand(input: Input): Promise<object> {
  const pdf = await documentIn(input);
  const certificate = Certificate.read(mustBytes(input, 'certificate'));
  const chain = listOf(input, 'chain').flatMap((item) =>
    blocksOf(item, 'chain').map((bytes) => Certificate.read(bytes)),
  );
  const key = new LocalKey(
    createPrivateKey(mustText(input, 'key')),
    new CmsSigner({ certificate, chain }),
  );
  const options: SignatureOptions = {
    ...optionsIn(input),
    contentsBytes: roomForCms([certificate, ...chain].map(({ bytes }) => bytes)),
    digest: digestOf(new CmsSigner({ certificate }).digest),
  };
  try {
    const signed = await signPdf(pdf, options, (digest) =>
      Promise.resolve(key.sign({ content: { digest } })),
    );
    const { field, warnings } = signed;
    const out = textIn(input, 'out');
    if (out === undefined) return { field, warnings, pdf: joined(signed).toString('base64') };
    await writeFile(out, joined(signed));
    return { field, warnings, out };
  } catch (error) {
    return refused(error);
  }
}

function outputOf({ facts, signer, failures, moment, proved, valid }: PdfSignatureVerdict) {
  const refusals: Finding[] = [
    ...facts.findings,
    ...facts.changes.filter(({ permitted }) => !permitted),
  ];
  const bySigner = verdictOf(failures);
  const verdict: Verdict = valid ? 'valid' : facts.sound ? bySigner : 'invalid';
  return {
    verdict,
    field: facts.field,
    kind: facts.kind,
    reasons: [...refusals, ...failures],
    reach: facts.reach,
    revision: facts.revision,
    changes: facts.changes,
    ...(facts.permissions && { permissions: facts.permissions }),
    certification: facts.certification,
    claims: facts.claims,
    ...(facts.placement && { placement: facts.placement }),
    moment,
    proved,
    ...(signer && { signer: signerOutput(signer) }),
  };
}

function worst(verdicts: Verdict[]): Verdict {
  if (verdicts.includes('invalid')) return 'invalid';
  return verdicts.length === 0 || verdicts.includes('indeterminate') ? 'indeterminate' : 'valid';
}

function refused(error: unknown): object {
  if (!(error instanceof PdfError)) throw error;
  return { verdict: 'invalid', reasons: [{ code: error.code, detail: error.message }] };
}

async function documentIn(input: Input): Promise<Buffer> {
  const path = textIn(input, 'file');
  if (path === undefined) return bytesIn(input, 'pdf') ?? mustBytes(input, 'pdf');
  try {
    return await readFile(path);
  } catch {
    throw new InputError(`file: ${path} cannot be read`);
  }
}

function optionsIn(input: Input): SignatureOptions {
  const options: SignatureOptions = {};
  for (const name of texts) {
    const value = textIn(input, name);
    if (value !== undefined) options[name] = value;
  }
  const certify = permissionsIn(input, 'certify');
  return certify ? { ...options, certify } : options;
}

function permissionsIn(input: Input, field: string): Permissions | undefined {
  const value = input[field];
  if (value === undefined || value === 1 || value === 2 || value === 3) return value;
  throw new InputError(`${field}: 1, 2 or 3`);
}

function textIn(input: Input, field: string): string | undefined {
  const value = input[field];
  if (value === undefined || typeof value === 'string') return value;
  throw new InputError(`${field}: a text`);
}

function mustText(input: Input, field: string): string {
  const value = textIn(input, field);
  if (value === undefined) throw new InputError(`${field}: is missing`);
  return value;
}

/** Keys of Edwards curves hash in their own way; the document is then hashed with SHA-512. */
function digestOf(name: string): PdfDigest {
  if (name === 'sha256' || name === 'sha384' || name === 'sha512') return name;
  throw new InputError(`certificate: its key signs with ${name}, which PDF does not know`);
}
