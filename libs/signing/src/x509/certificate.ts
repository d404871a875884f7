import { hash } from 'node:crypto';
import { bufferOf, context, contextOf, Der, DerError, tags } from '../asn1/der.js';
import { timeOf } from '../asn1/values.js';
import { extensions } from '../oids.js';
import { type AlgorithmIdentifier, algorithmOf } from './algorithms.js';
import * as read from './extensions.js';
import { PublicKey } from './keys.js';
import { Name } from './names.js';
import { nameConstraintsOf } from './name-constraints.js';

export interface Extension {
  oid: string;
  critical: boolean;
  /** The contents of extnValue. */
  value: Buffer;
  der: Der;
}

const maxCertificateBytes = 1 << 20;
const maxExtensions = 200;

/**
 * A certificate (RFC 5280, 4.1). Its outer structure is read at once and must be sound; extensions are
 * decoded when first asked for, and `malformed` finds the first that cannot be.
 */
export class Certificate {
  readonly tbs: Der;
  readonly version: number;
  /** Octets of the INTEGER, as they are compared. */
  readonly serial: Buffer;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly spki: Der;
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Buffer;
  private key?: PublicKey;
  private digest?: Buffer;
  private readonly decoded = new Map<string, unknown>();

  private constructor(readonly der: Der) {
    const outer = der.must(tags.sequence).inside();
    this.tbs = outer.next(tags.sequence);
    this.signatureAlgorithm = algorithmOf(outer.next());
    this.signature = outer.next().bitStringBytes();
    outer.finish();
    const reader = this.tbs.inside();
    this.version = versionOf(reader.optional(contextOf(0)));
    this.serial = reader.next(tags.integer).integerBytes();
    const inner = algorithmOf(reader.next());
    this.issuer = new Name(reader.next()).readable();
    const validity = reader.next(tags.sequence).inside();
    this.notBefore = timeOf(validity.next());
    this.notAfter = timeOf(validity.next());
    validity.finish();
    this.subject = new Name(reader.next()).readable();
    this.spki = reader.next(tags.sequence);
    this.skipUniqueIdentifier(reader.optional(context(1)));
    this.skipUniqueIdentifier(reader.optional(context(2)));
    this.extensions = this.extensionsOf(reader.optional(contextOf(3)));
    reader.finish();
    if (!inner.der.equals(this.signatureAlgorithm.der)) {
      this.signatureAlgorithm.der.fail('an algorithm that differs from the signed one');
    }
  }

  /** Reads exactly one certificate. Throws `DerError` or `AlgorithmError`. */
  static read(bytes: Uint8Array): Certificate {
    if (bytes.length > maxCertificateBytes) throw new DerError('a certificate beyond its size', 0);
    return new Certificate(Der.read(bufferOf(bytes), tags.sequence));
  }

  private skipUniqueIdentifier(identifier: Der | undefined) {
    if (!identifier) return;
    if (this.version < 2) identifier.fail('a unique identifier in version 1');
  }

  private extensionsOf(field: Der | undefined): ReadonlyMap<string, Extension> {
    if (field && this.version < 3) field.fail('extensions before version 3');
    return extensionsOf(field?.only(tags.sequence));
  }

  get bytes(): Buffer {
    return this.der.whole;
  }

  /** SHA-256 of the whole certificate. */
  get sha256(): Buffer {
    return (this.digest ??= hash('sha256', this.der.whole, 'buffer'));
  }

  /** The same in hexadecimal: its identity. */
  get fingerprint(): string {
    return this.remember('fingerprint', () => this.sha256.toString('hex'));
  }

  /** Throws `AlgorithmError` or `DerError` when the key is none that can be used. */
  get publicKey(): PublicKey {
    return (this.key ??= new PublicKey(this.spki));
  }

  /** The key after OpenSSL has looked at it too: whether a point lies on its curve, for one. */
  get usableKey(): PublicKey {
    const key = this.publicKey;
    if (!key.incomplete) void key.keyObject;
    return key;
  }

  get selfIssued(): boolean {
    return this.remember('selfIssued', () => this.subject.equals(this.issuer));
  }

  /** Identity of the subject: name and key. */
  get entity(): string {
    return this.remember(
      'entity',
      () => `${this.subject.key}\u0000${hash('sha256', this.spki.whole, 'base64')}`,
    );
  }

  equals(other: Certificate): boolean {
    return this === other || this.der.equals(other.der);
  }

  get basicConstraints() {
    return this.value(extensions.basicConstraints, read.basicConstraintsOf);
  }
  get keyUsage() {
    return this.value(extensions.keyUsage, read.keyUsageOf);
  }
  get extendedKeyUsage() {
    return this.value(extensions.extendedKeyUsage, read.extendedKeyUsageOf);
  }
  get authorityKeyIdentifier() {
    return this.value(extensions.authorityKeyIdentifier, read.authorityKeyIdentifierOf);
  }
  get subjectKeyIdentifier() {
    return this.value(extensions.subjectKeyIdentifier, read.subjectKeyIdentifierOf);
  }
  get subjectAltName() {
    return this.value(extensions.subjectAltName, read.alternativeNamesOf);
  }
  get issuerAltName() {
    return this.value(extensions.issuerAltName, read.alternativeNamesOf);
  }
  get certificatePolicies() {
    return this.value(extensions.certificatePolicies, read.certificatePoliciesOf);
  }
  get policyMappings() {
    return this.value(extensions.policyMappings, read.policyMappingsOf);
  }
  get policyConstraints() {
    return this.value(extensions.policyConstraints, read.policyConstraintsOf);
  }
  get inhibitAnyPolicy() {
    return this.value(extensions.inhibitAnyPolicy, read.inhibitAnyPolicyOf);
  }
  get nameConstraints() {
    return this.value(extensions.nameConstraints, nameConstraintsOf);
  }
  get crlDistributionPoints() {
    return this.value(extensions.crlDistributionPoints, read.distributionPointsOf);
  }
  get freshestCrl() {
    return this.value(extensions.freshestCrl, read.distributionPointsOf);
  }
  get authorityInfoAccess() {
    return this.value(extensions.authorityInfoAccess, read.accessDescriptionsOf);
  }
  get subjectInfoAccess() {
    return this.value(extensions.subjectInfoAccess, read.accessDescriptionsOf);
  }
  get qcStatements() {
    return this.value(extensions.qcStatements, read.qcStatementsOf);
  }
  get ocspNoCheck() {
    return this.value(extensions.ocspNoCheck, (der) => (der.null(), true)) ?? false;
  }

  /** Whether it may sign certificates (RFC 5280, 6.1.4 (k) and (n)). */
  get certificateAuthority(): boolean {
    return this.basicConstraints?.ca === true && this.mayUse(read.keyUsages.keyCertSign);
  }

  /** Whether the key usage, where there is one, has this bit. */
  mayUse(bit: number): boolean {
    const usage = this.keyUsage;
    return usage === undefined || (usage & bit) !== 0;
  }

  /** The first part that cannot be decoded, in words; `undefined` when all can. */
  get malformed(): string | undefined {
    return this.remember('malformed', () => {
      for (const name of decodable) {
        try {
          void this[name];
        } catch (error) {
          return `${name}: ${(error as Error).message}`;
        }
      }
      return undefined;
    });
  }

  private value<T>(oid: string, decode: (der: Der) => T): T | undefined {
    const extension = this.extensions.get(oid);
    return extension && this.remember(oid, () => decode(Der.read(extension.value)));
  }

  private remember<T>(key: string, make: () => T): T {
    if (!this.decoded.has(key)) this.decoded.set(key, make());
    return this.decoded.get(key) as T;
  }
}

const decodable = [
  'usableKey',
  'selfIssued',
  'basicConstraints',
  'keyUsage',
  'extendedKeyUsage',
  'authorityKeyIdentifier',
  'subjectKeyIdentifier',
  'subjectAltName',
  'issuerAltName',
  'certificatePolicies',
  'policyMappings',
  'policyConstraints',
  'inhibitAnyPolicy',
  'nameConstraints',
  'crlDistributionPoints',
  'freshestCrl',
  'authorityInfoAccess',
  'subjectInfoAccess',
  'qcStatements',
  'ocspNoCheck',
] as const;

function versionOf(field: Der | undefined): number {
  if (!field) return 1;
  const version = field.only(tags.integer).smallInteger(2);
  return version === 0 ? field.fail('a version that is the default') : version + 1;
}

/** Extensions (RFC 5280, 4.1 and 5.1): at least one, each at most once. */
export function extensionsOf(list: Der | undefined): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>();
  if (!list) return found;
  for (const der of list.list(maxExtensions)) {
    const reader = der.must(tags.sequence).inside();
    const oid = reader.next().oid();
    const critical = reader.optional(tags.boolean)?.boolean() ?? false;
    const value = reader.next().octets();
    reader.finish();
    if (found.has(oid)) der.fail(`the extension ${oid} twice`);
    found.set(oid, { oid, critical, value, der });
  }
  return found.size > 0 ? found : list.fail('a list of no extensions');
}
