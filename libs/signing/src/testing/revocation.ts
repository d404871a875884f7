import { hash } from 'node:crypto';
import * as encode from '../asn1/encode.js';
import { extensions } from '../oids.js';
import { schemeIdentifier } from '../x509/algorithms.js';
import type { Certificate } from '../x509/certificate.js';
import { CertificateList } from '../x509/crl.js';
import { certIdOf, ocspOids, OcspResponse } from '../x509/ocsp.js';
import {
  authorityKeyIdentifier,
  extension,
  keyIdentifierOf,
  type Party,
  signWith,
} from './authority.js';

/** One line of a CRL for specs. */
export interface Revoked {
  certificate?: Certificate;
  serial?: Buffer;
  at?: string;
  reason?: number;
  /** certificateIssuer of an indirect CRL. */
  issuer?: Buffer;
  extensions?: Buffer[];
}

export interface CrlWish {
  from?: string;
  to?: string | null;
  number?: number;
  /** Number of the base: makes it a delta. */
  base?: number;
  scope?: Buffer;
  extensions?: Buffer[];
  version?: number;
  revoked?: Revoked[];
  /** Changes the encoded tbsCertList before it is signed. */
  tbs?: (tbs: Buffer) => Buffer;
}

/** A CRL by this party, current in the middle of 2026 unless asked otherwise. */
export const crl = (issuer: Party, wish: CrlWish = {}): CertificateList =>
  CertificateList.read(crlBytes(issuer, wish));

/** The bytes of the same. */
export function crlBytes(issuer: Party, wish: CrlWish = {}): Buffer {
  const { version = 2, number = 1, base, scope, revoked = [] } = wish;
  const listed = [
    extension(
      extensions.authorityKeyIdentifier,
      false,
      authorityKeyIdentifier(keyIdentifierOf(issuer.keys)),
    ),
    extension(extensions.crlNumber, false, encode.integer(number)),
    ...(base === undefined
      ? []
      : [extension(extensions.deltaCrlIndicator, true, encode.integer(base))]),
    ...(scope ? [extension(extensions.issuingDistributionPoint, true, scope)] : []),
    ...(wish.extensions ?? []),
  ];
  const algorithm = schemeIdentifier(issuer.keys.scheme);
  const fields = encode.sequence(
    ...(version > 1 ? [encode.integer(version - 1)] : []),
    algorithm,
    issuer.name,
    encode.timeValue(new Date(wish.from ?? '2026-05-30')),
    ...(wish.to === null ? [] : [encode.timeValue(new Date(wish.to ?? '2026-06-30'))]),
    ...(revoked.length > 0 ? [encode.sequence(Buffer.concat(revoked.map(entry)))] : []),
    ...(version > 1 ? [encode.explicit(0, encode.sequence(...listed))] : []),
  );
  const tbs = wish.tbs ? wish.tbs(fields) : fields;
  return encode.sequence(tbs, algorithm, encode.bitString(signWith(issuer.keys, tbs)));
}

function entry({
  certificate,
  serial,
  at,
  reason,
  issuer,
  extensions: more = [],
}: Revoked): Buffer {
  const listed = [
    ...(reason === undefined
      ? []
      : [extension(extensions.reasonCode, false, encode.enumerated(reason))]),
    ...(issuer
      ? [extension(extensions.certificateIssuer, true, encode.sequence(encode.explicit(4, issuer)))]
      : []),
    ...more,
  ];
  return encode.sequence(
    encode.tlv(2, certificate?.serial ?? serial!),
    encode.timeValue(new Date(at ?? '2026-05-01')),
    ...(listed.length > 0 ? [encode.sequence(...listed)] : []),
  );
}

/** IssuingDistributionPoint from its parts: names of the point, then flags. */
export function scope(wish: {
  fullName?: Buffer[];
  relative?: Buffer;
  users?: boolean;
  cas?: boolean;
  attributes?: boolean;
  reasons?: number;
  indirect?: boolean;
}): Buffer {
  const flag = (number: number, value?: boolean) =>
    value ? [encode.implicit(number, encode.boolean(true))] : [];
  return encode.sequence(
    ...pointName(wish),
    ...flag(1, wish.users),
    ...flag(2, wish.cas),
    ...(wish.reasons === undefined ? [] : [encode.implicit(3, encode.namedBits(wish.reasons))]),
    ...flag(4, wish.indirect),
    ...flag(5, wish.attributes),
  );
}

interface PointWish {
  fullName?: Buffer[];
  relative?: Buffer;
  reasons?: number;
  crlIssuer?: Buffer;
}

function pointName({ fullName, relative }: PointWish): Buffer[] {
  if (fullName) return [encode.explicit(0, encode.explicit(0, ...fullName))];
  return relative ? [encode.explicit(0, encode.implicit(1, relative))] : [];
}

/** CRLDistributionPoints. */
export const distributionPoints = (...points: PointWish[]): Buffer =>
  encode.sequence(
    ...points.map((point) =>
      encode.sequence(
        ...pointName(point),
        ...(point.reasons === undefined
          ? []
          : [encode.implicit(1, encode.namedBits(point.reasons))]),
        ...(point.crlIssuer ? [encode.explicit(2, encode.explicit(4, point.crlIssuer))] : []),
      ),
    ),
  );

export interface OcspWish {
  certificate: Certificate;
  issuer: Party;
  /** Who signs; the issuer unless given. */
  responder?: Party;
  by?: 'name' | 'key';
  status?: 'good' | 'unknown' | { at: string; reason?: number };
  from?: string;
  to?: string | null;
  producedAt?: string;
  digest?: 'sha1' | 'sha256';
  nonce?: Buffer;
  certificates?: Certificate[];
  singleExtensions?: Buffer[];
  extensions?: Buffer[];
  /** Changes the encoded ResponseData before it is signed. */
  data?: (data: Buffer) => Buffer;
}

/** The bytes of an OCSPResponse. */
export function ocspBytes(wish: OcspWish): Buffer {
  const { certificate, issuer, responder = issuer } = wish;
  const time = (text: string) => encode.generalizedTime(new Date(text));
  const single = encode.sequence(
    certIdOf(certificate, issuer.certificate.publicKey, wish.digest),
    statusOf(wish.status ?? 'good', time),
    time(wish.from ?? '2026-05-31T12:00:00Z'),
    ...(wish.to === null ? [] : [encode.explicit(0, time(wish.to ?? '2026-06-02'))]),
    ...(wish.singleExtensions
      ? [encode.explicit(1, encode.sequence(...wish.singleExtensions))]
      : []),
  );
  const key = responder.certificate.publicKey;
  const listed = [
    ...(wish.nonce ? [extension(ocspOids.nonce, false, encode.octetString(wish.nonce))] : []),
    ...(wish.extensions ?? []),
  ];
  const data = encode.sequence(
    wish.by === 'key'
      ? encode.explicit(2, encode.octetString(hash('sha1', key.octets, 'buffer')))
      : encode.explicit(1, responder.name),
    time(wish.producedAt ?? '2026-05-31T12:00:00Z'),
    encode.sequence(single),
    ...(listed.length > 0 ? [encode.explicit(1, encode.sequence(...listed))] : []),
  );
  const signed = wish.data ? wish.data(data) : data;
  const certificates = wish.certificates ?? (wish.responder ? [wish.responder.certificate] : []);
  const basic = encode.sequence(
    signed,
    schemeIdentifier(responder.keys.scheme),
    encode.bitString(signWith(responder.keys, signed)),
    ...(certificates.length > 0
      ? [encode.explicit(0, encode.sequence(...certificates.map(({ bytes }) => bytes)))]
      : []),
  );
  const body = encode.sequence(encode.oid(ocspOids.basic), encode.octetString(basic));
  return encode.sequence(encode.enumerated(0), encode.explicit(0, body));
}

export const ocsp = (wish: OcspWish): OcspResponse => OcspResponse.read(ocspBytes(wish));

function statusOf(status: NonNullable<OcspWish['status']>, time: (text: string) => Buffer): Buffer {
  if (status === 'good') return encode.tlv(0x80);
  if (status === 'unknown') return encode.tlv(0x82);
  const { at, reason } = status;
  const parts = reason === undefined ? [] : [encode.explicit(0, encode.enumerated(reason))];
  return encode.tlv(0xa1, time(at), ...parts);
}
