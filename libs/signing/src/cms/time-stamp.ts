import { bufferOf, context, contextOf, Der, DerError, tags } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';
import { preciseTimeOf } from '../asn1/values.js';
import {
  algorithmOf,
  digestIdentifier,
  digestLengths,
  type DigestName,
  digestOf,
} from '../x509/algorithms.js';
import { type Extension, extensionsOf } from '../x509/certificate.js';
import { type GeneralName, generalNameOf } from '../x509/general-names.js';

/** The digest that was stamped. */
export interface MessageImprint {
  digest: DigestName;
  hash: Buffer;
}

/** TSTInfo (RFC 3161, 2.4.2). */
export interface TimeStampInfo {
  policy: string;
  imprint: MessageImprint;
  serial: Buffer;
  time: Date;
  /** The time is right within this many milliseconds, when it says so. */
  accuracyMs?: number;
  ordering: boolean;
  nonce?: Buffer;
  authority?: GeneralName;
  extensions: ReadonlyMap<string, Extension>;
}

/** TimeStampReq (RFC 3161, 2.4.1). */
export interface TimeStampRequest {
  imprint: MessageImprint;
  policy?: string;
  /** Octets of the INTEGER. */
  nonce?: Buffer;
  certificates: boolean;
}

const maxBytes = 1 << 20;

/** Writes a TimeStampReq; the nonce is any number of random octets. */
export function timeStampRequest(request: {
  imprint: MessageImprint;
  policy?: string;
  nonce?: Uint8Array;
}): Buffer {
  const { imprint, policy, nonce } = request;
  return encode.sequence(
    encode.integer(1),
    imprintElement(imprint),
    ...(policy ? [encode.oid(policy)] : []),
    ...(nonce ? [encode.unsigned(nonce)] : []),
    encode.boolean(true),
  );
}

export const imprintElement = ({ digest, hash }: MessageImprint): Buffer =>
  encode.sequence(digestIdentifier(digest), encode.octetString(hash));

/** Reads a TimeStampReq. Throws `DerError` or `AlgorithmError`. */
export function readTimeStampRequest(bytes: Uint8Array): TimeStampRequest {
  const reader = limited(bytes).inside();
  reader.next(tags.integer).smallInteger(1, 1);
  const imprint = imprintOf(reader.next());
  const policy = reader.optional(tags.oid)?.oid();
  const nonce = reader.optional(tags.integer)?.integerBytes();
  const certificates = reader.optional(tags.boolean)?.boolean() ?? false;
  const critical = [...extensionsOf(reader.optional(contextOf(0)))].find(([, one]) => one.critical);
  if (critical) critical[1].der.fail('an unknown critical extension');
  reader.finish();
  return { imprint, policy, nonce, certificates };
}

/** The token of a TimeStampResp that was granted (RFC 3161, 2.4.2). Throws `DerError` when not. */
export function tokenOf(response: Uint8Array): Buffer {
  const reader = limited(response).inside();
  const status = reader.next(tags.sequence).inside();
  const code = status.next(tags.integer).smallInteger();
  if (code > 1) {
    throw new DerError(
      `the time stamp authority refuses with status ${code}${reasonOf(status)}`,
      0,
    );
  }
  const token = reader.next(tags.sequence).whole;
  reader.finish();
  return token;
}

function reasonOf(status: ReturnType<Der['inside']>): string {
  const texts = status.optional(tags.sequence)?.list(10) ?? [];
  const words = texts.map((text) => text.content.toString('utf8').slice(0, 200)).join(' ');
  return words ? `: ${words}` : '';
}

/** Writes a TimeStampResp that grants a token. */
export const grantedResponse = (token: Uint8Array): Buffer =>
  encode.sequence(encode.sequence(encode.integer(0)), token);

/** Reads TSTInfo, the content of a time stamp token. Throws `DerError` or `AlgorithmError`. */
export function readTimeStampInfo(bytes: Uint8Array): TimeStampInfo {
  const reader = limited(bytes).inside();
  reader.next(tags.integer).smallInteger(1, 1);
  const policy = reader.next().oid();
  const imprint = imprintOf(reader.next());
  const serial = reader.next(tags.integer).integerBytes();
  const time = preciseTimeOf(reader.next());
  const accuracy = reader.optional(tags.sequence);
  const ordering = reader.optional(tags.boolean)?.boolean() ?? false;
  const nonce = reader.optional(tags.integer)?.integerBytes();
  const authority = reader.optional(contextOf(0));
  const extensions = extensionsOf(reader.optional(contextOf(1)));
  reader.finish();
  return {
    policy,
    imprint,
    serial,
    time,
    accuracyMs: accuracy && accuracyOf(accuracy),
    ordering,
    nonce,
    authority: authority && generalNameOf(authority.only()),
    extensions,
  };
}

function limited(bytes: Uint8Array): Der {
  if (bytes.length > maxBytes) throw new DerError('a time stamp beyond its size', 0);
  return Der.read(bufferOf(bytes), tags.sequence);
}

function imprintOf(der: Der): MessageImprint {
  const reader = der.must(tags.sequence).inside();
  const digest = digestOf(algorithmOf(reader.next()));
  const hash = reader.next().octets();
  reader.finish();
  if (hash.length !== digestLengths[digest]) der.fail('a digest of the wrong length');
  return { digest, hash };
}

/** Seconds, thousandths and millionths, each from 1 to 999 where it is a part (RFC 3161, 2.4.2). */
function accuracyOf(der: Der): number {
  const reader = der.inside();
  const seconds = reader.optional(tags.integer)?.smallInteger(1e6) ?? 0;
  const millis = reader.optional(context(0))?.as(tags.integer).smallInteger(999, 1) ?? 0;
  const micros = reader.optional(context(1))?.as(tags.integer).smallInteger(999, 1) ?? 0;
  reader.finish();
  return seconds * 1000 + millis + micros / 1000;
}
