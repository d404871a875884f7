import { hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  type AsideFile,
  type Page,
  Unavailable,
  verification,
  type Verification as VerificationReply,
} from '@eoffice/contracts';
import { FileStore } from '@eoffice/platform/files';
import { Serves } from '@eoffice/platform/serves';
import { Validator } from '../validation/validator.js';
import { formPage, verdictPage } from './pages.js';

/** One stranger's file at a time, and few that wait: the work of the house comes first. */
const mayWait = 20;

/** Tells anybody who signed a file they hold and whether it holds. Nothing of it is kept. */
@Serves(verification)
export class Verification {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly files: FileStore,
    private readonly validator: Validator,
  ) {}

  async form(): Promise<Page> {
    return { html: formPage() };
  }

  async show(file: AsideFile): Promise<Page> {
    return { html: verdictPage(file.name, await this.verify(file)) };
  }

  async verify({ aside }: AsideFile): Promise<VerificationReply> {
    return this.inTurn(async () => {
      const document = await buffer(await this.files.openAside(aside));
      const { verdict, at, signatures, problem, unreached } =
        await this.validator.validate(document);
      const sha256 = hash('sha256', document, 'hex');
      return { sha256, size: document.length, verdict, at, signatures, problem, unreached };
    });
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting >= mayWait) throw new Unavailable().after(5);
    this.waiting++;
    const mine = this.last.then(work).finally(() => this.waiting--);
    this.last = mine.catch(() => {});
    return mine;
  }
}
