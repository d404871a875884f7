import { Certificate } from '../x509/certificate.js';
import type { CertificateList } from '../x509/crl.js';
import type { PublicKey } from '../x509/keys.js';
import type { OcspResponse } from '../x509/ocsp.js';
import type { CertificateStatus } from '../x509/status.js';
import { Revocation } from '../x509/revocation.js';
import type { TrustAnchor } from '../x509/trust-anchor.js';
import { Work, WorkLimit } from '../x509/work.js';
import { everyAlgorithm, usesOfSigned } from './algorithm-ends.js';
import type { Chain } from './chains.js';
import type { AlgorithmUse, Hash } from './diagnostic.js';
import type { Evidence } from './evidence.js';

/** What one CRL or response says of one certificate. */
export interface StatusFact {
  status: 'good' | 'revoked';
  /** The evidence that says so. */
  evidence: Hash[];
  issued: Date;
  nextUpdate?: Date;
  revokedAt?: Date;
  reason?: string;
  algorithms: AlgorithmUse[];
  /** Until when the certificate of who signed it is valid; absent for an anchor. */
  signerEnds?: Date;
}

const maxMoments = 200;

/**
 * Everything the evidence says about the certificates of a chain, by certificate. Each piece is
 * asked at the moment it was made, when whoever signed it must have been valid; what it is worth
 * today is for the caller.
 */
export function statusFactsOf(
  chain: Chain,
  evidence: Evidence,
  now: Date,
): Map<Hash, StatusFact[]> {
  const facts = new Map<Hash, StatusFact[]>(chain.path.map(({ fingerprint }) => [fingerprint, []]));
  if (chain.path.length === 0) return facts;
  const work = new Work();
  try {
    for (const moment of momentsOf(evidence, now)) {
      collect(facts, chain, evidence, moment, work);
    }
  } catch (error) {
    // What was found so far stays; what is missing stays unknown.
    if (!(error instanceof WorkLimit)) throw error;
  }
  return facts;
}

function momentsOf({ crls, ocsp }: Evidence, now: Date): Date[] {
  const moments = new Set<number>();
  for (const { thisUpdate } of crls.values()) moments.add(+thisUpdate);
  for (const response of ocsp.values()) for (const time of madeAt(response)) moments.add(time);
  return [...moments]
    .filter((time) => time <= +now)
    .sort((a, b) => b - a)
    .slice(0, maxMoments)
    .map((time) => new Date(time));
}

/** When a response can be asked about each of its certificates. */
const madeAt = ({ producedAt, responses }: OcspResponse): number[] =>
  responses.map(({ thisUpdate }) => Math.max(+producedAt, +thisUpdate));

function collect(
  facts: Map<Hash, StatusFact[]>,
  { path, anchor }: Chain,
  evidence: Evidence,
  moment: Date,
  work: Work,
): void {
  const current = ({ thisUpdate, nextUpdate }: CertificateList) =>
    thisUpdate <= moment && (nextUpdate === undefined || nextUpdate >= moment);
  const material = {
    crls: [...evidence.crls.values()].filter(current),
    ocsp: [...evidence.ocsp.values()].filter((one) => madeAt(one).includes(+moment)),
    certificates: [...evidence.certificates.values()],
  };
  const requirements = { time: moment, algorithms: everyAlgorithm, anchorConstraints: false };
  const { statuses } = new Revocation(material, requirements).check({ path, anchor }, work);
  for (const [i, status] of statuses.entries()) {
    const certificate = path[i]!;
    const fact = factOf(status, certificate, path[i - 1] ?? anchor, evidence);
    const known = facts.get(certificate.fingerprint)!;
    const mark = fact?.evidence.join();
    if (fact && known.every((one) => one.evidence.join() !== mark)) known.push(fact);
  }
}

type Piece = CertificateList | OcspResponse;

function factOf(
  found: CertificateStatus,
  certificate: Certificate,
  issuer: Certificate | TrustAnchor,
  evidence: Evidence,
): StatusFact | undefined {
  if (found.status !== 'good' && found.status !== 'revoked') return undefined;
  const { fingerprints } = found.source;
  const pieces: Piece[] = fingerprints.flatMap(
    (one) => evidence.crls.get(one) ?? evidence.ocsp.get(one) ?? [],
  );
  const [newest] = pieces.flatMap(updatesOf).sort((a, b) => +b.thisUpdate - +a.thisUpdate);
  if (!newest) return undefined;
  if (found.status === 'good' && pieces.every((one) => hasForgotten(one, certificate))) {
    return undefined;
  }
  const signers = pieces.map((one) => signerOf(one, issuer, evidence));
  const ends = signers.flatMap((one) => (one instanceof Certificate ? [+one.notAfter] : []));
  return {
    status: found.status,
    evidence: fingerprints,
    issued: newest.thisUpdate,
    ...(newest.nextUpdate && { nextUpdate: newest.nextUpdate }),
    ...(found.status === 'revoked' && { revokedAt: effective(found), reason: found.reason }),
    ...(ends.length > 0 && { signerEnds: new Date(Math.min(...ends)) }),
    algorithms: pieces.flatMap((one, i) =>
      usesOfSigned(one.signatureAlgorithm, keyOf(signers[i]!)),
    ),
  };
}

const effective = ({ at, invalidSince }: { at: Date; invalidSince?: Date }) =>
  invalidSince && invalidSince < at ? invalidSince : at;

const updatesOf = (piece: Piece): { thisUpdate: Date; nextUpdate?: Date }[] =>
  'responses' in piece ? piece.responses : [piece];

const keyOf = (signer: Certificate | TrustAnchor): PublicKey =>
  signer instanceof Certificate ? signer.publicKey : signer.key;

/** Who signed a piece of evidence: the issuer, or another whose certificate is at hand. */
function signerOf(piece: Piece, issuer: Certificate | TrustAnchor, { certificates }: Evidence) {
  if (piece.signedBy(keyOf(issuer))) return issuer;
  for (const one of certificates.values()) {
    if (!one.malformed && piece.signedBy(one.publicKey)) return one;
  }
  return issuer;
}

/** Whether evidence from after a certificate's end may be silent about it (X.509, 9.5.2.8). */
function hasForgotten(piece: Piece, { notAfter }: Certificate): boolean {
  const updates =
    'responses' in piece
      ? piece.responses.map(({ thisUpdate, archiveCutoff }) => [thisUpdate, archiveCutoff] as const)
      : [[piece.thisUpdate, piece.expiredCertificatesFrom] as const];
  return updates.every(
    ([thisUpdate, from]) => thisUpdate > notAfter && (from === undefined || from > notAfter),
  );
}
