import { Der, tags } from '../asn1/der.js';
import { timeOf } from '../asn1/values.js';
import { extensions } from '../oids.js';
import { extensionsOf } from './certificate.js';
import { type GeneralName, generalNamesOf } from './general-names.js';
import { crlReasons } from './status.js';

/** One revoked certificate (RFC 5280, 5.3). */
export interface CrlEntry {
  revokedAt: Date;
  /** Number of a CRLReason. */
  reason?: number;
  invalidSince?: Date;
}

/** The certificateIssuer of an entry, after making sure that no critical extension is unknown. */
export function checkedEntryExtensions(list: Der): GeneralName[] | undefined {
  const found = extensionsOf(list);
  for (const { oid, critical, der } of found.values()) {
    const known =
      oid === extensions.reasonCode ||
      oid === extensions.invalidityDate ||
      oid === extensions.certificateIssuer;
    if (critical && !known) der.fail(`unknown critical extension ${oid} of an entry`);
  }
  const issuer = found.get(extensions.certificateIssuer);
  return issuer && generalNamesOf(Der.read(issuer.value, tags.sequence), 100);
}

/** Reads one entry of revokedCertificates. Throws `DerError`. */
export function entryOf(entry: Der): CrlEntry {
  const reader = entry.inside();
  reader.next();
  const revokedAt = timeOf(reader.next());
  const found = extensionsOf(reader.optional(tags.sequence));
  const reason = found.get(extensions.reasonCode);
  const since = found.get(extensions.invalidityDate);
  return {
    revokedAt,
    reason: reason && reasonOf(Der.read(reason.value, tags.enumerated)),
    invalidSince: since && timeOf(Der.read(since.value)),
  };
}

/** CRLReason (RFC 5280, 5.3.1); 7 is not used. */
export function reasonOf(der: Der): number {
  const reason = der.smallInteger(10);
  return crlReasons[reason] ? reason : der.fail('a reason that does not exist');
}
