import { contract } from './contract.js';
import { Count, Facts, Flag, Id, List, Moment, Text } from './fields.js';
import { pageOf, PageInput } from './page.js';
import { NotFound } from './problem.js';
import { Done, Nothing } from './stored-file.js';

export class AuditInput extends PageInput {
  @Text({ max: 200, optional: true, description: 'Only the entries about this thing' })
  stream?: string;
}

/** One entry of the audit journal: who did what, when, for whom, and the hash that chains it. */
export class AuditEntry {
  @Text({ max: 200 }) stream: string;
  @Count({ max: 1_000_000_000, description: 'Place in its stream, from 1' }) position: number;
  @Moment() at: Date;
  @Text({ max: 200 }) action: string;
  @Id({ optional: true }) actor?: string;
  @Id({ optional: true, description: 'The absent person it was done for' }) onBehalfOf?: string;
  @Facts({ max: 1_000_000 }) data: object;
  @Text({ max: 64 }) hash: string;
}

export class AuditPage extends pageOf(AuditEntry) {}

export class AuditFault {
  @Text({ max: 200 }) stream: string;
  @Count({ max: 1_000_000_000 }) position: number;
  @Text({ max: 200, description: 'changed, missing or reordered' }) fault: string;
}

export class AuditVerdict {
  @Flag() intact: boolean;
  @Count({ max: 1_000_000_000_000 }) entries: number;
  @Count({ max: 1_000_000_000 }) streams: number;
  @List(() => AuditFault, { max: 100 }) faults: AuditFault[];
}

/** An event that a reaction could not act on, kept until somebody redrives it. */
export class DeadLetter {
  @Id() eventId: string;
  @Text({ max: 200 }) reaction: string;
  @Text({ max: 200 }) eventType: string;
  @Text({ max: 2_000 }) error: string;
  @Moment() failedAt: Date;
}

export class DeadLetterPage extends pageOf(DeadLetter) {}

export class RedriveInput {
  @Id() eventId: string;
  @Text({ max: 200 }) reaction: string;
}

/** What every service offers those who keep it running: its audit journal and its dead letters. */
export function upkeepOf<Service extends string>(service: Service) {
  return contract(`${service}.upkeep`, {
    journal: {
      summary: `Read the audit journal of ${service}, newest first`,
      route: `GET /${service}/audit`,
      permission: 'upkeep.audit',
      input: AuditInput,
      output: AuditPage,
    },
    verify: {
      summary: `Recompute the hash chains of ${service}: finds any changed, removed or reordered row`,
      route: `POST /${service}/audit/verify`,
      permission: 'upkeep.audit',
      input: Nothing,
      output: AuditVerdict,
      status: 200,
      timeoutMs: 60_000,
    },
    deadLetters: {
      summary: `List the events that ${service} could not act on`,
      route: `GET /${service}/dead-letters`,
      permission: 'upkeep.operate',
      input: PageInput,
      output: DeadLetterPage,
    },
    redrive: {
      summary: `Let ${service} act again on a dead letter`,
      route: `POST /${service}/dead-letters/redrive`,
      permission: 'upkeep.operate',
      input: RedriveInput,
      output: Done,
      errors: [NotFound],
      status: 200,
    },
  });
}
