import { invalidProperties, SetError } from '@eoffice/jmap/errors';
import type { JsonObject } from '@eoffice/jmap/json';
import * as shape from '@eoffice/jmap/shapes';
import type { EntityManager } from 'typeorm';
import { isUuid } from '../ids.js';
import { mailLimits } from '../limits.js';

/** Where an email lies and how it is marked. */
export interface Placed {
  folderIds: string[];
  /** Lower case. */
  keywords: string[];
}

/** What a client says of where an email lies (RFC 8621, 4.1.1). */
export const placementShapes = {
  mailboxIds: shape.mapOf(shape.yes, shape.text(255)),
  keywords: shape.optional(shape.nullable(shape.mapOf(shape.yes, shape.text(255))), null),
  receivedAt: shape.optional(shape.nullable(shape.utcDate), null),
};

/** A keyword has 1 to 255 characters of ASCII, none of ( ) { ] % * " \ */
const keywordForm = /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]{1,255}$/;

/** Reads where an email is to lie. Throws SetError. */
export async function placementOf(
  manager: EntityManager,
  mailboxId: string,
  { mailboxIds, keywords }: { mailboxIds: JsonObject; keywords: JsonObject | null },
): Promise<Placed> {
  const folderIds = Object.keys(mailboxIds);
  const names = [...new Set(Object.keys(keywords ?? {}).map((name) => name.toLowerCase()))].sort();
  const wrong = names.filter((name) => !keywordForm.test(name));
  if (wrong.length > 0) throw invalidProperties(['keywords'], 'A keyword has a wrong character');
  if (names.length > mailLimits.maxKeywordsPerEmail) throw new SetError('tooManyKeywords');
  if (folderIds.length > mailLimits.maxMailboxesPerEmail) throw new SetError('tooManyMailboxes');
  if (folderIds.length === 0) throw invalidProperties(['mailboxIds'], 'An email is in a mailbox');
  const [known] = await manager.query<[{ count: number }]>(
    'select count(*)::int as count from folder where mailbox_id = $1 and id = any ($2::uuid[])',
    [mailboxId, folderIds.filter(isUuid)],
  );
  if (known.count < folderIds.length)
    throw invalidProperties(['mailboxIds'], 'There is no such mailbox');
  return { folderIds, keywords: names };
}
