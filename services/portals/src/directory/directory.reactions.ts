import { Injectable } from '@nestjs/common';
import {
  type CloudEvent,
  type OrganisationChange,
  organisationChanged,
  OrganisationVersion,
  Succession,
  successionRecorded,
} from '@eoffice/contracts';
import { forget, keep } from '@eoffice/platform/keep';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';

/** Keeps what pages say of the localities they belong to, and who came after them. */
@Injectable()
export class DirectoryReactions {
  @On(organisationChanged)
  keepOrganisation({ data }: CloudEvent<OrganisationChange>, manager: EntityManager) {
    const key = ['organisationId', 'validFrom'];
    if (data.cancelled) return forget(manager, 'known_organisation', key, data);
    return keep(manager, 'known_organisation', key, OrganisationVersion, data);
  }

  @On(successionRecorded)
  keepSuccession({ data }: CloudEvent<Succession>, manager: EntityManager) {
    return keep(manager, 'known_succession', ['successionId'], Succession, data);
  }
}
