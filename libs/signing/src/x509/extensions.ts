import { context, contextOf, type Der, tags } from '../asn1/der.js';
import { type GeneralName, generalNameOf, generalNamesOf } from './general-names.js';
import { mustBeRelative } from './names.js';

/** Bits of KeyUsage (RFC 5280, 4.2.1.3), as `Der.namedBits` counts them. */
export const keyUsages = {
  digitalSignature: 1 << 0,
  nonRepudiation: 1 << 1,
  keyEncipherment: 1 << 2,
  dataEncipherment: 1 << 3,
  keyAgreement: 1 << 4,
  keyCertSign: 1 << 5,
  crlSign: 1 << 6,
  encipherOnly: 1 << 7,
  decipherOnly: 1 << 8,
} as const;

export interface BasicConstraints {
  ca: boolean;
  pathLength?: number;
}

export interface AuthorityKeyIdentifier {
  keyIdentifier?: Buffer;
  issuer?: GeneralName[];
  serial?: Buffer;
}

export interface PolicyInformation {
  policy: string;
  qualifiers?: Der;
}

export interface PolicyConstraints {
  requireExplicitPolicy?: number;
  inhibitPolicyMapping?: number;
}

/** `fullName`, or `relative` to the name of the CRL issuer; `reasons` a mask of ReasonFlags. */
export interface DistributionPoint {
  fullName?: GeneralName[];
  relative?: Der;
  reasons?: number;
  crlIssuer?: GeneralName[];
}

export interface AccessDescription {
  method: string;
  location: GeneralName;
}

const maxSkip = 0x7fffffff;

/** RFC 5280, 4.2.1.9. */
export function basicConstraintsOf(der: Der): BasicConstraints {
  const reader = der.must(tags.sequence).inside();
  const ca = reader.optional(tags.boolean)?.boolean() ?? false;
  const pathLength = reader.optional(tags.integer)?.smallInteger(maxSkip);
  reader.finish();
  return { ca, pathLength };
}

/**
 * RFC 5280, 4.2.1.3: a mask of `keyUsages`, at least one bit. Zeros behind it, which a widespread
 * issuer writes, mean nothing; the profile refuses them.
 */
export const keyUsageOf = (der: Der): number =>
  der.namedBits(true) || der.fail('a KeyUsage of none');

/** RFC 5280, 4.2.1.12: at least one purpose. */
export function extendedKeyUsageOf(der: Der): string[] {
  const purposes = der
    .must(tags.sequence)
    .list(1000)
    .map((one) => one.oid());
  return purposes.length > 0 ? purposes : der.fail('an extended KeyUsage of none');
}

/** RFC 5280, 4.2.1.1. */
export function authorityKeyIdentifierOf(der: Der): AuthorityKeyIdentifier {
  const reader = der.must(tags.sequence).inside();
  const keyIdentifier = reader.optional(context(0))?.content;
  const issuer = reader.optional(contextOf(1));
  const serial = reader.optional(context(2));
  reader.finish();
  if (!issuer !== !serial) der.fail('an issuer without its serial number');
  return {
    keyIdentifier,
    issuer: issuer && generalNamesOf(issuer, 100),
    serial: serial?.as(tags.integer).integerBytes(),
  };
}

/** RFC 5280, 4.2.1.2. */
export const subjectKeyIdentifierOf = (der: Der): Buffer => der.octets();

/** RFC 5280, 4.2.1.6 and 4.2.1.7. */
export const alternativeNamesOf = (der: Der): GeneralName[] =>
  generalNamesOf(der.must(tags.sequence));

/** RFC 5280, 4.2.1.4: each policy once. */
export function certificatePoliciesOf(der: Der): PolicyInformation[] {
  const seen = new Set<string>();
  const policies = der
    .must(tags.sequence)
    .list(2000)
    .map((one) => {
      const reader = one.must(tags.sequence).inside();
      const policy = reader.next().oid();
      const qualifiers = reader.optional(tags.sequence);
      reader.finish();
      if (seen.has(policy)) one.fail('a policy named twice');
      seen.add(policy);
      qualifiers?.list(100);
      return { policy, qualifiers };
    });
  return policies.length > 0 ? policies : der.fail('a list of no policies');
}

/** RFC 5280, 4.2.1.5: pairs of issuer's and subject's policy. */
export function policyMappingsOf(der: Der): [issuer: string, subject: string][] {
  const mappings = der
    .must(tags.sequence)
    .list(2000)
    .map((one): [string, string] => {
      const reader = one.must(tags.sequence).inside();
      const pair: [string, string] = [reader.next().oid(), reader.next().oid()];
      reader.finish();
      return pair;
    });
  return mappings.length > 0 ? mappings : der.fail('a list of no mappings');
}

/** RFC 5280, 4.2.1.11: at least one of the two. */
export function policyConstraintsOf(der: Der): PolicyConstraints {
  const reader = der.must(tags.sequence).inside();
  const skip = (number: number) =>
    reader.optional(context(number))?.as(tags.integer).smallInteger(maxSkip);
  const requireExplicitPolicy = skip(0);
  const inhibitPolicyMapping = skip(1);
  reader.finish();
  if (requireExplicitPolicy === undefined && inhibitPolicyMapping === undefined) {
    der.fail('policy constraints of none');
  }
  return { requireExplicitPolicy, inhibitPolicyMapping };
}

/** RFC 5280, 4.2.1.14. */
export const inhibitAnyPolicyOf = (der: Der): number =>
  der.must(tags.integer).smallInteger(maxSkip);

/** RFC 5280, 4.2.1.13 and 4.2.1.15. */
export function distributionPointsOf(der: Der): DistributionPoint[] {
  const points = der
    .must(tags.sequence)
    .list(1000)
    .map((one) => {
      const reader = one.must(tags.sequence).inside();
      const name = reader.optional(contextOf(0));
      const reasons = reader.optional(context(1));
      const issuer = reader.optional(contextOf(2));
      reader.finish();
      if (!name && !issuer) one.fail('a distribution point without a name');
      return {
        ...(name && pointNameOf(name)),
        reasons: reasons?.as(tags.bitString).namedBits(),
        crlIssuer: issuer && generalNamesOf(issuer, 100),
      };
    });
  return points.length > 0 ? points : der.fail('a list of no distribution points');
}

/** DistributionPointName inside its explicit tag. */
export function pointNameOf(der: Der): Pick<DistributionPoint, 'fullName' | 'relative'> {
  const choice = der.only();
  if (choice.tag === contextOf(0)) return { fullName: generalNamesOf(choice, 1000) };
  return { relative: mustBeRelative(choice.must(contextOf(1))) };
}

/** RFC 5280, 4.2.2.1 and 4.2.2.2. */
export function accessDescriptionsOf(der: Der): AccessDescription[] {
  const found = der
    .must(tags.sequence)
    .list(1000)
    .map((one) => {
      const reader = one.must(tags.sequence).inside();
      const description = { method: reader.next().oid(), location: generalNameOf(reader.next()) };
      reader.finish();
      return description;
    });
  return found.length > 0 ? found : der.fail('a list of no places');
}

/** RFC 3739, 3.2.6 and ETSI EN 319 412-5: identifiers of statements, with their values. */
export const qcStatementsOf = (der: Der): { id: string; value?: Der }[] =>
  der
    .must(tags.sequence)
    .list(1000)
    .map((one) => {
      const reader = one.must(tags.sequence).inside();
      const id = reader.next().oid();
      const value = reader.more ? reader.next() : undefined;
      reader.finish();
      return { id, value };
    });
