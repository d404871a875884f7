import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type MailRefusal, mailRefused } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import type { Reply } from './reply.js';

/** Tells that mail was refused by a rule, by whichever way it was to come in. */
@Injectable()
export class Refusals {
  constructor(
    private readonly database: Database,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  /** In a transaction of its own: what was refused is undone, and nobody waits for it to be told. */
  announce({ rule, message }: Reply, facts: Omit<MailRefusal, 'rule' | 'version' | 'said'>) {
    if (!rule) return;
    const fact = { rule: rule.name, version: rule.version, said: message.slice(0, 400), ...facts };
    void this.database
      .transaction({}, async (_, emit) => emit(mailRefused, randomUUID(), fact))
      .catch((error: unknown) => this.log.warn({ err: error }, 'a refusal was not announced'));
  }
}
