import { context, contextOf, Der, tags } from '../asn1/der.js';
import { setOf } from '../asn1/encode.js';
import { ascending } from '../asn1/primitives.js';
import { timeOf } from '../asn1/values.js';
import { type AlgorithmIdentifier, algorithmOf } from '../x509/algorithms.js';
import type { Certificate } from '../x509/certificate.js';
import { Name } from '../x509/names.js';
import { attributes } from './oids.js';

const maxAttributes = 200;

/** Attributes by type; each type once (RFC 5652, 5.3). */
export type Attributes = ReadonlyMap<string, Der[]>;

/** One signature of a SignedData (RFC 5652, 5.3), or a countersignature (11.4). */
export class SignerInfo {
  readonly version: number;
  readonly digestAlgorithm: AlgorithmIdentifier;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Buffer;
  readonly signedAttributes?: Attributes;
  readonly unsignedAttributes?: Attributes;
  private readonly issuer?: Name;
  private readonly serial?: Buffer;
  private readonly keyIdentifier?: Buffer;
  private readonly signedSet?: Der;
  private readonly signedInOrder: boolean;

  constructor(readonly der: Der) {
    const reader = der.must(tags.sequence).inside();
    this.version = reader.next(tags.integer).smallInteger(3, 1);
    if (reader.tag === tags.sequence) {
      const id = reader.next().inside();
      this.issuer = new Name(id.next());
      this.serial = id.next(tags.integer).integerBytes();
      id.finish();
    } else {
      this.keyIdentifier = reader.next(context(0)).content;
    }
    this.digestAlgorithm = algorithmOf(reader.next());
    this.signedSet = reader.optional(contextOf(0));
    const signed = this.signedSet?.list(maxAttributes);
    this.signedInOrder = !signed || ascending(signed);
    this.signedAttributes = signed && attributesOf(this.signedSet!, signed);
    this.signatureAlgorithm = algorithmOf(reader.next());
    this.signature = reader.next(tags.octetString).content;
    const unsigned = reader.optional(contextOf(1));
    this.unsignedAttributes =
      unsigned && attributesOf(unsigned, unsigned.list(maxAttributes), true);
    reader.finish();
  }

  /** Whether the identifier of the signer is that of the certificate (RFC 5652, 5.3, sid). */
  names(certificate: Certificate): boolean {
    if (this.keyIdentifier) {
      try {
        return certificate.subjectKeyIdentifier?.equals(this.keyIdentifier) === true;
      } catch {
        return false;
      }
    }
    return this.serial!.equals(certificate.serial) && this.issuer!.equals(certificate.issuer);
  }

  /**
   * What was signed when there are signed attributes: their DER as a SET OF, whatever order they were
   * sent in (RFC 5652, 5.4).
   */
  signedBytes(): Buffer | undefined {
    if (!this.signedSet) return undefined;
    if (!this.signedInOrder) return setOf(...this.signedSet.list().map(({ whole }) => whole));
    const bytes = Buffer.from(this.signedSet.whole);
    bytes[0] = tags.set;
    return bytes;
  }

  /** The one value of a signed attribute; `undefined` without it. Throws `DerError` for several. */
  signed(type: string): Der | undefined {
    const values = this.signedAttributes?.get(type);
    if (values && values.length !== 1) this.der.fail(`the attribute ${type} with several values`);
    return values?.[0];
  }

  /** Values of an unsigned attribute. */
  unsigned(type: string): Der[] {
    return this.unsignedAttributes?.get(type) ?? [];
  }

  /** When the signer says to have signed: a claim, no proof. */
  get claimedTime(): Date | undefined {
    const value = this.signed(attributes.signingTime);
    return value && timeOf(value);
  }

  /** Signatures over this signature (RFC 5652, 11.4). */
  get countersignatures(): SignerInfo[] {
    return this.unsigned(attributes.countersignature).map((der) => new SignerInfo(der));
  }

  /** ContentInfos of time stamps over this signature (RFC 3161, appendix A). */
  get timeStamps(): Buffer[] {
    return this.unsigned(attributes.signatureTimeStamp).map((der) => der.whole);
  }
}

/** Attributes; unsigned ones may come several times, which some signers do for time stamps. */
function attributesOf(set: Der, elements: Der[], repeated = false): Attributes {
  const found = new Map<string, Der[]>();
  for (const der of elements) {
    const reader = der.must(tags.sequence).inside();
    const type = reader.next().oid();
    const values = reader.next(tags.set).list(maxAttributes);
    reader.finish();
    const known = found.get(type);
    if (known && !repeated) der.fail(`the attribute ${type} twice`);
    if (values.length === 0) der.fail(`the attribute ${type} without a value`);
    found.set(type, known ? [...known, ...values] : values);
  }
  return found.size > 0 ? found : set.fail('a set of no attributes');
}
