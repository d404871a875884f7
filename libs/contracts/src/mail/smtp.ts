import { event } from '../language/event.js';
import { Choice, Id, List, Text } from '../language/fields.js';

/** Mail that a rule refused, before anything of it was kept. */
export class MailRefusal {
  @Choice(['exchange', 'submission'], {
    description: 'exchange: from another server; submission: from one of our own people',
  })
  way: 'exchange' | 'submission';
  @Text({ max: 60, description: 'The rule that refused it' }) rule: string;
  @Text({ max: 60, description: 'Which version of the rule' }) version: string;
  @Text({ max: 400, description: 'What the sender was told' }) said: string;
  @Text({ max: 64, optional: true, description: 'Where it came from' }) peer?: string;
  @Text({ min: 0, max: 320, description: 'Empty for reports' }) reversePath: string;
  @List(Text({ max: 320 }), { max: 1_000 }) recipients: string[];
  @Id({ optional: true, description: 'Who had signed in' }) personId?: string;
}

export const mailRefused = event(
  'mail.smtp.refused.v1',
  'Mail was refused by a rule when it came in',
  MailRefusal,
);
