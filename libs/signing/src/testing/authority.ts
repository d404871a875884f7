import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { Der } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';
import { extensions } from '../oids.js';
import { type DigestName, schemeIdentifier, type SignatureScheme } from '../x509/algorithms.js';
import { Certificate } from '../x509/certificate.js';
import { keyUsages } from '../x509/extensions.js';

/**
 * A certification authority for specs: it issues whatever it is asked to, right or wrong, because
 * checks are only worth what they refuse.
 */

export interface Keys {
  publicKey: KeyObject;
  privateKey: KeyObject;
  scheme: SignatureScheme;
}

/** What an issued certificate is made of; the defaults are those of a sound end entity. */
export interface Wish {
  subject?: string | Buffer;
  issuer?: Party;
  keys?: Keys;
  serial?: number | bigint | Buffer;
  version?: number;
  from?: string;
  to?: string;
  /** Makes it a CA with this path length, or without one for `true`. */
  ca?: boolean | number;
  /** A mask of `keyUsages`; `null` leaves the extension out. */
  keyUsage?: number | null;
  /** Extensions by their identifier, replacing those of the default; `null` leaves one out. */
  extensions?: Record<string, Buffer | null>;
  /** Identifiers of extensions that are critical, or not, against the default. */
  critical?: Record<string, boolean>;
  scheme?: SignatureScheme;
  /** SubjectPublicKeyInfo in place of that of the keys. */
  spki?: Buffer;
  /** Name the certificate gives as its issuer, when it lies. */
  issuerName?: Buffer;
  /** Changes the encoded tbsCertificate before it is signed. */
  tbs?: (tbs: Buffer) => Buffer;
}

/** A name, its keys and its certificate. */
export interface Party {
  name: Buffer;
  keys: Keys;
  certificate: Certificate;
}

export const spkiOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });

export const ecKeys = (namedCurve = 'P-256', digest: DigestName = 'sha256'): Keys => ({
  ...generateKeyPairSync('ec', { namedCurve }),
  scheme: { kind: 'ecdsa', digest },
});

export const rsaKeys = (modulusLength = 2048, digest: DigestName = 'sha256'): Keys => ({
  ...generateKeyPairSync('rsa', { modulusLength }),
  scheme: { kind: 'rsa', digest },
});

export const edwardsKeys = (kind: 'ed25519' | 'ed448'): Keys => ({
  ...(kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448')),
  scheme: { kind, digest: 'none' },
});

export const dsaKeys = (): Keys => ({
  ...generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }),
  scheme: { kind: 'dsa', digest: 'sha256' },
});

/** SubjectPublicKeyInfo without parameters: those of DSA are then inherited. */
export function bareSpki({ publicKey }: Keys): Buffer {
  const [algorithm, key] = Der.read(spkiOf(publicKey)).list();
  return encode.sequence(encode.sequence(algorithm!.list()[0]!.whole), key!.whole);
}

/** Signs data as the scheme says. */
export function signWith(keys: Keys, data: Uint8Array, scheme = keys.scheme): Buffer {
  const digest = scheme.digest === 'none' ? null : scheme.digest;
  if (scheme.kind !== 'rsa-pss') return sign(digest, data, keys.privateKey);
  return sign(digest, data, {
    key: keys.privateKey,
    padding: 6,
    saltLength: scheme.saltLength,
  });
}

/** `CN=…,O=…` in that order of types, as UTF8String (country as PrintableString). */
export function nameOf(text: string): Buffer {
  if (text === '') return encode.sequence();
  const types: Record<string, string> = {
    C: '2.5.4.6',
    ST: '2.5.4.8',
    O: '2.5.4.10',
    OU: '2.5.4.11',
    CN: '2.5.4.3',
  };
  const rdns = text.split(',').map((part) => {
    const [type = '', ...value] = part.trim().split('=');
    const string = type === 'C' ? encode.printableString : encode.utf8String;
    return rdn(types[type] ?? type, string(value.join('=')));
  });
  return encode.sequence(...rdns);
}

export const rdn = (type: string, value: Buffer): Buffer =>
  encode.setOf(encode.sequence(encode.oid(type), value));

export const keyIdentifierOf = (keys: Keys): Buffer =>
  createHash('sha1').update(spkiOf(keys.publicKey)).digest();

export const authorityKeyIdentifier = (keyIdentifier: Buffer): Buffer =>
  encode.sequence(encode.tlv(0x80, keyIdentifier));

export const basicConstraints = (ca: boolean, pathLength?: number): Buffer =>
  encode.sequence(
    ...(ca ? [encode.boolean(true)] : []),
    ...(pathLength === undefined ? [] : [encode.integer(pathLength)]),
  );

/** One extension as certificates and CRLs carry it. */
export const extension = (oid: string, critical: boolean, value: Buffer): Buffer =>
  encode.sequence(
    encode.oid(oid),
    ...(critical ? [encode.boolean(true)] : []),
    encode.octetString(value),
  );

const criticalByDefault = new Set<string>([
  extensions.basicConstraints,
  extensions.keyUsage,
  extensions.nameConstraints,
  extensions.policyConstraints,
  extensions.inhibitAnyPolicy,
]);

let names = 0;

/** Issues a certificate; without `issuer` it signs itself. */
export function issue(wish: Wish = {}): Party {
  const { bytes, ...party } = issueBytes(wish);
  return { ...party, certificate: Certificate.read(bytes) };
}

/** The same without reading what was made, which may be nothing that can be read. */
export function issueBytes(wish: Wish = {}): Omit<Party, 'certificate'> & { bytes: Buffer } {
  const keys = wish.keys ?? ecKeys();
  const { subject: wished = `CN=name ${++names}` } = wish;
  const subject = typeof wished === 'string' ? nameOf(wished) : wished;
  const issuer = wish.issuer ?? { name: subject, keys };
  const scheme = wish.scheme ?? issuer.keys.scheme;
  const algorithm = schemeIdentifier(scheme);
  const fields = tbsOf(wish, keys, issuer, [algorithm, subject]);
  const tbs = wish.tbs ? wish.tbs(fields) : fields;
  const signature = encode.bitString(signWith(issuer.keys, tbs, scheme));
  const bytes = encode.sequence(tbs, algorithm, signature);
  return { name: subject, keys, bytes };
}

function tbsOf(
  wish: Wish,
  keys: Keys,
  issuer: Pick<Party, 'name' | 'keys'>,
  [algorithm, subject]: [Buffer, Buffer],
): Buffer {
  const { version = 3, serial = randomBytes(8) } = wish;
  const listed = version === 3 ? extensionsFor(wish, keys, issuer.keys) : [];
  return encode.sequence(
    ...(version > 1 ? [encode.explicit(0, encode.integer(version - 1))] : []),
    typeof serial === 'object' ? encode.unsigned(serial) : encode.integer(serial),
    algorithm,
    wish.issuerName ?? issuer.name,
    encode.sequence(
      encode.timeValue(new Date(wish.from ?? '2020-01-01')),
      encode.timeValue(new Date(wish.to ?? '2040-01-01')),
    ),
    subject,
    wish.spki ?? spkiOf(keys.publicKey),
    ...(listed.length > 0 ? [encode.explicit(3, encode.sequence(...listed))] : []),
  );
}

function extensionsFor(wish: Wish, keys: Keys, issuer: Keys): Buffer[] {
  const ca = wish.ca !== undefined && wish.ca !== false;
  const usual = ca
    ? keyUsages.keyCertSign | keyUsages.crlSign
    : keyUsages.digitalSignature | keyUsages.nonRepudiation;
  const usage = wish.keyUsage === undefined ? usual : wish.keyUsage;
  const wanted: Record<string, Buffer | null> = {
    [extensions.subjectKeyIdentifier]: encode.octetString(keyIdentifierOf(keys)),
    [extensions.authorityKeyIdentifier]: authorityKeyIdentifier(keyIdentifierOf(issuer)),
    [extensions.basicConstraints]: ca
      ? basicConstraints(true, typeof wish.ca === 'number' ? wish.ca : undefined)
      : null,
    [extensions.keyUsage]: usage === null ? null : encode.namedBits(usage),
    ...wish.extensions,
  };
  return Object.entries(wanted)
    .filter((entry): entry is [string, Buffer] => entry[1] !== null)
    .map(([oid, value]) =>
      extension(oid, wish.critical?.[oid] ?? criticalByDefault.has(oid), value),
    );
}

/** GeneralName of a form with text. */
export const generalName = {
  email: (text: string) => encode.tlv(0x81, Buffer.from(text, 'latin1')),
  dns: (text: string) => encode.tlv(0x82, Buffer.from(text, 'latin1')),
  uri: (text: string) => encode.tlv(0x86, Buffer.from(text, 'latin1')),
  ip: (address: Buffer) => encode.tlv(0x87, address),
  directory: (name: Buffer) => encode.explicit(4, name),
  other: (oid: string, value: Buffer) =>
    encode.explicit(0, encode.oid(oid), encode.explicit(0, value)),
};

/** NameConstraints of bases. */
export function nameConstraints(permitted: Buffer[], excluded: Buffer[] = []): Buffer {
  const subtrees = (bases: Buffer[]) => bases.map((base) => encode.sequence(base));
  return encode.sequence(
    ...(permitted.length > 0 ? [encode.explicit(0, ...subtrees(permitted))] : []),
    ...(excluded.length > 0 ? [encode.explicit(1, ...subtrees(excluded))] : []),
  );
}

/** CertificatePolicies without qualifiers. */
export const policies = (...oids: string[]): Buffer =>
  encode.sequence(...oids.map((one) => encode.sequence(encode.oid(one))));

export const policyMappings = (...pairs: [issuer: string, subject: string][]): Buffer =>
  encode.sequence(...pairs.map((pair) => encode.sequence(...pair.map(encode.oid))));

export const policyConstraints = (explicit?: number, mapping?: number): Buffer =>
  encode.sequence(
    ...(explicit === undefined ? [] : [encode.implicit(0, encode.integer(explicit))]),
    ...(mapping === undefined ? [] : [encode.implicit(1, encode.integer(mapping))]),
  );

export const digest = (name: 'sha1' | 'sha256' | 'sha512', bytes: Uint8Array): Buffer =>
  createHash(name).update(bytes).digest();
