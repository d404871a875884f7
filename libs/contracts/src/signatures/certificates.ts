import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Hash, Id, List, Moment, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, Conflict, NotFound, problem } from '../language/problem.js';

export class NotACertificate extends problem(422, 'signatures/not-a-certificate', {
  vi: 'Không phải chứng thư số X.509 hợp lệ',
  en: 'This is no valid X.509 certificate',
}) {}

export const devices = ['token', 'hsm', 'sim', 'remote'] as const;

export class RegisterCertificate {
  @Text({ max: 20_000, description: 'The certificate in PEM' }) pem: string;
  @Choice(['person', 'agency']) holderKind: 'person' | 'agency';
  @Id({ description: 'The person or agency that holds it' }) holderId: string;
  @Id({ description: 'The agency it is used at' }) agencyId: string;
  @Choice(devices) device: (typeof devices)[number];
}

/** A certificate (chứng thư số) as the register keeps it. */
export class Certificate {
  @Id() id: string;
  @Choice(['person', 'agency']) holderKind: 'person' | 'agency';
  @Id() holderId: string;
  @Id() agencyId: string;
  @Choice(devices) device: (typeof devices)[number];
  @Text({ max: 100 }) serial: string;
  @Text({ max: 1_000 }) subject: string;
  @Text({ max: 1_000 }) issuer: string;
  @Moment() notBefore: Date;
  @Moment() notAfter: Date;
  @Hash({ description: 'SHA-256 of the certificate' }) fingerprint: string;
  @Choice(['valid', 'expiring', 'expired', 'not_yet', 'revoked']) state: string;
  @Text({ max: 300, optional: true }) revocationReason?: string;
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

export class CoverageInput {
  @Id() agencyId: string;
  @Day({ optional: true, description: 'As of this day; today if not said' }) on?: string;
}

export class Gap {
  @Id() personId: string;
  @Text({ max: 100 }) fullName: string;
  @Text({ max: 150 }) title: string;
  @Text({ max: 100, description: 'none, expired, revoked' }) why: string;
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
    errors: [NotFound, Conflict, NotACertificate],
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
