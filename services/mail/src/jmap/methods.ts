import { Injectable } from '@nestjs/common';
import { echo, type Methods } from '@eoffice/jmap/processing';
import { Database } from '@eoffice/platform/database';
import { MailSettings } from '../config.js';
import { Deciding } from '../policy/deciding.js';
import { MessageReader } from '../reading/message-reader.js';
import { Refusals } from '../smtp/refusals.js';
import type { MailContext } from './edge/account.js';
import { blobCopyMethod } from './blob-copy.js';
import { emailMethods } from './emails/email-methods.js';
import { EmailReader } from './emails/email-reader.js';
import { threadMethods } from './emails/threads.js';
import { folderMethods } from './folders/folder-methods.js';
import { pushSubscriptionMethods } from './push-subscriptions.js';
import { quotaMethods } from './quota.js';
import { identityMethods } from './sending/identity-methods.js';
import { submissionMethods } from './sending/submission-methods.js';
import { vacationMethods } from './sending/vacation.js';

/** Every method that mail answers. */
@Injectable()
export class MailMethods {
  readonly methods: Methods<MailContext>;

  constructor(
    database: Database,
    reader: EmailReader,
    summaries: MessageReader,
    deciding: Deciding,
    refusals: Refusals,
    { mailHostname: hostname, messageLimitMb, submissionsPerHour: perHour }: MailSettings,
  ) {
    this.methods = {
      'Core/echo': echo,
      'Blob/copy': blobCopyMethod(database, reader),
      ...pushSubscriptionMethods,
      ...folderMethods(database),
      ...threadMethods(database),
      ...emailMethods({ database, reader, summaries, hostname }),
      ...identityMethods(database),
      ...submissionMethods(database, {
        ...{ hostname, maxSize: messageLimitMb << 20, perHour, deciding, refusals },
      }),
      ...vacationMethods(database),
      ...quotaMethods(database),
    };
  }
}
