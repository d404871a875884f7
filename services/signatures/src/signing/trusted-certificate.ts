import { randomBytes } from 'node:crypto';
import { type Anchor, CertificateRefused, StatusUnknown } from '@eoffice/contracts';
import { DerError } from '@eoffice/signing/asn1/der';
import { AlgorithmError } from '@eoffice/signing/x509/algorithms';
import type { Certificate } from '@eoffice/signing/x509/certificate';
import { keyUsages } from '@eoffice/signing/x509/extensions';
import { OcspResponse, ocspRequest } from '@eoffice/signing/x509/ocsp';
import type { PathRequirements } from '@eoffice/signing/x509/path-validation';
import { Revocation } from '@eoffice/signing/x509/revocation';
import { anchorOf, type TrustAnchor } from '@eoffice/signing/x509/trust-anchor';
import { type PathVerdict, verifyPath } from '@eoffice/signing/x509/verify-path';
import type { EntityManager } from 'typeorm';
import { readAuthorities } from '../trust/read-authorities.js';
import { anchorsFor } from '../trust/trusted.js';

/** Roots for one purpose, and the certificates below them that are known. */
export interface Roots {
  anchors: TrustAnchor[];
  certificates: Certificate[];
  /** Where to ask about the subscribers of each root, by its fingerprint. */
  responders: Map<string, string>;
}

/** The chain of a certificate that may sign now, and what its authority said of it. */
export interface TrustedChain extends Roots {
  chain: Certificate[];
  ocsp?: Buffer;
}

const maxResponseBytes = 64 * 1024;
const ocspTimeoutMs = 5_000;

/** Roots of today that agencies may sign or stamp under; those of the public are not for them. */
export async function rootsFor(
  manager: EntityManager,
  purpose: 'signing' | 'time-stamping',
  day: string,
): Promise<Roots> {
  const rows = (await anchorsFor(manager, purpose)).filter(
    ({ list, validTo }) => list !== 'public' && (!validTo || validTo >= day),
  );
  const roots: Roots = { anchors: [], certificates: [], responders: new Map() };
  for (const row of rows) addRoot(roots, row);
  return roots;
}

function addRoot(roots: Roots, { pem, intermediates, ocspUrl }: Anchor) {
  const [root] = readAuthorities(pem);
  roots.anchors.push(anchorOf(root!));
  if (intermediates) roots.certificates.push(...readAuthorities(intermediates));
  if (ocspUrl) roots.responders.set(root!.fingerprint, ocspUrl);
}

/** What every signing certificate is asked of, at a moment. */
export const signingRequirements = (time: Date): PathRequirements => ({
  time,
  endEntity: true,
  keyUsage: keyUsages.digitalSignature | keyUsages.nonRepudiation,
});

/**
 * Makes sure that a certificate may sign now: a path to a trusted root, and the word of its authority
 * where one is entered to be asked. Throws CertificateRefused or StatusUnknown.
 */
export async function mustBeTrusted(certificate: Certificate, roots: Roots): Promise<TrustedChain> {
  const requirements = signingRequirements(new Date());
  const verdict = verifyPath(certificate, { ...roots, requirements });
  if (!verdict.valid) throw untrusted(verdict);
  const { path, anchor } = verdict;
  const chain = [...path!].reverse();
  const responder = roots.responders.get(anchor!.certificate!.fingerprint);
  if (!responder) return { ...roots, chain };
  const issuerKey = (chain[1] ?? anchor!.certificate!).publicKey;
  const nonce = randomBytes(16);
  const ocsp = await ask(responder, ocspRequest(certificate, issuerKey, nonce));
  const material = { ocsp: [read(ocsp)], certificates: roots.certificates };
  const options = { scope: 'target', nonce } as const;
  const asked = verifyPath(certificate, {
    ...{ ...roots, requirements },
    revocation: new Revocation(material, requirements, options),
  });
  if (asked.valid) return { ...roots, chain, ocsp };
  const unknown = asked.failures.find(({ code }) => code === 'revocation-unknown');
  throw unknown && !saidUnknown(asked) ? silent(unknown.detail) : untrusted(asked);
}

/** A responder that does not know a certificate has said so: that is an answer. */
const saidUnknown = ({ statuses }: PathVerdict): boolean => {
  const last = statuses.at(-1);
  return last?.status === 'unknown' && last.said === true;
};

async function ask(url: string, request: Buffer): Promise<Buffer> {
  try {
    const reply = await fetch(url, {
      ...{ method: 'POST', body: new Uint8Array(request), redirect: 'error' },
      headers: { 'content-type': 'application/ocsp-request' },
      signal: AbortSignal.timeout(ocspTimeoutMs),
    });
    if (!reply.ok) throw silent(`it answers ${reply.status}`);
    return await bytesOf(reply, maxResponseBytes);
  } catch (error) {
    throw error instanceof StatusUnknown ? error : silent((error as Error).message);
  }
}

/** The body of a reply of at most so many bytes. Throws RangeError for more. */
export async function bytesOf(reply: Response, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of reply.body ?? []) {
    size += part.length;
    if (size > maxBytes) throw new RangeError('the answer is too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function read(response: Buffer): OcspResponse {
  try {
    return OcspResponse.read(response);
  } catch (error) {
    if (error instanceof DerError || error instanceof AlgorithmError) throw silent(error.message);
    throw error;
  }
}

const silent = (why = '') =>
  new StatusUnknown({
    vi: 'Máy chủ OCSP không trả lời đúng; chưa ký',
    en: `The OCSP responder gives no good answer (${why}); nothing was signed`.slice(0, 300),
  });

function untrusted({ failures }: PathVerdict): CertificateRefused {
  const codes = failures.map(({ code }) => code);
  const rules = failures.map(({ code, detail }) => (detail ? `${code} (${detail})` : code));
  return new CertificateRefused({
    vi: reasons.find(([code]) => codes.includes(code as (typeof codes)[number]))?.[1] ?? otherwise,
    en: `No path to a trusted root: ${rules.join(', ')}`.slice(0, 300),
  });
}

const otherwise = 'Chứng thư không dẫn tới tổ chức chứng thực được tin cậy';
const reasons: [string, string][] = [
  ['revoked', 'Chứng thư đã bị thu hồi'],
  ['expired', 'Chứng thư đã hết hạn'],
  ['not-yet-valid', 'Chứng thư chưa có hiệu lực'],
  ['key-usage', 'Chứng thư không dùng để ký'],
];
