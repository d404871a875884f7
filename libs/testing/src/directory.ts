import { randomUUID } from 'node:crypto';
import type {
  AbsenceVersion,
  AssignmentVersion,
  OrganisationVersion,
  PersonVersion,
  PostVersion,
} from '@eoffice/contracts';

// Valid event data of the directory, for specs of services that keep what it announces:
// `house.announce(organisationChanged, agency.organisationId, agency)`. What a spec is about it
// says itself; the rest is plausible and unique.

/** A department of the province, its own agency, since 2021. */
export function organisation(overrides: Partial<OrganisationVersion> = {}): OrganisationVersion {
  const organisationId = overrides.organisationId ?? randomUUID();
  return {
    organisationId,
    agencyId: organisationId,
    bloc: 'government',
    kind: 'department',
    agency: true,
    name: 'Sở Khoa học và Công nghệ',
    shortName: 'Sở KH&CN',
    symbol: 'SKHCN',
    place: 'Lâm Đồng',
    validFrom: '2021-01-01',
    legalBasis: 'Quyết định 01/QĐ-UBND',
    ...overrides,
  };
}

/** A post without roles, directly under its agency unless a unit is given. */
export function post(overrides: Partial<PostVersion> = {}): PostVersion {
  const agencyId = overrides.agencyId ?? overrides.unitId ?? randomUUID();
  return {
    postId: randomUUID(),
    unitId: agencyId,
    agencyId,
    bloc: 'government',
    title: 'Chuyên viên',
    leads: false,
    signs: false,
    roles: [],
    validFrom: '2021-01-01',
    ...overrides,
  };
}

/** A person in service. */
export function person(overrides: Partial<PersonVersion> = {}): PersonVersion {
  return { personId: randomUUID(), fullName: 'Nguyễn Văn An', active: true, ...overrides };
}

/** Somebody holding a post, open-ended. */
export function assignment(overrides: Partial<AssignmentVersion> = {}): AssignmentVersion {
  const agencyId = overrides.agencyId ?? overrides.unitId ?? randomUUID();
  return {
    assignmentId: randomUUID(),
    personId: randomUUID(),
    postId: randomUUID(),
    unitId: agencyId,
    agencyId,
    validFrom: '2021-01-01',
    ...overrides,
  };
}

/** Somebody away for two weeks, with a substitute. */
export function absence(overrides: Partial<AbsenceVersion> = {}): AbsenceVersion {
  return {
    absenceId: randomUUID(),
    personId: randomUUID(),
    substituteId: randomUUID(),
    validFrom: '2026-06-01',
    validTo: '2026-06-14',
    cancelled: false,
    ...overrides,
  };
}
