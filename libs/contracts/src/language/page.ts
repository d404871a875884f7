import type { Class } from './contract.js';
import { Count, List, Text } from './fields.js';

/** What every list operation takes: how many, and after which row (an opaque cursor). */
export class PageInput {
  @Count({ min: 1, max: 200, optional: true, description: 'Rows a page, 50 if not said' })
  limit?: number;
  @Text({ max: 500, optional: true, description: 'The `next` of the page before' })
  after?: string;
}

/** Declares the page of a list: `class IncomingPage extends pageOf(IncomingSummary) {}`. */
export function pageOf<T extends object>(type: Class<T>) {
  class Page {
    items: T[];
    @Text({
      max: 500,
      optional: true,
      description: 'Send as `after` for the next page; absent on the last',
    })
    next?: string;
  }
  List(() => type, { max: 200 })(Page.prototype, 'items');
  return Page;
}

/** An opaque cursor from the sort key of the last row shown. */
export function cursorOf(...key: (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The sort key inside a cursor, or undefined if it is not one of ours. */
export function keyOf(cursor: string | undefined): (string | number)[] | undefined {
  if (!cursor) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(key) && key.every((part) => ['string', 'number'].includes(typeof part))
      ? (key as (string | number)[])
      : undefined;
  } catch {
    return undefined;
  }
}
