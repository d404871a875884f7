import { Der } from '../asn1/der.js';
import { keyPurposes } from '../oids.js';
import type { AlgorithmRule } from '../x509/algorithm-policy.js';
import { Certificate } from '../x509/certificate.js';
import { CertificateList } from '../x509/crl.js';
import { keyUsages } from '../x509/extensions.js';
import type { Identity } from '../x509/host-names.js';
import { PublicKey } from '../x509/keys.js';
import { type NameConstraints, nameConstraintsOf } from '../x509/name-constraints.js';
import { Name } from '../x509/names.js';
import { OcspResponse } from '../x509/ocsp.js';
import type { PathRequirements } from '../x509/path-validation.js';
import type { RevocationMaterial, RevocationOptions } from '../x509/revocation.js';
import { anchorOf, type TrustAnchor } from '../x509/trust-anchor.js';

/** A question that does not have the form the README gives. */
export class InputError extends Error {
  override name = 'InputError';
}

/** A line of input; every field is checked where it is read. */
export type Input = Readonly<Record<string, unknown>>;

/** Fields that every question about a path may have; see the README. */
export interface PathInputs {
  certificates: Certificate[];
  anchors: TrustAnchor[];
  requirements: PathRequirements;
  /** Absent when revocation is not asked. */
  revocation?: RevocationMaterial;
  revocationOptions: RevocationOptions;
  /** What could not be read and was left out. */
  skipped: string[];
}

export function pathInputs(input: Input): PathInputs {
  const skipped: string[] = [];
  const read = <T>(field: string, parse: (bytes: Buffer) => T): T[] =>
    listOf(input, field).flatMap((item, at) =>
      blocksOf(item, field).flatMap((bytes) => {
        try {
          return [parse(bytes)];
        } catch (error) {
          skipped.push(`${field}[${at}]: ${(error as Error).message}`);
          return [];
        }
      }),
    );
  const certificates = read('certificates', (bytes) => Certificate.read(bytes));
  const crls = read('crls', (bytes) => CertificateList.read(bytes));
  const ocsp = read('ocsp', (bytes) => OcspResponse.read(bytes));
  const asked = oneOf(input, 'revocation', ['required', 'none']);
  // What was given counts, readable or not: material that is damaged must not make it no question.
  const given = listOf(input, 'crls').length + listOf(input, 'ocsp').length > 0;
  const wanted = asked ? asked === 'required' : given;
  return {
    certificates,
    anchors: anchorsOf(input, skipped),
    requirements: requirementsOf(input),
    revocation: wanted ? { crls, ocsp, certificates } : undefined,
    revocationOptions: {
      at: timeIn(input, 'revocationTime'),
      scope: oneOf(input, 'revocationScope', ['path', 'target']),
      nonce: bytesIn(input, 'nonce'),
      ocspMaxAgeMs: numberIn(input, 'ocspMaxAgeMs'),
      unsafeUncheckedResponders: flag(input, 'unsafeUncheckedResponders'),
      trustedResponders: read('trustedResponders', (bytes) => Certificate.read(bytes)),
    },
    skipped,
  };
}

function requirementsOf(input: Input): PathRequirements {
  return {
    time: timeIn(input, 'time') ?? new Date(),
    algorithms: algorithmsIn(input),
    profile: oneOf(input, 'profile', ['strict', 'path']),
    purposes: optionalTexts(input, 'purposes')?.map(purposeOf),
    anyPurpose: flag(input, 'anyPurpose'),
    keyUsage: usageIn(input),
    identity: identityIn(input),
    endEntity: flag(input, 'endEntity'),
    anchorConstraints: flag(input, 'anchorConstraints'),
    subtrees: subtreesIn(input),
    maxIntermediates: numberIn(input, 'maxIntermediates'),
    policies: optionalTexts(input, 'policies'),
    explicitPolicy: flag(input, 'explicitPolicy'),
    inhibitPolicyMapping: flag(input, 'inhibitPolicyMapping'),
    inhibitAnyPolicy: flag(input, 'inhibitAnyPolicy'),
  };
}

function anchorsOf(input: Input, skipped: string[]): TrustAnchor[] {
  return listOf(input, 'anchors').flatMap((item, at) => {
    try {
      if (typeof item === 'string') {
        return blocksOf(item, 'anchors').map((bytes) => anchorOf(Certificate.read(bytes)));
      }
      const { name, key } = item as { name?: unknown; key?: unknown };
      const [[nameBytes], [keyBytes]] = [blocksOf(name, 'anchors'), blocksOf(key, 'anchors')];
      return [{ name: Name.read(nameBytes!), key: new PublicKey(Der.read(keyBytes!)) }];
    } catch (error) {
      if (error instanceof InputError) throw error;
      skipped.push(`anchors[${at}]: ${(error as Error).message}`);
      return [];
    }
  });
}

function subtreesIn(input: Input): NameConstraints | undefined {
  const bytes = bytesIn(input, 'nameConstraints');
  try {
    return bytes && nameConstraintsOf(Der.read(bytes));
  } catch (error) {
    throw new InputError(`nameConstraints: ${(error as Error).message}`);
  }
}

const purposeOf = (text: string): string => keyPurposes[text as keyof typeof keyPurposes] ?? text;

function usageIn(input: Input): number | undefined {
  return optionalTexts(input, 'keyUsage')?.reduce((mask, name) => {
    const bit = keyUsages[name as keyof typeof keyUsages];
    if (!bit) throw new InputError(`keyUsage: ${name} is no key usage`);
    return mask | bit;
  }, 0);
}

function identityIn(input: Input): Identity | undefined {
  const identity = input['identity'] as Record<string, unknown> | undefined;
  if (identity === undefined) return undefined;
  const [[kind, value] = []] = Object.entries(identity);
  if (!['dns', 'ip', 'email'].includes(kind!) || typeof value !== 'string') {
    throw new InputError('identity: one of dns, ip, email');
  }
  return { [kind!]: value } as Identity;
}

export function algorithmsIn(input: Input): AlgorithmRule[] | undefined {
  if (input['algorithms'] === undefined) return undefined;
  return listOf(input, 'algorithms').map((item) => {
    const { name, bits, until } = item as Record<string, unknown>;
    if (typeof name !== 'string') throw new InputError('algorithms: each has a name');
    return {
      name: name as AlgorithmRule['name'],
      bits: bits === undefined ? undefined : Number(bits),
      until: until === undefined ? undefined : timeOf(until, 'algorithms'),
    };
  });
}

/** The bytes of every PEM block of a text, or of base64 without frames. */
export function blocksOf(text: unknown, field: string): Buffer[] {
  if (typeof text !== 'string') throw new InputError(`${field}: PEM or base64 text`);
  if (!text.includes('-----BEGIN')) return [base64(text, field)];
  const blocks = text.matchAll(/-----BEGIN [^-]+-----([^-]*)-----END [^-]+-----/g);
  return [...blocks].map((block) => base64(block[1]!.replace(/^[\w-]+: .*$/gm, ''), field));
}

function base64(text: string, field: string): Buffer {
  const plain = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) throw new InputError(`${field}: not base64`);
  return Buffer.from(plain, 'base64');
}

export function bytesIn(input: Input, field: string): Buffer | undefined {
  return input[field] === undefined ? undefined : blocksOf(input[field], field)[0];
}

export function mustBytes(input: Input, field: string): Buffer {
  const bytes = bytesIn(input, field);
  if (!bytes) throw new InputError(`${field}: is missing`);
  return bytes;
}

export function listOf(input: Input, field: string): unknown[] {
  const value = input[field] ?? [];
  return Array.isArray(value) ? value : [value];
}

function optionalTexts(input: Input, field: string): string[] | undefined {
  if (input[field] === undefined) return undefined;
  const list = listOf(input, field);
  if (list.some((item) => typeof item !== 'string'))
    throw new InputError(`${field}: a list of texts`);
  return list as string[];
}

export function flag(input: Input, field: string): boolean | undefined {
  const value = input[field];
  if (value !== undefined && typeof value !== 'boolean')
    throw new InputError(`${field}: true or false`);
  return value;
}

export function numberIn(input: Input, field: string): number | undefined {
  const value = input[field];
  if (value !== undefined && !Number.isSafeInteger(value))
    throw new InputError(`${field}: a number`);
  return value as number | undefined;
}

export function oneOf<T extends string>(
  input: Input,
  field: string,
  known: readonly T[],
): T | undefined {
  const value = input[field] as T | undefined;
  if (value !== undefined && !known.includes(value)) {
    throw new InputError(`${field}: one of ${known.join(', ')}`);
  }
  return value;
}

export const timeIn = (input: Input, field: string): Date | undefined =>
  input[field] === undefined ? undefined : timeOf(input[field], field);

function timeOf(value: unknown, field: string): Date {
  const time = typeof value === 'number' ? new Date(value * 1000) : new Date(String(value));
  if (Number.isNaN(+time)) throw new InputError(`${field}: a moment (ISO 8601, or Unix seconds)`);
  return time;
}
