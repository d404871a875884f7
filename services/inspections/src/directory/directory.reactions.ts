import { Injectable } from '@nestjs/common';
import {
  type CloudEvent,
  organisationChanged,
  OrganisationVersion,
  personChanged,
  PersonVersion,
} from '@eoffice/contracts';
import { keep } from '@eoffice/platform/keep';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';

/** Keeps the names that visits and reports show. */
@Injectable()
export class DirectoryReactions {
  @On(organisationChanged)
  keepOrganisation({ data }: CloudEvent<OrganisationVersion>, manager: EntityManager) {
    const key = ['organisationId', 'validFrom'];
    return keep(manager, 'known_organisation', key, OrganisationVersion, data);
  }

  @On(personChanged)
  keepPerson({ data }: CloudEvent<PersonVersion>, manager: EntityManager) {
    return keep(manager, 'known_person', ['personId'], PersonVersion, data);
  }
}
