import * as encode from '../asn1/encode.js';
import { attributeTypes, extensions } from '../oids.js';
import type { Certificate } from './certificate.js';
import { keyUsages } from './extensions.js';
import type { GeneralName } from './general-names.js';
import { dnsLabels, mailboxOf } from './host-names.js';

/**
 * What RFC 5280, section 4, demands of conforming certificates beyond what section 6 needs to validate
 * a path. Two demands on issuers are left out, because users are told to put up with the contrary:
 * negative serial numbers (4.1.2.2) and times in the longer form (4.1.2.5). The criticality of basic
 * constraints is asked of trust anchors only, where it is ours to choose.
 */
const checks: [what: string, broken: (certificate: Certificate) => boolean][] = [
  ['a serial number beyond 20 octets', ({ serial }) => serial.length > 20],
  ['a serial number of zero', ({ serial }) => serial.length === 1 && serial[0] === 0],
  ['an empty issuer', ({ issuer }) => issuer.empty],
  ['a CA without a name', (one) => isCa(one) && one.subject.empty],
  [
    'an empty subject without critical alternative names',
    (one) => one.subject.empty && !one.extensions.get(extensions.subjectAltName)?.critical,
  ],
  [
    'a name with parts out of order (X.690, 11.6)',
    ({ issuer, subject }) => !issuer.ordered || !subject.ordered,
  ],
  ['a malformed alternative name', (one) => !(one.subjectAltName ?? []).every(soundName)],
  [
    'a malformed e-mail address in the subject',
    ({ subject }) => subject.textsOf(attributeTypes.emailAddress).some((text) => !mailboxOf(text)),
  ],
  [
    'no authority key identifier',
    (one) =>
      one.authorityKeyIdentifier
        ? !one.authorityKeyIdentifier.keyIdentifier?.length
        : !one.selfIssued,
  ],
  [
    'a path length on an end entity',
    (one) => !isCa(one) && one.basicConstraints?.pathLength !== undefined,
  ],
  [
    'a key for certificates that is no CA',
    (one) => !isCa(one) && ((one.keyUsage ?? 0) & keyUsages.keyCertSign) !== 0,
  ],
  [
    'a key usage with needless bits (X.690, 11.2.2)',
    ({ keyUsage, extensions: all }) =>
      keyUsage !== undefined &&
      !all.get(extensions.keyUsage)!.value.equals(encode.namedBits(keyUsage)),
  ],
  ['name constraints on an end entity', (one) => !isCa(one) && !!one.nameConstraints],
  ...[
    extensions.authorityKeyIdentifier,
    extensions.subjectKeyIdentifier,
    extensions.freshestCrl,
    extensions.authorityInfoAccess,
    extensions.subjectInfoAccess,
  ].map((oid): [string, (one: Certificate) => boolean] => [
    `the extension ${oid} is critical`,
    (one) => one.extensions.get(oid)?.critical === true,
  ]),
  ...[extensions.nameConstraints, extensions.policyConstraints, extensions.inhibitAnyPolicy].map(
    (oid): [string, (one: Certificate) => boolean] => [
      `the extension ${oid} is not critical`,
      (one) => one.extensions.get(oid)?.critical === false,
    ],
  ),
];

const isCa = (one: Certificate) => one.basicConstraints?.ca === true;

/** The syntax each form of name has (RFC 5280, 4.2.1.6). */
function soundName(name: GeneralName): boolean {
  switch (name.form) {
    case 'dns': {
      const host = name.text.startsWith('*.') ? name.text.slice(2) : name.text;
      return dnsLabels(host) !== undefined && !host.includes('_');
    }
    case 'email':
      return mailboxOf(name.text) !== undefined;
    case 'ip':
      return name.address.length === 4 || name.address.length === 16;
    case 'uri':
      return /^[a-z][a-z0-9+.-]*:[^\s<>"\\^`{|}]+$/i.test(name.text);
    default:
      return true;
  }
}

/** The first demand a certificate of a path does not meet. */
export const profileViolation = (certificate: Certificate): string | undefined =>
  checks.find(([, broken]) => broken(certificate))?.[0];

/** The same for a certificate that issued others: it must name its key (4.2.1.2). */
export const issuerViolation = (certificate: Certificate): string | undefined =>
  certificate.subjectKeyIdentifier?.length ? undefined : 'a CA without subject key identifier';

/** The first demand the certificate of a trust anchor does not meet. */
export function anchorViolation(certificate: Certificate): string | undefined {
  if (certificate.version === 3) {
    if (!certificate.basicConstraints) return 'no basic constraints';
    if (!certificate.extensions.get(extensions.basicConstraints)!.critical) {
      return 'basic constraints are not critical';
    }
  }
  return certificate.version < 3
    ? undefined
    : (profileViolation(certificate) ?? issuerViolation(certificate));
}
