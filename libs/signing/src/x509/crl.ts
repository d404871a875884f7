import { hash } from 'node:crypto';
import { bufferOf, contextOf, Der, DerError, DerReader, tags } from '../asn1/der.js';
import { preciseTimeOf, timeOf } from '../asn1/values.js';
import { extensions } from '../oids.js';
import { type AlgorithmIdentifier, algorithmOf, schemeOf } from './algorithms.js';
import { type Extension, extensionsOf } from './certificate.js';
import * as read from './extensions.js';
import { checkedEntryExtensions, type CrlEntry, entryOf } from './crl-entry.js';
import { type IssuingDistributionPoint, scopeOf } from './crl-scope.js';
import type { GeneralName } from './general-names.js';
import type { PublicKey } from './keys.js';
import { Name } from './names.js';

const maxCrlBytes = 256 << 20;
const maxEntries = 4_000_000;

/** A certificate revocation list (RFC 5280, 5.1). Entries are found by an index, made when first asked. */
export class CertificateList {
  readonly issuer: Name;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  private readonly tbs: Der;
  private readonly signature: Buffer;
  private readonly revoked?: Der;
  private digest?: string;
  private index?: Map<string, number>;
  private fault?: string | null;
  private readonly decoded = new Map<string, unknown>();
  private readonly answers = new WeakMap<PublicKey, boolean>();

  private constructor(readonly der: Der) {
    const outer = der.must(tags.sequence).inside();
    this.tbs = outer.next(tags.sequence);
    this.signatureAlgorithm = algorithmOf(outer.next());
    this.signature = outer.next().bitStringBytes();
    outer.finish();
    const reader = this.tbs.inside();
    const version = reader.optional(tags.integer)?.smallInteger(1, 1) ?? 0;
    const inner = algorithmOf(reader.next());
    if (!inner.der.equals(this.signatureAlgorithm.der)) {
      inner.der.fail('an algorithm that differs from the outer one');
    }
    this.issuer = new Name(reader.next()).readable();
    this.thisUpdate = timeOf(reader.next());
    const timed = reader.tag === tags.utcTime || reader.tag === tags.generalizedTime;
    this.nextUpdate = timed ? timeOf(reader.next()) : undefined;
    this.revoked = reader.optional(tags.sequence);
    const field = reader.optional(contextOf(0));
    if (field && version !== 1) field.fail('extensions before version 2');
    this.extensions = extensionsOf(field?.only(tags.sequence));
    reader.finish();
  }

  /** Reads exactly one CRL. Throws `DerError` or `AlgorithmError`. */
  static read(bytes: Uint8Array): CertificateList {
    if (bytes.length > maxCrlBytes) throw new DerError('a CRL beyond its size', 0);
    return new CertificateList(Der.read(bufferOf(bytes), tags.sequence));
  }

  get bytes(): Buffer {
    return this.der.whole;
  }

  /** SHA-256 of the whole CRL in hexadecimal. */
  get fingerprint(): string {
    return (this.digest ??= hash('sha256', this.der.whole, 'hex'));
  }

  get crlNumber(): bigint | undefined {
    return this.value(extensions.crlNumber, (der) => der.must(tags.integer).integer());
  }
  /** Number of the complete CRL that this one is a change to; absent in a complete CRL. */
  get baseCrlNumber(): bigint | undefined {
    return this.value(extensions.deltaCrlIndicator, (der) => der.must(tags.integer).integer());
  }
  get delta(): boolean {
    return this.extensions.has(extensions.deltaCrlIndicator);
  }
  get issuingDistributionPoint(): IssuingDistributionPoint | undefined {
    return this.value(extensions.issuingDistributionPoint, scopeOf);
  }
  get authorityKeyIdentifier() {
    return this.value(extensions.authorityKeyIdentifier, read.authorityKeyIdentifierOf);
  }
  get freshestCrl() {
    return this.value(extensions.freshestCrl, read.distributionPointsOf);
  }
  /** From when on certificates stay listed after they have expired (X.509, 9.5.2.8). */
  get expiredCertificatesFrom(): Date | undefined {
    return this.value(extensions.expiredCertsOnCrl, preciseTimeOf);
  }

  /** Whether it is known already if this key signed it. */
  judgedBy(key: PublicKey): boolean {
    return this.answers.has(key);
  }

  /** Whether this key signed it; computed once. */
  signedBy(key: PublicKey): boolean {
    let holds = this.answers.get(key);
    if (holds === undefined) {
      const scheme = schemeOf(this.signatureAlgorithm);
      holds = key.verifies(scheme, this.tbs.whole, this.signature);
      this.answers.set(key, holds);
    }
    return holds;
  }

  /**
   * Why it must not be used for any certificate (RFC 5280, 5.2 and 5.3): something malformed, or a
   * critical extension, of it or of an entry, that is unknown.
   */
  get unusable(): string | undefined {
    if (this.fault === undefined) this.fault = this.findFault() ?? null;
    return this.fault ?? undefined;
  }

  /** What RFC 5280 asks of issuers of CRLs and this one lacks (5.1.2.1, 5.2.1 and 5.2.3). */
  get profileViolation(): string | undefined {
    if (!this.authorityKeyIdentifier?.keyIdentifier)
      return 'a CRL without authority key identifier';
    const number = this.extensions.get(extensions.crlNumber);
    if (!number || this.crlNumber! < 0n) return 'a CRL without number';
    return number.critical ? 'a CRL whose number is critical' : undefined;
  }

  private findFault(): string | undefined {
    for (const { oid, critical } of this.extensions.values()) {
      if (critical && !processed.has(oid)) return `unknown critical extension ${oid}`;
    }
    try {
      for (const name of decodable) void this[name];
      this.entries();
      return undefined;
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      return error.message;
    }
  }

  /** The entry of a certificate by issuer and serial number, if it is listed and if it can be read. */
  find(issuer: Name, serial: Buffer): CrlEntry | 'malformed' | undefined {
    const key = keyOf(issuer.equals(this.issuer) ? undefined : issuer.key, serial);
    const offset = this.entries().get(key);
    if (offset === undefined) return undefined;
    const { source } = this.der;
    try {
      return entryOf(new DerReader(source, offset, source.length, 0).next());
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      return 'malformed';
    }
  }

  /** Where each entry lies, by issuer and serial number. Throws `DerError`. */
  private entries(): Map<string, number> {
    return (this.index ??= this.buildIndex());
  }

  private buildIndex(): Map<string, number> {
    const index = new Map<string, number>();
    const reader = this.revoked?.inside();
    const indirect = this.issuingDistributionPoint?.indirect ?? false;
    let issuer: string | undefined;
    while (reader?.more) {
      const entry = reader.next(tags.sequence);
      if (index.size >= maxEntries) entry.fail('more entries than can be held');
      const fields = entry.inside();
      const serial = fields.next(tags.integer).integerBytes();
      fields.next();
      const more = fields.optional(tags.sequence);
      fields.finish();
      const named = more && checkedEntryExtensions(more);
      if (named) {
        if (!indirect) more.fail('an entry of another issuer in a CRL that is not indirect');
        issuer = this.keyOfIssuer(named);
      }
      index.set(keyOf(issuer, serial), entry.start);
    }
    return index;
  }

  private keyOfIssuer(names: GeneralName[]): string | undefined {
    const found = names.find((name) => name.form === 'directory');
    if (!found) return names[0]!.der.fail('an issuer without a distinguished name');
    return found.name.equals(this.issuer) ? undefined : found.name.key;
  }

  private value<T>(oid: string, decode: (der: Der) => T): T | undefined {
    const extension = this.extensions.get(oid);
    if (!extension) return undefined;
    if (!this.decoded.has(oid)) this.decoded.set(oid, decode(Der.read(extension.value)));
    return this.decoded.get(oid) as T;
  }
}

const processed = new Set<string>([
  extensions.authorityKeyIdentifier,
  extensions.issuerAltName,
  extensions.crlNumber,
  extensions.deltaCrlIndicator,
  extensions.issuingDistributionPoint,
  extensions.freshestCrl,
  extensions.expiredCertsOnCrl,
]);

const decodable = [
  'crlNumber',
  'baseCrlNumber',
  'issuingDistributionPoint',
  'authorityKeyIdentifier',
  'freshestCrl',
  'expiredCertificatesFrom',
] as const;

const keyOf = (issuer: string | undefined, serial: Buffer): string =>
  issuer === undefined ? serial.toString('latin1') : `${serial.toString('latin1')}\u0100${issuer}`;
