import { Injectable } from '@nestjs/common';
import {
  type CloudEvent,
  type OrganisationChange,
  organisationChanged,
  OrganisationVersion,
  personChanged,
  PersonVersion,
} from '@eoffice/contracts';
import { forget, keep } from '@eoffice/platform/keep';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';

/** Keeps the names that visits and reports show. */
@Injectable()
export class DirectoryReactions {
  @On(organisationChanged)
  keepOrganisation({ data }: CloudEvent<OrganisationChange>, manager: EntityManager) {
    const key = ['organisationId', 'validFrom'];
    if (data.cancelled) return forget(manager, 'known_organisation', key, data);
    return keep(manager, 'known_organisation', key, OrganisationVersion, data);
  }

  @On(personChanged)
  keepPerson({ data }: CloudEvent<PersonVersion>, manager: EntityManager) {
    return keep(manager, 'known_person', ['personId'], PersonVersion, data);
  }
}
