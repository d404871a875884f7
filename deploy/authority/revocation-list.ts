import * as encode from '@eoffice/signing/asn1/encode';
import { extensions } from '@eoffice/signing/oids';
import { schemeIdentifier } from '@eoffice/signing/x509/algorithms';
import { authorityKeyIdentifier, extension, type Party, scheme, signed } from './issuing.js';
import type { Issued } from './register.js';

const validMs = 24 * 3_600_000;

/** A CRL of what this party has issued, made now and good for a day (RFC 5280, 5). */
export function revocationList({ certificate, key }: Party, revoked: readonly Issued[]): Buffer {
  const now = new Date();
  // Numbers grow from one list to the next, also after a restart.
  const number = extension(extensions.crlNumber, encode.integer(now.getTime()));
  const tbs = encode.sequence(
    encode.integer(1),
    schemeIdentifier(scheme),
    certificate.subject.der.whole,
    encode.timeValue(now),
    encode.timeValue(new Date(now.getTime() + validMs)),
    ...(revoked.length > 0 ? [encode.sequence(...revoked.map(entryOf))] : []),
    encode.explicit(0, encode.sequence(authorityKeyIdentifier(certificate.spki.whole), number)),
  );
  return encode.sequence(...signed(tbs, key));
}

function entryOf({ serial, revoked }: Issued): Buffer {
  const { at, reason } = revoked!;
  const why = reason === undefined ? [] : [encode.enumerated(reason)];
  const listed = why.map((value) => encode.sequence(extension(extensions.reasonCode, value)));
  const number = encode.unsigned(Buffer.from(serial, 'hex'));
  return encode.sequence(number, encode.timeValue(at), ...listed);
}
