import { type DigestName, digestBytes } from '../../x509/algorithms.js';
import type { Certificate } from '../../x509/certificate.js';
import { uriOfDigest } from '../dsig/algorithms.js';
import { base64, dateTime, markup, text } from '../sign/markup.js';
import { xades } from './names.js';
import type { XadesOptions } from './options.js';

/** A signed reference that DataObjectFormat describes. */
export interface SignedObject {
  referenceId: string;
  mediaType?: string;
}

/** xades:QualifyingProperties of a baseline signature (EN 319 132-1 clause 6.3, level B-B). */
export function qualifyingProperties(
  signatureId: string,
  signedPropertiesId: string,
  certificate: Certificate,
  digest: DigestName,
  options: XadesOptions,
  objects: SignedObject[],
): string {
  return markup(
    'xades:QualifyingProperties',
    { 'xmlns:xades': xades, Target: `#${signatureId}` },
    markup(
      'xades:SignedProperties',
      { Id: signedPropertiesId },
      signatureProperties(certificate, digest, options),
      objectProperties(options, objects),
    ),
  );
}

function signatureProperties(
  certificate: Certificate,
  digest: DigestName,
  options: XadesOptions,
): string {
  return markup(
    'xades:SignedSignatureProperties',
    {},
    markup('xades:SigningTime', {}, dateTime(options.signingTime)),
    markup(
      'xades:SigningCertificateV2',
      {},
      markup(
        'xades:Cert',
        {},
        digestOf('xades:CertDigest', digest, digestBytes(digest, certificate.bytes)),
      ),
    ),
    policyOf(options),
    placeOf(options),
    rolesOf(options),
  );
}

function digestOf(name: string, digest: DigestName, octets: Uint8Array): string {
  return markup(
    name,
    {},
    markup('ds:DigestMethod', { Algorithm: uriOfDigest(digest) }),
    markup('ds:DigestValue', {}, base64(octets)),
  );
}

function policyOf({ policy }: XadesOptions): string {
  if (!policy) return '';
  const qualifier = markup('xades:SPURI', {}, text(policy.uri ?? ''));
  return markup(
    'xades:SignaturePolicyIdentifier',
    {},
    markup(
      'xades:SignaturePolicyId',
      {},
      markup('xades:SigPolicyId', {}, identifierOf(policy.identifier)),
      digestOf('xades:SigPolicyHash', policy.digest, policy.value),
      policy.uri &&
        markup('xades:SigPolicyQualifiers', {}, markup('xades:SigPolicyQualifier', {}, qualifier)),
    ),
  );
}

function identifierOf(identifier: string): string {
  const qualifier = identifier.startsWith('urn:oid:') ? 'OIDAsURN' : undefined;
  return markup('xades:Identifier', { Qualifier: qualifier }, text(identifier));
}

function placeOf({ place }: XadesOptions): string {
  if (!place) return '';
  const part = (name: string, value?: string) =>
    value === undefined ? undefined : markup(`xades:${name}`, {}, text(value));
  return markup(
    'xades:SignatureProductionPlaceV2',
    {},
    part('City', place.city),
    part('StateOrProvince', place.province),
    part('PostalCode', place.postalCode),
    part('CountryName', place.country),
  );
}

function rolesOf({ claimedRoles }: XadesOptions): string {
  if (!claimedRoles?.length) return '';
  const roles = claimedRoles.map((role) => markup('xades:ClaimedRole', {}, text(role)));
  return markup('xades:SignerRoleV2', {}, markup('xades:ClaimedRoles', {}, ...roles));
}

function objectProperties({ commitment }: XadesOptions, objects: SignedObject[]): string {
  const formats = objects.map(({ referenceId, mediaType = 'application/octet-stream' }) =>
    markup(
      'xades:DataObjectFormat',
      { ObjectReference: `#${referenceId}` },
      markup('xades:MimeType', {}, text(mediaType)),
    ),
  );
  const commitments =
    commitment &&
    markup(
      'xades:CommitmentTypeIndication',
      {},
      markup('xades:CommitmentTypeId', {}, identifierOf(commitment)),
      markup('xades:AllSignedDataObjects'),
    );
  return markup('xades:SignedDataObjectProperties', {}, ...formats, commitments);
}
