import { createHash } from 'node:crypto';
import { contextOf, Der, DerError, tags } from '@eoffice/signing/asn1/der';
import * as encode from '@eoffice/signing/asn1/encode';
import { AlgorithmError, algorithmOf, digestOf } from '@eoffice/signing/x509/algorithms';
import { ocspOids } from '@eoffice/signing/x509/ocsp';
import { extension, type Party, signed } from './issuing.js';
import type { Register } from './register.js';

const maxRequests = 100;
const maxNonce = 130;
const validMs = 3_600_000;
const malformedRequest = 1;

type Parties = Record<'issuing' | 'responder' | 'stamper', Party>;

interface Asked {
  certIds: Der[];
  /** What the extension holds (RFC 8954). */
  nonce?: Buffer;
}

/** Answers an OCSPRequest from the register (RFC 6960). What cannot be read is `malformedRequest`. */
export function answerStatus(request: Uint8Array, register: Register, parties: Parties): Buffer {
  try {
    return answer(readRequest(request), register, parties);
  } catch (error) {
    if (!(error instanceof DerError) && !(error instanceof AlgorithmError)) throw error;
    return encode.sequence(encode.enumerated(malformedRequest));
  }
}

function answer(asked: Asked, register: Register, parties: Parties): Buffer {
  const { responder } = parties;
  const now = new Date();
  const until = encode.generalizedTime(new Date(now.getTime() + validMs));
  const responses = asked.certIds.map((certId) =>
    encode.sequence(
      certId.whole,
      statusOf(certId, register, parties),
      encode.generalizedTime(now),
      encode.explicit(0, until),
    ),
  );
  const nonces = asked.nonce ? [extension(ocspOids.nonce, asked.nonce)] : [];
  const data = encode.sequence(
    encode.explicit(1, responder.certificate.subject.der.whole),
    encode.generalizedTime(now),
    encode.sequence(...responses),
    ...nonces.map((nonce) => encode.explicit(1, encode.sequence(nonce))),
  );
  const basic = encode.sequence(
    ...signed(data, responder.key),
    encode.explicit(0, encode.sequence(responder.certificate.bytes)),
  );
  const body = encode.sequence(encode.oid(ocspOids.basic), encode.octetString(basic));
  return encode.sequence(encode.enumerated(0), encode.explicit(0, body));
}

function readRequest(bytes: Uint8Array): Asked {
  const reader = Der.read(bytes, tags.sequence).inside().next(tags.sequence).inside();
  reader.optional(contextOf(0));
  reader.optional(contextOf(1));
  const certIds = reader
    .next(tags.sequence)
    .list(maxRequests)
    .map((one) => one.must(tags.sequence).inside().next(tags.sequence));
  const listed = reader.optional(contextOf(2))?.only(tags.sequence).list(20) ?? [];
  for (const one of listed) {
    const parts = one.must(tags.sequence).inside();
    if (parts.next(tags.oid).oid() !== ocspOids.nonce) continue;
    parts.optional(tags.boolean);
    const nonce = parts.next(tags.octetString).content;
    return nonce.length > maxNonce ? one.fail('a nonce beyond its size') : { certIds, nonce };
  }
  return { certIds };
}

const good = encode.tlv(0x80);

/** `good` only for what was issued here: what nobody knows is `unknown`. */
function statusOf(certId: Der, register: Register, { issuing, stamper }: Parties): Buffer {
  const { certificate } = issuing;
  const reader = certId.inside();
  const digest = digestOf(algorithmOf(reader.next()));
  const name = reader.next().octets();
  const key = reader.next().octets();
  const serial = reader.next(tags.integer).integerBytes();
  const hashOf = (octets: Uint8Array) => createHash(digest).update(octets).digest();
  const ours =
    hashOf(certificate.subject.der.whole).equals(name) &&
    hashOf(certificate.publicKey.octets).equals(key);
  if (ours && serial.equals(stamper.certificate.serial)) return good;
  const known = ours ? register.find(serial.toString('hex')) : undefined;
  if (!known) return encode.tlv(0x82);
  if (!known.revoked) return good;
  const { at, reason } = known.revoked;
  const why = reason === undefined ? [] : [encode.explicit(0, encode.enumerated(reason))];
  return encode.tlv(0xa1, encode.generalizedTime(at), ...why);
}
