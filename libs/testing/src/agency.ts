import { randomUUID } from 'node:crypto';
import {
  assignmentChanged,
  type Caller,
  organisationChanged,
  personChanged,
  postChanged,
} from '@eoffice/contracts';
import { assignment, organisation, person, post } from './directory.js';
import type { House } from './house.js';

const permissionsOf = {
  clerk: [
    'documents.read',
    'documents.read-all',
    'documents.register',
    'documents.present',
    'documents.check-format',
    'documents.issue',
    'documents.keep-books',
    'documents.export',
    'documents.statistics',
    'signatures.read',
    'signatures.prepare',
  ],
  leader: [
    'documents.read',
    'documents.read-all',
    'documents.assign',
    'documents.handle',
    'documents.check-content',
    'documents.approve',
    'documents.statistics',
    'signatures.read',
    'signatures.prepare',
    'signatures.confirm',
  ],
  head: [
    'documents.read',
    'documents.assign',
    'documents.handle',
    'documents.draft',
    'documents.check-content',
    'signatures.prepare',
  ],
  official: ['documents.read', 'documents.handle', 'documents.draft'],
};

export type Role = keyof typeof permissionsOf;

/** An agency with one unit and four people, announced to the services and able to call them. */
export interface Agency {
  organisationId: string;
  unitId: string;
  people: Record<Role, string>;
  callers: Record<Role, Caller>;
}

/** Announces an agency whose clerk, leader, head of unit and official a spec can act as. */
export async function openAgency(
  house: House,
  overrides: { place?: string } = {},
): Promise<Agency> {
  const agency = organisation({ symbol: 'UBND', ...overrides });
  const { organisationId } = agency;
  const unit = organisation({
    ...{ agencyId: organisationId, parentId: organisationId, agency: false },
    ...{ name: 'Phòng Kinh tế', shortName: 'P. Kinh tế', symbol: 'KT', kind: 'unit' },
  });
  await house.announce(organisationChanged, organisationId, agency);
  await house.announce(organisationChanged, unit.organisationId, unit);
  const people = {} as Agency['people'];
  const callers = {} as Agency['callers'];
  const names: Record<Role, string> = {
    clerk: 'Trần Thị Bình',
    leader: 'Lê Đức Anh',
    head: 'Phạm Văn Dũng',
    official: "K'Brêm",
  };
  for (const role of Object.keys(permissionsOf) as Role[]) {
    const personId = randomUUID();
    const unitId = role === 'head' || role === 'official' ? unit.organisationId : organisationId;
    const held = post({
      ...{ unitId, agencyId: organisationId, signs: role === 'leader' },
      leads: role === 'leader' || role === 'head',
    });
    await house.announce(personChanged, personId, person({ personId, fullName: names[role] }));
    await house.announce(postChanged, held.postId, held);
    const { assignmentId, ...rest } = assignment({
      ...{ personId, postId: held.postId, unitId, agencyId: organisationId },
    });
    await house.announce(assignmentChanged, assignmentId, { assignmentId, ...rest });
    people[role] = personId;
    callers[role] = await house.as({
      ...{ personId, name: names[role], organisationId, unitId, postId: held.postId },
      permissions: permissionsOf[role],
    });
  }
  return { organisationId, unitId: unit.organisationId, people, callers };
}
