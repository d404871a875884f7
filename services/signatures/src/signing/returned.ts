import { Invalid, SignatureRefused } from '@eoffice/contracts';
import { DerError } from '@eoffice/signing/asn1/der';
import { CmsSigner, SignatureMismatch } from '@eoffice/signing/cms/sign-cms';
import { PdfError } from '@eoffice/signing/pdf/pdf-error';
import { PdfFile } from '@eoffice/signing/pdf/reader/pdf-file';
import { completeSignature } from '@eoffice/signing/pdf/sign/prepare';
import { changesBetween } from '@eoffice/signing/pdf/verify/changes';
import type { PdfSignature } from '@eoffice/signing/pdf/verify/facts';
import { revisionsOf } from '@eoffice/signing/pdf/verify/revisions';
import { sideOf } from '@eoffice/signing/pdf/verify/step';
import { verifyPdf } from '@eoffice/signing/pdf/verify/verify-pdf';
import type { SignatureScheme } from '@eoffice/signing/x509/algorithms';
import type { Certificate } from '@eoffice/signing/x509/certificate';
import type { Signature } from './signature.js';
import { signingRequirements, type TrustedChain } from './trusted-certificate.js';

/** What a key somewhere made of a prepared signature; exactly one of signature, CMS and file. */
export interface Returned {
  signature?: Buffer;
  /** Of that signature, when it is not made in the usual way. */
  scheme?: SignatureScheme;
  cms?: Buffer;
  file?: Buffer;
}

/** What a time stamp with its chain may take: tokens of 12 KB have been met. */
export const stampBytes = 16 * 1024;

/** What signing alone does to a document: nothing else may have happened to it meanwhile. */
const onlySigning = new Set([
  ...['signature-added', 'signature-field-added', 'form-resources-added'],
  ...['signature-covers-content', 'version-raised', 'structure-extended'],
]);

/** Makes CMS for PAdES: no signing time in it (EN 319 142-1, 6.3), the chain beside the signature. */
export const signerFor = (
  certificate: Certificate,
  { chain }: Pick<TrustedChain, 'chain'>,
  scheme?: SignatureScheme,
) => new CmsSigner({ certificate, chain, scheme });

/**
 * Takes what came back for a prepared signature: its own revision, so that base and increment are the
 * signed file. Throws SignatureRefused for whatever is not exactly that.
 */
export function takeIn(
  base: Buffer,
  row: Signature,
  returned: Returned,
  certificate: Certificate,
  trusted: TrustedChain,
): Buffer {
  try {
    if (returned.file) return takeFile(base, row, returned.file, certificate, trusted);
    const cms =
      returned.cms ?? cmsOf(row, returned, signerFor(certificate, trusted, returned.scheme));
    mustBeSigned(signedFile(base, row, cms), row, certificate, trusted);
    return cms;
  } catch (error) {
    if (error instanceof SignatureMismatch) throw otherKey();
    if (error instanceof PdfError || error instanceof DerError) throw refused(error.message);
    throw error;
  }
}

/** The whole file with this CMS in its place. Throws PdfError when it has no room there. */
export const signedFile = (base: Buffer, row: Signature, cms: Buffer): Buffer =>
  Buffer.concat([base, completeSignature(row.prepared, cms)]);

const cmsOf = ({ digest }: Signature, { signature }: Returned, signer: CmsSigner) =>
  signer.prepare({ content: { digest } }).complete(signature!);

/** A program that signs whole files has appended its own revision: that one alone is taken. */
function takeFile(
  base: Buffer,
  row: Signature,
  file: Buffer,
  certificate: Certificate,
  trusted: TrustedChain,
): Buffer {
  if (!file.subarray(0, base.length).equals(base)) {
    throw refused('it does not begin with the file that was given out', notThisFile);
  }
  const opened = PdfFile.open(file, { strict: true });
  const revisions = revisionsOf(opened);
  const before = revisionsOf(PdfFile.open(base)).length;
  if (revisions.length !== before + 1) throw refused('not one revision was added', notThisFile);
  const changes = changesBetween(sideOf(revisions.at(-2)!.view), sideOf(revisions.at(-1)!.view));
  const strange = changes.find(({ code }) => !onlySigning.has(code));
  if (strange) throw refused(`${strange.code}: ${strange.detail}`, notThisFile);
  const facts = mustBeSigned(file, row, certificate, trusted);
  const [, start, end] = facts.byteRange!;
  const contentsBytes = (end - start - 2) / 2;
  if (contentsBytes < facts.cms.length + stampBytes) throw noRoom();
  row.field = facts.field;
  row.increment = file.subarray(base.length);
  row.byteRange = facts.byteRange!;
  row.contentsBytes = contentsBytes;
  row.digest = facts.digest('sha256');
  row.digestAlgorithm = 'sha256';
  return facts.cms;
}

/** The last signature is over the whole file, valid, and by this certificate; earlier ones stand. */
export function mustBeSigned(
  file: Buffer,
  row: Signature,
  certificate: Certificate,
  trusted: TrustedChain,
): PdfSignature {
  const question = { ...trusted, requirements: signingRequirements(new Date()) };
  const { signatures, examination } = verifyPdf(file, question);
  const last = signatures.at(-1);
  const broken = signatures.find(({ facts }) => !facts.sound);
  if (!last || last.facts.reach !== 'whole-file') throw refused('it does not cover the file');
  if (broken) {
    const all = [...broken.facts.findings, ...examination.findings, ...broken.facts.changes];
    throw refused(`${broken.facts.field}: ${all.map(({ code }) => code).join(', ')}`);
  }
  if (last.signer?.certificate && !last.signer.certificate.equals(certificate)) throw otherKey();
  if (last.valid) return last.facts;
  throw refused(last.failures.map(({ code }) => code).join(', '));
}

/** Exactly one way back. Throws Invalid. */
export function mustBeOneWay(given: Returned): Returned {
  if (Object.values(given).filter((each) => each !== undefined).length === 1) return given;
  const detail = {
    vi: 'cần đúng một trong signature, cms, ticket',
    en: 'give exactly one of signature, cms and ticket',
  };
  throw new Invalid([{ pointer: '/signature', detail }]);
}

const notThisFile = 'Tệp gửi về không phải tệp đã giao cộng thêm đúng một chữ ký';
const refused = (why: string, vi = 'Chữ ký không khớp với văn bản đã chuẩn bị') =>
  new SignatureRefused({ vi, en: `It does not sign what was prepared: ${why}`.slice(0, 300) });
const noRoom = () =>
  new SignatureRefused({
    vi: `Chữ ký trong tệp phải chừa chỗ ${stampBytes / 1024} KB cho dấu thời gian`,
    en: `The signature in the file must leave ${stampBytes / 1024} KB of room for a time stamp`,
  });
const otherKey = () =>
  new SignatureRefused({
    vi: 'Chữ ký không do khóa của chứng thư đã chọn tạo ra',
    en: 'The signature is not by the key of the certificate that was chosen',
  });
