import { DerError } from '../asn1/der.js';
import { type Failure, failure } from '../failures.js';
import { AlgorithmError } from '../x509/algorithms.js';
import type { Certificate } from '../x509/certificate.js';
import { Revocation, type RevocationMaterial, type RevocationOptions } from '../x509/revocation.js';
import type { PathRequirements } from '../x509/path-validation.js';
import { authoritiesOf, type TrustAnchor } from '../x509/trust-anchor.js';
import { type PathVerdict, verifyPath } from '../x509/verify-path.js';
import { Work, WorkLimit } from '../x509/work.js';
import { checkSigner, Content, type SignedContent } from './check-signer.js';
import type { SignedData } from './signed-data.js';
import type { SignerInfo } from './signer-info.js';
import { type CertificateReference, matches, signingCertificates } from './signing-certificate.js';

export interface CmsQuestion {
  /** The content of a detached signature. */
  content?: SignedContent;
  /** Certificates besides those that the signature carries. */
  certificates?: readonly Certificate[];
  anchors: readonly TrustAnchor[];
  /** What is asked of the signer's path. */
  requirements: PathRequirements;
  /** Absent: revocation is not asked. Material inside the signature is used too. */
  revocation?: RevocationMaterial;
  revocationOptions?: RevocationOptions;
  /** Whether the signer's certificate must be bound into the signature (CAdES, PAdES). */
  bound?: boolean;
}

/** What is true of one signature. It is valid when `failures` is empty. */
export interface SignerVerdict {
  signer: SignerInfo;
  certificate?: Certificate;
  /** Whether the signature is sound, whoever made it. */
  intact: boolean;
  failures: Failure[];
  path?: PathVerdict;
  countersignatures: SignerVerdict[];
}

/** Verifies every signature of a SignedData: first what was signed, then who did. */
export function verifySignedData(signed: SignedData, question: CmsQuestion): SignerVerdict[] {
  const work = new Work();
  return signed.signers.map((signer) => verifyOneSigner(signer, signed, question, work));
}

/** The same for one of its signatures. */
export function verifyOneSigner(
  signer: SignerInfo,
  signed: SignedData,
  question: CmsQuestion,
  work = new Work(),
): SignerVerdict {
  const given = signed.content ?? question.content;
  if (given === undefined) return refused(signer, failure('content-missing'));
  // Detached content may be given along with content inside, but then they must be one.
  if (signed.content && question.content && !same(signed.content, question.content)) {
    return refused(signer, failure('content-ambiguous', undefined, 'two different contents'));
  }
  return within(signer, () =>
    verifySigner(signer, new Content(given), { signed, question, work }, signed.contentType),
  );
}

interface Context {
  signed: SignedData;
  question: CmsQuestion;
  /** What all signatures of one SignedData may cost together. */
  work: Work;
}

function within(signer: SignerInfo, verify: () => SignerVerdict): SignerVerdict {
  try {
    return verify();
  } catch (error) {
    if (error instanceof WorkLimit) return refused(signer, failure('work-limit'));
    if (!(error instanceof DerError) && !(error instanceof AlgorithmError)) throw error;
    return refused(signer, failure('malformed-cms', undefined, error.message));
  }
}

function same(inside: Buffer, given: SignedContent): boolean {
  return typeof given === 'function' ? false : inside.equals(given);
}

const refused = (signer: SignerInfo, one: Failure): SignerVerdict => ({
  signer,
  intact: false,
  failures: [one],
  countersignatures: [],
});

function verifySigner(
  signer: SignerInfo,
  content: Content,
  context: Context,
  contentType?: string,
): SignerVerdict {
  const { signed, question, work } = context;
  const certificate = signed.certificateOf(signer, question.certificates);
  if (!certificate) return refused(signer, failure('signer-unknown'));
  if (certificate.malformed) {
    return refused(signer, failure('malformed-extension', certificate, certificate.malformed));
  }
  const { requirements, bound } = question;
  work.signature(certificate.publicKey, content.bytes?.length);
  const path = pathOf(certificate, context);
  const unsound = checkSigner(signer, {
    certificate,
    key: path.path && authoritiesOf(path.anchor!, path.path).at(-1)!.key,
    content,
    contentType,
    digestAlgorithms: contentType === undefined ? undefined : signed.digestAlgorithms,
    time: requirements.time,
    algorithms: requirements.algorithms,
    bound: contentType !== undefined && bound,
  });
  const strayed = path.valid && !confined(signer, path) ? [failure('signing-certificate')] : [];
  return {
    signer,
    certificate,
    intact: unsound.length === 0,
    failures: [...unsound, ...path.failures, ...strayed],
    path,
    countersignatures: countersignaturesOf(signer, context),
  };
}

function pathOf(certificate: Certificate, { signed, question, work }: Context): PathVerdict {
  const { requirements, anchors, revocation, revocationOptions } = question;
  const certificates = [...signed.certificates, ...(question.certificates ?? [])];
  const material = revocation && {
    crls: [...(revocation.crls ?? []), ...signed.crls],
    ocsp: [...(revocation.ocsp ?? []), ...signed.ocspResponses],
    certificates: [...certificates, ...(revocation.certificates ?? [])],
  };
  const pathQuestion = {
    certificates,
    anchors,
    requirements,
    revocation: material && new Revocation(material, requirements, revocationOptions),
  };
  return verifyPath(certificate, pathQuestion, work);
}

/** If the signer bound several certificates, the path is made of these (RFC 5035, 4). */
function confined(signer: SignerInfo, { path, anchor }: PathVerdict): boolean {
  if (!path) return true;
  const allowed = (references: CertificateReference[], one: Certificate) =>
    one === anchor?.certificate || references.some((reference) => matches(reference, one));
  return signingCertificates(signer)
    .filter((references) => references.length > 1)
    .every((references) => path.every((one) => allowed(references, one)));
}

/** A countersignature signs the octets of the signature it is on (RFC 5652, 11.4). */
function countersignaturesOf(signer: SignerInfo, context: Context): SignerVerdict[] {
  try {
    return signer.countersignatures.map((one) =>
      within(one, () => verifySigner(one, new Content(signer.signature), context)),
    );
  } catch (error) {
    if (!(error instanceof DerError) && !(error instanceof AlgorithmError)) throw error;
    return [refused(signer, failure('malformed-cms', undefined, error.message))];
  }
}
