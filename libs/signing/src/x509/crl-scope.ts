import { context, contextOf, type Der, tags } from '../asn1/der.js';
import { type DistributionPoint, pointNameOf } from './extensions.js';

/** The scope of a CRL (RFC 5280, 5.2.5). */
export interface IssuingDistributionPoint extends Pick<DistributionPoint, 'fullName' | 'relative'> {
  onlyUserCertificates: boolean;
  onlyCaCertificates: boolean;
  onlyAttributeCertificates: boolean;
  onlySomeReasons?: number;
  indirect: boolean;
}

/** Reads IssuingDistributionPoint. Throws `DerError`. */
export function scopeOf(der: Der): IssuingDistributionPoint {
  const reader = der.must(tags.sequence).inside();
  if (!reader.more) der.fail('a scope that says nothing');
  const name = reader.optional(contextOf(0));
  const flag = (number: number) =>
    reader.optional(context(number))?.as(tags.boolean).boolean() ?? false;
  const onlyUserCertificates = flag(1);
  const onlyCaCertificates = flag(2);
  const reasons = reader.optional(context(3));
  const indirect = flag(4);
  const onlyAttributeCertificates = flag(5);
  reader.finish();
  const kinds = [onlyUserCertificates, onlyCaCertificates, onlyAttributeCertificates];
  if (kinds.filter(Boolean).length > 1) der.fail('a scope of two kinds');
  return {
    ...(name && pointNameOf(name)),
    onlyUserCertificates,
    onlyCaCertificates,
    onlyAttributeCertificates,
    onlySomeReasons: reasons?.as(tags.bitString).namedBits(),
    indirect,
  };
}
