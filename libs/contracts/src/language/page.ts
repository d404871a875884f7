import type { Class } from './contract.js';
import { Count, List, Text } from './fields.js';
import { Invalid } from './problem.js';

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

/** The sort key inside a cursor; undefined without one. Throws Invalid for what is no cursor. */
export function keyOf(cursor: string | undefined): (string | number)[] | undefined {
  if (!cursor) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(key) && key.every(isKeyPart)) return key;
  } catch {
    // Not even JSON: the same answer.
  }
  throw wrongCursor();
}

const isKeyPart = (part: unknown) =>
  typeof part === 'number' ||
  (typeof part === 'string' && part.isWellFormed() && !part.includes('\0'));

/** Says that `after` is not the `next` of a page of this list. */
export const wrongCursor = () =>
  new Invalid([
    {
      pointer: '/after',
      detail: {
        vi: 'phải là `next` của trang trước trong chính danh sách này',
        en: 'must be the `next` of the page before in this very list',
      },
    },
  ]);
