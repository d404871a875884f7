import { base64, dateTime, markup, text } from '../xml/sign/markup.js';
import { namespaces, uriOfDigest } from '../xml/dsig/algorithms.js';
import { xades } from '../xml/xades/names.js';
import type { Diagnostic, Hash } from './diagnostic.js';
import type { SignatureReport, Told, ValidationReport } from './report.js';

// The validation report of ETSI TS 119 102-2 (V1.2.1): the same facts and conclusions as the JSON
// report, in the form that other validators exchange. Element names and their order are those of
// its schema.

const namespace = 'http://uri.etsi.org/19102/v1.2.1#';
const urn = (kind: string, value: string) => `urn:etsi:019102:${kind}:${value}`;

/** The report as an XML document. */
export function reportXml(report: ValidationReport, diagnostic: Diagnostic): string {
  const objects = validationObjects(report, diagnostic);
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    markup(
      'ValidationReport',
      { xmlns: namespace, 'xmlns:ds': namespaces.dsig, 'xmlns:xades': xades },
      ...report.signatures.map((one) => signatureMarkup(one, report, diagnostic)),
      objects.length > 0 ? markup('SignatureValidationObjects', {}, ...objects) : undefined,
    )
  );
}

function signatureMarkup(
  signature: SignatureReport,
  report: ValidationReport,
  diagnostic: Diagnostic,
): string {
  const { identifier } = diagnostic.signatures.find(({ id }) => id === signature.id)!;
  return markup(
    'SignatureValidationReport',
    {},
    markup(
      'SignatureIdentifier',
      {},
      digestMarkup(identifier),
      markup('HashOnly', {}, 'false'),
      markup('DocHashOnly', {}, 'false'),
      markup('DAIdentifier', {}, text(signature.id)),
    ),
    policyMarkup(report),
    timeMarkup(signature, report),
    documentMarkup(diagnostic),
    attributesMarkup(signature),
    signerMarkup(signature),
    markup(
      'SignatureValidationProcess',
      {},
      markup('SignatureValidationProcessID', {}, urn('validationprocess', signature.process)),
    ),
    statusMarkup('SignatureValidationStatus', signature, signature.signer),
  );
}

function policyMarkup({ policy, policyDigest }: ValidationReport): string {
  const identifier = markup('xades:Identifier', {}, text(policy));
  const id = markup(
    'xades:SignaturePolicyId',
    {},
    markup('xades:SigPolicyId', {}, identifier),
    markup(
      'xades:SigPolicyHash',
      {},
      markup('ds:DigestMethod', { Algorithm: uriOfDigest('sha256') }),
      markup('ds:DigestValue', {}, base64(Buffer.from(policyDigest, 'hex'))),
    ),
  );
  return markup(
    'ValidationConstraintsEvaluationReport',
    {},
    markup(
      'SignatureValidationPolicy',
      {},
      markup('SignaturePolicyIdentifier', {}, id),
      markup('PolicyName', {}, text(policy)),
    ),
  );
}

function timeMarkup(signature: SignatureReport, { time }: ValidationReport): string {
  return markup(
    'ValidationTimeInfo',
    {},
    markup('ValidationTime', {}, dateTime(new Date(time))),
    markup('BestSignatureTime', {}, ...poe(signature.bestSignatureTime, signature.provenBy)),
  );
}

/** A proof of existence: by validation itself, or by a time stamp that was validated. */
function poe(time: string, by: Hash | undefined): string[] {
  return [
    markup('POETime', {}, dateTime(new Date(time))),
    markup('TypeOfProof', {}, urn('poetype', 'validation')),
    ...(by ? [markup('POEObject', { VOReference: reference(by) })] : []),
  ];
}

function documentMarkup({ document }: Diagnostic): string {
  return markup(
    'SignersDocument',
    {},
    digestMarkup(document.sha256),
    markup('SignersDocumentRepresentation', { VOReference: reference(document.sha256) }),
  );
}

function attributesMarkup({ claimedTime, claimedRoles = [], timeStamps }: SignatureReport): string {
  const roles = claimedRoles.map((role) =>
    markup(
      'RoleDetails',
      {},
      markup('Role', {}, text(role)),
      markup('EndorsementType', {}, 'claimed'),
    ),
  );
  const stamps = (kind: string, name: string) =>
    timeStamps
      .filter((one) => one.kind === kind && one.time !== undefined)
      .map(({ token, time }) =>
        markup(
          name,
          { Signed: String(kind === 'content') },
          markup('AttributeObject', { VOReference: reference(token) }),
          markup('TimeStampValue', {}, dateTime(new Date(time!))),
        ),
      );
  return markup(
    'SignatureAttributes',
    {},
    claimedTime &&
      markup(
        'SigningTime',
        { Signed: 'true' },
        markup('Time', {}, dateTime(new Date(claimedTime))),
      ),
    ...stamps('content', 'AllDataObjectsTimeStamp'),
    roles.length > 0 ? markup('SignerRole', { Signed: 'true' }, ...roles) : undefined,
    ...stamps('signature', 'SignatureTimeStamp'),
    ...stamps('archive', 'ArchiveTimeStamp'),
  );
}

function signerMarkup({ signer }: SignatureReport): string | undefined {
  return (
    signer &&
    markup(
      'SignerInformation',
      {},
      markup('SignerCertificate', { VOReference: reference(signer.fingerprint) }),
      markup('Signer', {}, text(signer.subject)),
    )
  );
}

function statusMarkup(name: string, told: Told, signer: SignatureReport['signer']): string {
  const main = told.indication.toLowerCase().replace('_', '-');
  return markup(
    name,
    {},
    markup('MainIndication', {}, urn('mainindication', main)),
    told.subIndication && markup('SubIndication', {}, urn('subindication', told.subIndication)),
    markup('AssociatedValidationReportData', {}, ...chainMarkup(signer), toldMarkup(told)),
  );
}

function chainMarkup(signer: SignatureReport['signer']): string[] {
  if (!signer?.chain || !signer.anchor) return [];
  const anchor = { VOReference: reference(signer.anchor) };
  const above = signer.chain.slice(0, -1).reverse();
  return [
    markup('TrustAnchor', anchor),
    markup(
      'CertificateChain',
      {},
      markup('SigningCertificate', { VOReference: reference(signer.fingerprint) }),
      ...above.map((one) => markup('IntermediateCertificate', { VOReference: reference(one) })),
      markup('TrustAnchor', anchor),
    ),
  ];
}

/** What people are told, in both languages. */
function toldMarkup({ message, detail }: Told): string {
  const line = (type: string, value: string) =>
    markup('ReportData', {}, markup('Type', {}, type), markup('Value', {}, text(value)));
  return markup(
    'AdditionalValidationReportData',
    {},
    line('message:vi', message.vi),
    line('message:en', message.en),
    detail === undefined ? undefined : line('detail', detail),
  );
}

const digestMarkup = (hash: Hash): string =>
  markup(
    'DigestAlgAndValue',
    {},
    markup('ds:DigestMethod', { Algorithm: uriOfDigest('sha256') }),
    markup('ds:DigestValue', {}, base64(Buffer.from(hash, 'hex'))),
  );

const reference = (hash: Hash): string => `vo-${hash}`;

/** Everything the conclusions rest on, by value; the document by its digest. */
function validationObjects(report: ValidationReport, diagnostic: Diagnostic): string[] {
  const { certificates, crls, ocspResponses, timeStamps, document } = diagnostic;
  const stamps = report.signatures.flatMap((one) => one.timeStamps);
  const object = (type: string, hash: Hash, representation: string, more?: string) => {
    const proof = report.proofs[hash];
    return markup(
      'ValidationObject',
      { id: reference(hash) },
      markup('ObjectType', {}, urn('validationObject', type)),
      markup('ValidationObjectRepresentation', {}, representation),
      proof && markup('POE', {}, ...poe(proof.time, proof.by)),
      more,
    );
  };
  const byValue = (type: string, record: Record<Hash, string>) =>
    Object.entries(record).map(([hash, value]) => object(type, hash, markup('base64', {}, value)));
  return [
    object('signedData', document.sha256, digestMarkup(document.sha256)),
    ...byValue('certificate', certificates),
    ...byValue('CRL', crls),
    ...byValue('OCSPResponse', ocspResponses),
    ...Object.entries(timeStamps).map(([hash, { token }]) => {
      const told = stamps.find((one) => one.token === hash);
      const own =
        told &&
        markup('ValidationReport', {}, statusMarkup('SignatureValidationStatus', told, undefined));
      return object('timestamp', hash, markup('base64', {}, token), own);
    }),
  ];
}
