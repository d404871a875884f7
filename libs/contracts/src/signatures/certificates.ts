import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Hash, Id, List, Moment, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, Conflict, NotFound, problem } from '../language/problem.js';

export class NotACertificate extends problem(422, 'signatures/not-a-certificate', {
  vi: 'Không phải chứng thư số X.509 hợp lệ',
  en: 'This is no valid X.509 certificate',
}) {}

/** It cannot be done at this point of a certificate's or a request's life. */
export class OutOfOrder extends problem(409, 'signatures/out-of-order', {
  vi: 'Không thực hiện được ở bước này',
  en: 'Not possible at this point',
}) {}

export const devices = ['token', 'hsm', 'sim', 'remote'] as const;
export const holderKinds = ['person', 'agency', 'device'] as const;
export type HolderKind = (typeof holderKinds)[number];
export const certificateStates = [
  ...['valid', 'expiring', 'expired', 'not_yet', 'blocked', 'revoked'],
] as const;

export class RegisterCertificate {
  @Text({ max: 20_000, description: 'The certificate in PEM' }) pem: string;
  @Choice(holderKinds) holderKind: HolderKind;
  @Id({
    description: 'The person or agency that holds it; for a device, service or software its agency',
  })
  holderId: string;
  @Id({ description: 'The agency it is used at' }) agencyId: string;
  @Choice(devices) device: (typeof devices)[number];
  @Text({ max: 200, optional: true, description: 'Name of the device, service or software' })
  systemName?: string;
  @Id({ optional: true, description: 'The delivered line of a request that it was issued for' })
  requestLineId?: string;
}

/** A certificate (chứng thư số) as the register keeps it. */
export class Certificate {
  @Id() id: string;
  @Choice(holderKinds) holderKind: HolderKind;
  @Id() holderId: string;
  @Text({ max: 200, optional: true }) systemName?: string;
  @Id() agencyId: string;
  @Choice(devices) device: (typeof devices)[number];
  @Text({ max: 100 }) serial: string;
  @Text({ max: 1_000 }) subject: string;
  @Text({ max: 1_000 }) issuer: string;
  @Moment() notBefore: Date;
  @Moment() notAfter: Date;
  @Hash({ description: 'SHA-256 of the certificate' }) fingerprint: string;
  @Choice(certificateStates) state: string;
  @Text({ max: 300, optional: true }) revocationReason?: string;
  @Text({ max: 300, optional: true }) blockReason?: string;
  @Count({ max: 100, description: 'How often it was renewed' }) renewals: number;
  @Count({ max: 1_000_000_000 }) version: number;
}

export class ListCertificates extends PageInput {
  @Id({ optional: true }) agencyId?: string;
  @Count({
    min: 1,
    max: 1_000,
    optional: true,
    description: 'Only those that expire in so many days',
  })
  expiringWithinDays?: number;
}

export class RevokeCertificate {
  @Id() id: string;
  @Version() version: number;
  @Text({ max: 300 }) reason: string;
}

export class BlockCertificate {
  @Id() id: string;
  @Text({ max: 300, description: 'Lost token, suspected misuse, …' }) reason: string;
}

export class StatusInput {
  @Hash({ description: 'SHA-256 of the certificate' }) fingerprint: string;
  @Moment({ optional: true, description: 'As of this moment; now if not said' }) at?: string;
}

/** What the register knows about a certificate at a moment, whatever a CRL says. */
export class CertificateStatus {
  @Hash() fingerprint: string;
  @Choice(['good', 'expired', 'not_yet', 'blocked', 'revoked', 'unknown']) state: string;
  @Moment({ optional: true, description: 'Since when' }) since?: Date;
}

export class FindCertificate {
  @Id() id: string;
}

/** One step in the life of a certificate, from its request to its end; steps are only added. */
export class LifeStep {
  @Count({ max: 1_000_000_000_000 }) id: number;
  @Text({ max: 40 }) kind: string;
  @Moment() at: Date;
  @Id({ optional: true, description: 'Absent when the system did it' }) personId?: string;
  @Text({ max: 100, optional: true }) person?: string;
  @Text({ max: 300, optional: true }) reason?: string;
}

export class LifeHistory {
  @List(() => LifeStep, { max: 500 }) items: LifeStep[];
}

export class CoverageInput {
  @Id() agencyId: string;
  @Day({ optional: true, description: 'As of this day; today if not said' }) on?: string;
}

export class Gap {
  @Id() personId: string;
  @Text({ max: 100 }) fullName: string;
  @Text({ max: 150 }) title: string;
  @Text({ max: 100, description: 'none, expired, blocked, revoked' }) why: string;
}

export class UnitCoverage {
  @Id() unitId: string;
  @Count({ max: 100_000, description: 'People in posts that sign' }) signers: number;
  @Count({ max: 100_000, description: 'Of them with a certificate that holds' }) covered: number;
  @List(() => Gap, { max: 5_000 }) gaps: Gap[];
}

export class Coverage {
  @List(() => UnitCoverage, { max: 1_000 }) units: UnitCoverage[];
  @Count({ max: 100_000, description: 'Valid certificates of the agency itself' })
  agencySeals: number;
}

export class CertificatePage extends pageOf(Certificate) {}

export const certificates = contract('signatures.certificates', {
  register: {
    summary: 'Register a certificate; what it says is read out of it',
    route: 'POST /certificates',
    permission: 'signatures.manage',
    input: RegisterCertificate,
    output: Certificate,
    errors: [NotFound, Conflict, NotACertificate, OutOfOrder],
    status: 201,
  },
  list: {
    summary: 'List certificates, those that expire first on top',
    route: 'GET /certificates',
    permission: 'signatures.read',
    input: ListCertificates,
    output: CertificatePage,
  },
  revoke: {
    summary: 'Record that a certificate was revoked',
    route: 'POST /certificates/:id/revocation',
    permission: 'signatures.manage',
    input: RevokeCertificate,
    output: Certificate,
    errors: [NotFound, Conflict, Changed],
  },
  block: {
    summary:
      'Block a certificate here at once, without waiting for a CRL: its holder or agency may',
    route: 'POST /certificates/:id/block',
    permission: 'signed-in',
    input: BlockCertificate,
    output: Certificate,
    errors: [NotFound, OutOfOrder],
  },
  unblock: {
    summary: 'Lift the block of a certificate whose device was found',
    route: 'POST /certificates/:id/unblock',
    permission: 'signatures.manage',
    input: RevokeCertificate,
    output: Certificate,
    errors: [NotFound, Changed, OutOfOrder],
  },
  status: {
    summary:
      'What the register knows of a certificate at a moment; blocked counts from the instant',
    route: 'GET /certificate-status/:fingerprint',
    permission: 'signed-in',
    input: StatusInput,
    output: CertificateStatus,
  },
  history: {
    summary: 'Every step in the life of a certificate, from its request on',
    route: 'GET /certificates/:id/history',
    permission: 'signatures.read',
    input: FindCertificate,
    output: LifeHistory,
    errors: [NotFound],
  },
  coverage: {
    summary: 'Who in posts that sign has a certificate that holds, unit by unit, and who lacks one',
    route: 'GET /certificates/coverage',
    permission: 'signatures.read',
    input: CoverageInput,
    output: Coverage,
    errors: [NotFound],
  },
});

export class CertificateFact {
  @Id() certificateId: string;
  @Id() agencyId: string;
}

export const certificateRegistered = event(
  'signatures.certificates.registered.v1',
  'A certificate was registered',
  CertificateFact,
);
export const certificateRevoked = event(
  'signatures.certificates.revoked.v1',
  'A certificate was revoked',
  CertificateFact,
);
export const certificateBlocked = event(
  'signatures.certificates.blocked.v1',
  'A certificate was blocked in the register',
  CertificateFact,
);
export const certificateUnblocked = event(
  'signatures.certificates.unblocked.v1',
  'The block of a certificate was lifted',
  CertificateFact,
);

export class ExpiryFact extends CertificateFact {
  @Count({ max: 10_000, description: 'The alarm that was reached, in days before the end' })
  days: number;
}

export const certificateExpiring = event(
  'signatures.certificates.expiring.v1',
  'A certificate came within an alarm before its end',
  ExpiryFact,
);
export const certificateExpired = event(
  'signatures.certificates.expired.v1',
  'A certificate reached its end',
  CertificateFact,
);
