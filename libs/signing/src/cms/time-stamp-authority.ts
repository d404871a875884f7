import * as encode from '../asn1/encode.js';
import { contentTypes } from './oids.js';
import type { LocalKey } from './sign-cms.js';
import { grantedResponse, imprintElement, readTimeStampRequest } from './time-stamp.js';

export interface TimeStampOptions {
  time: Date;
  serial: Uint8Array;
  policy: string;
  accuracySeconds?: number;
}

/**
 * Answers a TimeStampReq (RFC 3161, 2.4.2) with a time that the caller vouches for. Throws `DerError`
 * for a request that is malformed.
 */
export function answerTimeStampRequest(
  request: Uint8Array,
  key: LocalKey,
  { time, serial, policy, accuracySeconds }: TimeStampOptions,
): Buffer {
  const { imprint, nonce, policy: wanted } = readTimeStampRequest(request);
  const info = encode.sequence(
    encode.integer(1),
    encode.oid(wanted ?? policy),
    imprintElement(imprint),
    encode.unsigned(serial),
    encode.generalizedTime(time),
    ...(accuracySeconds ? [encode.sequence(encode.integer(accuracySeconds))] : []),
    ...(nonce ? [encode.tlv(0x02, nonce)] : []),
  );
  const token = key.sign({ content: info, attached: true, contentType: contentTypes.tstInfo });
  return grantedResponse(token);
}
