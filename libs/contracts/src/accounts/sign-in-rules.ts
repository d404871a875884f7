import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Count, Day, List, Text } from '../language/fields.js';
import { Conflict } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';

const Days = (description: string) => Count({ min: 1, max: 3_650, description });
const Minutes = (description: string) => Count({ min: 1, max: 10_080, description });
const Length = (description: string) => Count({ min: 8, max: 200, description });

/** The rules of passwords, sessions and failed sign-ins from a day on; the newest row holds. */
export class SignInRules {
  @Day({ description: 'Today or later when it is entered' }) validFrom: string;
  @Count({ min: 1, max: 100, description: 'Failures that lock an account to an address' })
  maxFailures: number;
  @Minutes('How long that lasts') lockMinutes: number;
  @Count({ min: 1, max: 10_000, description: 'Failures that lock an address' })
  addressFailures: number;
  @Minutes('How long that lasts') addressMinutes: number;
  @Minutes('How long an access token lasts') accessMinutes: number;
  @Days('How long a session lasts that nobody refreshes') refreshDays: number;
  @Days('How long one key signs access tokens') signingKeyDays: number;
  @Length('Shortest password') passwordLength: number;
  @Length('Shortest password of who has a second factor') passwordLengthWithSecondFactor: number;
  @Count({ min: 1, max: 100, description: 'Earlier passwords that may not come back' })
  passwordsRemembered: number;
  @Count({ min: 1, max: 120, description: 'After how many months administrators change theirs' })
  administratorPasswordMonths: number;
  @Days('After how many days without use an account must be enabled again') idleDays: number;
  @Text({ max: 500 }) legalBasis: string;
}

export class SignInRulesHistory {
  @List(() => SignInRules, { max: 500, description: 'Newest first' }) items: SignInRules[];
}

export const signInRules = contract('accounts.rules', {
  list: {
    summary: 'List the rules of passwords, sessions and failed sign-ins, newest first',
    route: 'GET /sign-in-rules',
    permission: 'accounts.manage',
    input: Nothing,
    output: SignInRulesHistory,
  },
  enact: {
    summary: 'Enter the rules of sign-in that hold from a day on',
    route: 'POST /sign-in-rules',
    permission: 'accounts.keep-rules',
    input: SignInRules,
    output: SignInRules,
    errors: [Conflict],
    status: 201,
  },
});

export class SignInRulesFact {
  @Day() validFrom: string;
}

export const signInRulesChanged = event(
  'accounts.rules.changed.v1',
  'The rules of sign-in were changed from a day on',
  SignInRulesFact,
);
