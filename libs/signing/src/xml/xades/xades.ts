import type { SignatureCheck, XmlFailure } from '../dsig/facts.js';
import { simpleText } from '../dsig/content.js';
import type { Surroundings } from '../dsig/dereference.js';
import { attributeOf, pathOf, textOf, type XmlElement } from '../tree.js';
import { XmlError } from '../xml-error.js';
import { signedPropertiesTypes } from './names.js';
import {
  type BindingProblem,
  childrenOf,
  down,
  isXades,
  type QualifyingProperties,
  qualifyingPropertiesOf,
} from './qualifying.js';
import {
  bindsCertificate,
  type CertificateReference,
  digestIn,
  signingCertificatesOf,
} from './signing-certificate.js';
import { type TimeStampKind, timeStampsOf, type XadesTimeStamp } from './time-stamps.js';
import { type ValidationData, validationDataOf } from './validation-data.js';

/** What a XAdES signature says of itself, as data that can be kept. */
export interface XadesFacts {
  /** Nothing here is the signer's word unless this is empty. */
  problems: { problem: BindingProblem | 'malformed'; path: string; detail?: string }[];
  /** The time the signer claims (xsd:dateTime), not a proven one. */
  signingTime?: string;
  /** Whether the certificate whose key fitted is the one that was signed along. */
  signingCertificate: 'matches' | 'differs' | 'absent';
  /** Digest identifiers with which certificates were signed along. */
  certificateDigests: string[];
  policy?: { identifier: string; digestMethod?: string; digest?: string };
  place?: Record<string, string>;
  claimedRoles: string[];
  commitments: string[];
  /** For each signed object: the reference, and the media type said of it. */
  formats: { reference: string; mediaType?: string }[];
  /** Every signed object has a format, as the baseline asks. */
  formatsComplete: boolean;
  /** Names of all unsigned properties, in their order. */
  unsignedProperties: string[];
  timeStamps: { kind: TimeStampKind; path: string }[];
  /** SHA-256 of certificates carried for later. */
  certificates: string[];
  crls: number;
  ocspResponses: number;
  /** The baseline level that the properties present make (EN 319 132-1 clause 6). */
  level: 'none' | 'B' | 'T' | 'LT' | 'LTA';
}

/** A XAdES signature: facts, and the objects that proofs are made of. */
export interface XadesSignature {
  facts: XadesFacts;
  check: SignatureCheck;
  properties: QualifyingProperties;
  timeStamps: XadesTimeStamp[];
  values: ValidationData;
}

/** Reads the qualifying properties of a checked signature; undefined when it has none. */
export function readXades(check: SignatureCheck, around: Surroundings): XadesSignature | undefined {
  const properties = qualifyingPropertiesOf(check);
  if (!properties) return undefined;
  const signature: XadesSignature = {
    facts: emptyFacts(properties),
    check,
    properties,
    timeStamps: [],
    values: { certificates: [], crls: [], ocsp: [], unreadable: [] },
  };
  attempt(signature, () => readSigned(signature));
  attempt(signature, () => readUnsigned(signature, around));
  signature.facts.level = levelOf(signature);
  return signature;
}

/** What keeps a XAdES signature from being what it says, as failures of the signature. */
export function xadesFailures({ facts }: XadesSignature): XmlFailure[] {
  const failures: XmlFailure[] = facts.problems.map(({ problem, path, detail }) => ({
    code: 'properties-refused',
    path,
    detail: detail ?? problem,
  }));
  if (facts.signingCertificate === 'differs') failures.push({ code: 'certificate-differs' });
  return failures;
}

function emptyFacts({ problems, unsigned }: QualifyingProperties): XadesFacts {
  return {
    problems: [...problems],
    signingCertificate: 'absent',
    certificateDigests: [],
    claimedRoles: [],
    commitments: [],
    formats: [],
    formatsComplete: false,
    unsignedProperties: unsigned.slice(0, 256).map(({ localName }) => localName),
    timeStamps: [],
    certificates: [],
    crls: 0,
    ocspResponses: 0,
    level: 'none',
  };
}

function attempt({ facts, properties }: XadesSignature, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const path = pathOf(properties.element);
    facts.problems.push({ problem: 'malformed', path, detail: error.message });
  }
}

function readSigned({ facts, check, properties }: XadesSignature): void {
  const signature = down(properties.signed, 'SignedSignatureProperties');
  if (!signature) return;
  const time = down(signature, 'SigningTime');
  if (time) facts.signingTime = simpleText(time).trim();
  const references = signingCertificatesOf(signature);
  if (references) {
    facts.certificateDigests = references.map(({ digestMethod }) => digestMethod);
    facts.signingCertificate = bindSigner(check, references) ? 'matches' : 'differs';
  }
  facts.policy = policyIn(down(signature, 'SignaturePolicyIdentifier'));
  const place =
    down(signature, 'SignatureProductionPlaceV2') ?? down(signature, 'SignatureProductionPlace');
  if (place) facts.place = textsIn(place);
  const roles = down(signature, 'SignerRoleV2') ?? down(signature, 'SignerRole');
  facts.claimedRoles = childrenOf(down(roles, 'ClaimedRoles'), 'ClaimedRole').map(textOf);
  readObjects(facts, check, down(properties.signed, 'SignedDataObjectProperties'));
}

/** Of several certificates of the key that fitted, the signer's is the one that was bound. */
function bindSigner(check: SignatureCheck, references: CertificateReference[]): boolean {
  const { signer, keyInfo } = check;
  if (!signer) return false;
  const twins = keyInfo!.certificates.filter(({ spki }) => spki.equals(signer.spki));
  const bound = [signer, ...twins].find((one) => bindsCertificate(references, one));
  if (bound) {
    check.signer = bound;
    if (check.facts.key?.certificate) check.facts.key.certificate = bound.fingerprint;
  }
  return bound !== undefined;
}

function policyIn(element: XmlElement | undefined): XadesFacts['policy'] {
  if (!element) return undefined;
  const id = down(element, 'SignaturePolicyId');
  if (!id) return { identifier: 'implied' };
  const identifier = down(id, 'SigPolicyId', 'Identifier');
  const { digestMethod, value } = digestIn(down(id, 'SigPolicyHash'));
  return {
    identifier: identifier ? textOf(identifier).trim() : '',
    digestMethod,
    digest: value.toString('hex'),
  };
}

function textsIn(parent: XmlElement): Record<string, string> {
  const children = parent.children.filter((child) => child.kind === 'element').slice(0, 10);
  return Object.fromEntries(children.map((child) => [child.localName, textOf(child)]));
}

function readObjects(
  facts: XadesFacts,
  check: SignatureCheck,
  objects: XmlElement | undefined,
): void {
  facts.commitments = childrenOf(objects, 'CommitmentTypeIndication').map((one) => {
    const identifier = down(one, 'CommitmentTypeId', 'Identifier');
    return identifier ? textOf(identifier).trim() : '';
  });
  facts.formats = childrenOf(objects, 'DataObjectFormat').map((format) => {
    const mediaType = down(format, 'MimeType');
    return {
      reference: attributeOf(format, 'ObjectReference') ?? '',
      ...(mediaType && { mediaType: textOf(mediaType).trim() }),
    };
  });
  const described = new Set(facts.formats.map(({ reference }) => reference));
  facts.formatsComplete = check.references
    .filter(({ reference: { type } }) => !signedPropertiesTypes.has(type ?? ''))
    .every(({ reference: { id } }) => id !== undefined && described.has(`#${id}`));
}

function readUnsigned(signature: XadesSignature, around: Surroundings): void {
  const { facts, check, properties } = signature;
  signature.timeStamps = timeStampsOf(check, properties, around);
  signature.values = validationDataOf(properties);
  facts.timeStamps = signature.timeStamps.map(({ kind, path }) => ({ kind, path }));
  facts.certificates = signature.values.certificates.map(({ fingerprint }) => fingerprint);
  facts.crls = signature.values.crls.length;
  facts.ocspResponses = signature.values.ocsp.length;
}

function levelOf({ facts, properties, values }: XadesSignature): XadesFacts['level'] {
  const has = (kind: TimeStampKind) => facts.timeStamps.some((one) => one.kind === kind);
  if (facts.signingCertificate === 'absent' || !facts.signingTime) return 'none';
  if (!has('signature')) return 'B';
  const carries =
    values.crls.length + values.ocsp.length > 0 ||
    properties.unsigned.some((one) => isXades(one, 'RevocationValues'));
  if (!carries) return 'T';
  return has('archive') ? 'LTA' : 'LT';
}
