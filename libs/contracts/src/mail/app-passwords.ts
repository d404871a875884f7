import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Flag, Id, List, Moment, Text } from '../language/fields.js';
import { NotFound, problem } from '../language/problem.js';
import { Done, Nothing } from '../language/stored-file.js';

export const appPasswordUses = ['smtp', 'jmap'] as const;
export type AppPasswordUse = (typeof appPasswordUses)[number];

export class NoMailbox extends problem(409, 'mail/no-mailbox', {
  vi: 'Bạn không có hộp thư công vụ này',
  en: 'You have no such official mailbox',
}) {}

export class TooManyAppPasswords extends problem(409, 'mail/too-many-app-passwords', {
  vi: 'Đã đủ số mật khẩu ứng dụng, hãy thu hồi cái không dùng',
  en: 'There are as many app passwords as may be: revoke those that nothing uses',
}) {}

export class CreateAppPassword {
  @Text({ max: 100, description: 'Which program on which device will use it' }) name: string;
  @List(Choice(appPasswordUses), { min: 1, max: 2, description: 'smtp: send; jmap: read and send' })
  uses: AppPasswordUse[];
  @List(Id(), {
    ...{ min: 1, max: 50, optional: true },
    description: 'The mailboxes it opens; all you have rights to if not said',
  })
  mailboxIds?: string[];
}

/** A password of one mail program of one person (mật khẩu ứng dụng). */
export class AppPassword {
  @Id() id: string;
  @Text({ max: 100 }) name: string;
  @List(Choice(appPasswordUses), { max: 2 }) uses: AppPasswordUse[];
  @List(Id(), { max: 50, optional: true }) mailboxIds?: string[];
  @Moment() madeAt: Date;
  @Moment({ optional: true }) lastUsedAt?: Date;
  @Text({ max: 64, optional: true, description: 'Address it was last used from' })
  lastUsedFrom?: string;
  @Flag() revoked: boolean;
  @Text({ max: 100, optional: true, secret: true, description: 'Shown only when it is created' })
  password?: string;
}

export class AppPasswords {
  @List(() => AppPassword, { max: 1_000 }) items: AppPassword[];
}

export class FindAppPassword {
  @Id() id: string;
}

export const appPasswords = contract('mail.app-passwords', {
  create: {
    summary: 'Create a password for a mail program of yours',
    route: 'POST /me/app-passwords',
    permission: 'signed-in',
    input: CreateAppPassword,
    output: AppPassword,
    errors: [NoMailbox, TooManyAppPasswords],
    status: 201,
  },
  list: {
    summary: 'List the passwords of your mail programs',
    route: 'GET /me/app-passwords',
    permission: 'signed-in',
    input: Nothing,
    output: AppPasswords,
  },
  revoke: {
    summary: 'Revoke the password of a mail program: it opens nothing from now on',
    route: 'POST /me/app-passwords/:id/revoke',
    permission: 'signed-in',
    input: FindAppPassword,
    output: Done,
    errors: [NotFound],
  },
});

/** Somebody tried to sign in by a mail program, and was not let in. */
export class MailSignInRefusal {
  @Text({ max: 320, description: 'The name that was given' }) username: string;
  @Text({ max: 64, description: 'Where it came from' }) peer: string;
  @Choice(['PLAIN', 'LOGIN', 'XOAUTH2'], { description: 'XOAUTH2: any way to bear a token' })
  method: 'PLAIN' | 'LOGIN' | 'XOAUTH2';
  @Count({ max: 1_000_000, description: 'How many of this address in the last quarter of an hour' })
  failures: number;
}

export const mailSignInRefused = event(
  'mail.app-passwords.refused.v1',
  'Somebody was not let in by a mail program',
  MailSignInRefusal,
);
