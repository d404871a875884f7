import { Der, tags } from '../asn1/der.js';
import { ascending } from '../asn1/primitives.js';
import { textOf } from '../asn1/values.js';

/** One attribute of a relative distinguished name; `text` is missing when it is no string. */
export interface NameAttribute {
  type: string;
  text?: string;
  value: Der;
}

const maxRdns = 1000;

/**
 * A distinguished name (RFC 5280, 4.1.2.4), compared as section 7.1 says: prepared strings, whatever
 * their type, and octets for everything that is no string.
 */
export class Name {
  private parsed?: NameAttribute[][];
  private prepared?: string[];
  private whole?: string;

  constructor(readonly der: Der) {
    der.must(tags.sequence);
  }

  static read(bytes: Uint8Array): Name {
    return new Name(Der.read(bytes)).readable();
  }

  /** The same name, after making sure that it can be compared. Throws `DerError`. */
  readable(): this {
    void this.key;
    return this;
  }

  get empty(): boolean {
    return this.der.length === 0;
  }

  get rdns(): readonly NameAttribute[][] {
    return (this.parsed ??= this.der.list(maxRdns).map(rdnOf));
  }

  /** One canonical text for each relative name. */
  get rdnKeys(): readonly string[] {
    return (this.prepared ??= this.rdns.map(rdnKey));
  }

  /** Equal for two names exactly when they match. */
  get key(): string {
    return (this.whole ??= this.rdnKeys.join('\u0000'));
  }

  equals(other: Name): boolean {
    return this.der.equals(other.der) || this.key === other.key;
  }

  /** Whether the parts of each relative name come in the order of DER (X.690, 11.6). */
  get ordered(): boolean {
    return (
      this.rdns.every(({ length }) => length === 1) ||
      this.der.list(maxRdns).every((rdn) => ascending(rdn.list(maxRdns)))
    );
  }

  /** Whether this name lies in the subtree of `base`: its relative names begin with all of the base's. */
  within(base: Name): boolean {
    const keys = this.rdnKeys;
    return base.rdnKeys.length <= keys.length && base.rdnKeys.every((key, at) => key === keys[at]);
  }

  /** All values of an attribute type, in order. */
  textsOf(type: string): string[] {
    return this.rdns
      .flat()
      .filter((attribute) => attribute.type === type && attribute.text !== undefined)
      .map(({ text }) => text!);
  }

  /** For people: `CN=…, O=…`, the most specific first (RFC 4514). */
  toString(): string {
    return [...this.rdns]
      .reverse()
      .map((rdn) => rdn.map(shown).join('+'))
      .join(', ');
  }
}

/** A relative name that continues the name of a CRL issuer (RFC 5280, 4.2.1.13). */
export const relativeKey = (base: Name, rdn: Der): string =>
  [...base.rdnKeys, rdnKey(attributesOf(rdn))].join('\u0000');

/** Makes sure that a relative name can be compared. Throws `DerError`. */
export function mustBeRelative(rdn: Der): Der {
  rdnKey(attributesOf(rdn));
  return rdn;
}

function rdnOf(element: Der): NameAttribute[] {
  return attributesOf(element.must(tags.set));
}

function attributesOf(element: Der): NameAttribute[] {
  const attributes = element.list(maxRdns).map((pair) => {
    const reader = pair.must(tags.sequence).inside();
    const type = reader.next().oid();
    const value = reader.next();
    reader.finish();
    return { type, text: textOf(value), value };
  });
  return attributes.length > 0 ? attributes : element.fail('an empty relative name');
}

const rdnKey = (attributes: NameAttribute[]): string =>
  attributes.length === 1
    ? attributeKey(attributes[0]!)
    : attributes.map(attributeKey).sort().join('\u0001');

const attributeKey = ({ type, text, value }: NameAttribute): string =>
  text === undefined ? `${type}#${value.whole.toString('hex')}` : `${type}=${prepare(text)}`;

/**
 * Prepares a string for comparison (RFC 4518, section 2): map, normalise, fold case, and make inner
 * white space one space and outer none. Text that is plain ASCII, as nearly all is, goes quickly.
 */
export function prepare(text: string): string {
  if (/^[!-~]+(?: [!-~]+)*$/.test(text)) return text.toLowerCase();
  return text
    .replace(ignored, '')
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[\s\u0085]+/gu, ' ')
    .trim();
}

// Mapped to nothing by RFC 4518, 2.2: controls without meaning, joiners, variation selectors.
const ignored =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u06dd\u070f\u1806\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2063\u206a-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc]/gu;

const labels: Record<string, string> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

const shown = ({ type, text, value }: NameAttribute) =>
  `${labels[type] ?? type}=${
    text?.replace(/[\\,+"<>;=\u0000-\u001f]/g, (sign) =>
      sign < ' ' ? `\\${sign.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\${sign}`,
    ) ?? `#${value.whole.toString('hex')}`
  }`;
