import { Injectable } from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import { type Recipient, recipientOf } from '../store/recipients.js';

/** How long what was found of an address is believed: a mailbox that fills up is noticed that late. */
const freshMs = 3_000;
const mostKnown = 10_000;

/** Where mail for addresses goes, asked once for many messages that come at the same time. */
@Injectable()
export class KnownRecipients {
  private readonly known = new Map<string, { found: Promise<Recipient>; until: number }>();

  constructor(private readonly database: Database) {}

  find(address: string): Promise<Recipient> {
    const before = this.known.get(address);
    if (before && before.until > Date.now()) return before.found;
    const found = recipientOf(this.database.manager, address);
    this.known.delete(address);
    this.known.set(address, { found, until: Date.now() + freshMs });
    found.catch(() => this.known.delete(address));
    if (this.known.size > mostKnown) this.known.delete(this.known.keys().next().value!);
    return found;
  }
}
