import { contract } from '../language/contract.js';
import { Choice, Count, Hash, List, Moment, Part, Text } from '../language/fields.js';
import { AsideFile, Nothing, Page } from '../language/stored-file.js';
import { Said, ValidatedSignature, type Verdict, verdicts } from './validations.js';

/** What anybody may know of a file they hold. Nothing of it is kept. */
export class Verification {
  @Hash() sha256: string;
  @Count({ max: 10_000_000_000 }) size: number;
  @Choice(verdicts) verdict: Verdict;
  @Moment() at: Date;
  @List(() => ValidatedSignature, { max: 100 }) signatures: ValidatedSignature[];
  @Part(() => Said, { optional: true }) problem?: Said;
  @List(Text({ max: 260 }), { max: 20, description: 'Hosts that gave no status' })
  unreached: string[];
}

/** Ample for an official letter with its appendices. */
const takes = { maxBytes: 20 * 1024 * 1024, perMinute: 20 };

export const verification = contract('signatures.verification', {
  form: {
    summary: 'The public page on which anybody verifies a signed file',
    route: 'GET /verify',
    permission: 'public',
    input: Nothing,
    output: Page,
    replies: 'page',
  },
  show: {
    summary: 'Who signed a file and whether it holds, as a page; nothing of the file is kept',
    route: 'POST /verify',
    permission: 'public',
    input: AsideFile,
    output: Page,
    replies: 'page',
    takes,
    timeoutMs: 30_000,
  },
  verify: {
    summary: 'Who signed a file and whether it holds; nothing of the file is kept',
    route: 'POST /verifications',
    permission: 'public',
    input: AsideFile,
    output: Verification,
    takes,
    timeoutMs: 30_000,
  },
});
