import type { Caller } from '@eoffice/contracts/language/caller';
import { Forbidden, Invalid, Unauthenticated } from '@eoffice/contracts/language/problem';
import { parse } from '@eoffice/contracts/language/reading';
import { StoredFile } from '@eoffice/contracts/language/stored-file';
import type { TokenKeys } from './callers.js';

/**
 * A ticket is what an upload gives back: the gateway's signature over what was stored and by whom.
 * A service believes it without asking anybody, and nobody can attach a file they only know of.
 */
export class FileTickets {
  constructor(private readonly keys: TokenKeys) {}

  /** The files that tickets stand for. Throws Invalid for a false one, Forbidden for another's. */
  filesOf(tickets: string[], caller: Caller, pointer = '/files'): Promise<StoredFile[]> {
    return Promise.all(
      tickets.map((ticket, index) => this.fileOf(ticket, caller, `${pointer}/${index}`)),
    );
  }

  private async fileOf(ticket: string, caller: Caller, pointer: string): Promise<StoredFile> {
    try {
      const { sub, sha256, name, mediaType, size } = await this.keys.verify(ticket, 'file+jwt');
      if (sub !== caller.accountId) throw othersTicket();
      return parse(StoredFile, { sha256, name, mediaType, size });
    } catch (error) {
      if (!(error instanceof Unauthenticated)) throw error;
      throw new Invalid([
        {
          pointer,
          detail: {
            vi: 'vé tệp không hợp lệ hoặc đã hết hạn, hãy tải tệp lên lại',
            en: 'is not a file ticket that holds; upload the file again',
          },
        },
      ]);
    }
  }
}

const othersTicket = () =>
  new Forbidden({
    vi: 'Vé tệp này của tài khoản khác; ai dùng tệp thì người đó tải tệp lên',
    en: 'This file ticket is of another account; whoever uses a file uploads it',
  });
