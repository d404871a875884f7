import { hash, randomBytes } from 'node:crypto';
import { CmsSigner, LocalKey } from '@eoffice/signing/cms/sign-cms';
import { SignedData } from '@eoffice/signing/cms/signed-data';
import { withTimeStamp } from '@eoffice/signing/cms/stamped-cms';
import { timeStampRequest, tokenOf } from '@eoffice/signing/cms/time-stamp';
import { answerTimeStampRequest } from '@eoffice/signing/cms/time-stamp-authority';
import { addValidationData } from '@eoffice/signing/pdf/sign/validation-data';
import { type SignDigest, type SignedPdf, signPdf } from '@eoffice/signing/pdf/sign/sign-pdf';
import type { SignatureOptions } from '@eoffice/signing/pdf/sign/signature-options';
import { authority, leader, root, signerOf, stamper } from '@eoffice/signing/pdf/testing/signers';
import type { Party } from '@eoffice/signing/testing/authority';
import { crl, type Revoked } from '@eoffice/signing/testing/revocation';
import { pdfOf } from './files.js';

// Signed PDFs as other agencies send them, and what of their makers a spec has to trust.

const hourMs = 3_600_000;

export const pemOf = ({ certificate }: Party): string =>
  `-----BEGIN CERTIFICATE-----\n${certificate.bytes.toString('base64')}\n-----END CERTIFICATE-----\n`;

/** The rows by which a service trusts who signs and stamps here, on a list. */
export const trustOfSigners = (list: 'official-duty' | 'public' | 'trial') =>
  (['signing', 'time-stamping'] as const).map((purpose) => ({
    ...{ name: 'Tổ chức chứng thực', list, purpose, pem: pemOf(root) },
    ...{ validFrom: '2024-01-01', legalBasis: 'Chỉ để kiểm thử' },
  }));

export const whole = ({ original, increment }: Pick<SignedPdf, 'original' | 'increment'>): Buffer =>
  Buffer.concat([original, increment]);

export interface SignedWish extends SignatureOptions {
  party?: Party;
  /** Whose time stamp it bears. */
  stampedBy?: Party;
  /** When the time stamp says it was signed; null for none. An hour ago if not said. */
  stampedAt?: Date | null;
  /** Keeps certificates and status in the document (PAdES B-LT); true if not said. */
  lasting?: boolean;
  revoked?: Revoked[];
}

/** Status lists of both authorities, current from two hours ago for a day. */
export const currentCrls = (revoked: Revoked[] = []) => {
  const [from, to] = [-2, 22].map((hours) => new Date(Date.now() + hours * hourMs).toISOString());
  return [crl(root, { from, to }), crl(authority, { from, to, revoked })];
};

/** Signs a PDF that is there already. */
export async function signAgain(pdf: Buffer, wish: SignedWish = {}): Promise<Buffer> {
  const { party = leader, stampedBy = stamper, lasting = true, revoked, ...rest } = wish;
  const { stampedAt = new Date(Date.now() - hourMs), ...options } = rest;
  const sign = stampedAt === null ? signerOf(party) : stamping(party, stampedBy, stampedAt);
  const signed = whole(await signPdf(pdf, options, sign));
  if (!lasting) return signed;
  const data = {
    certificates: [party, stampedBy, authority, root].map(({ certificate }) => certificate.bytes),
    crls: currentCrls(revoked).map(({ bytes }) => bytes),
    ocspResponses: [],
  };
  return whole(addValidationData(signed, data));
}

/** Signs as one party, with a time stamp of another over the signature (PAdES B-T). */
function stamping(party: Party, by: Party, time: Date): SignDigest {
  const { certificate, keys } = by;
  const key = new LocalKey(keys.privateKey, new CmsSigner({ certificate }));
  return async (digest, algorithm) => {
    const cms = Buffer.from(await signerOf(party)(digest, algorithm));
    const { signature } = SignedData.read(cms).signers[0]!;
    const imprint = { digest: 'sha256' as const, hash: hash('sha256', signature, 'buffer') };
    const options = { time, serial: randomBytes(8), policy: '2.999.1' };
    const answer = answerTimeStampRequest(timeStampRequest({ imprint }), key, options);
    return withTimeStamp(cms, tokenOf(answer));
  };
}

/** A PDF with these lines, signed. */
export const signedPdf = async (lines: string[], wish: SignedWish = {}): Promise<Buffer> =>
  signAgain(await pdfOf(...lines), wish);

/** The same document after somebody changed what its page shows, in a revision that was not signed. */
export function tampered(pdf: Buffer): Buffer {
  const changed = Buffer.from(pdf);
  const start = changed.indexOf('stream\n', 0, 'latin1');
  // Inside the first content stream, which the signature covers.
  changed[start + 'stream\n'.length + 12]! ^= 1;
  return changed;
}
