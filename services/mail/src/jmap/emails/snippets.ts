import { accountOf } from '@eoffice/jmap/accounts';
import { capability } from '@eoffice/jmap/capabilities';
import { MethodError } from '@eoffice/jmap/errors';
import type { Method } from '@eoffice/jmap/processing';
import { type Filter, readFilter } from '@eoffice/jmap/querying';
import * as shape from '@eoffice/jmap/shapes';
import { foldedWords } from '@eoffice/platform/words';
import { rawOf } from '../../raw/raw-messages.js';
import type { MailContext } from '../edge/account.js';
import { isUuid } from '../ids.js';
import { limits } from '../limits.js';
import { emailConditions } from './email-filters.js';
import type { EmailParts } from './email-methods.js';
import { emailsOf } from './email-rows.js';
import { highlighted } from './highlight.js';

const args = {
  accountId: shape.id,
  filter: shape.optional(shape.nullable(shape.object), null),
  emailIds: shape.list(shape.text(300)),
};

/** SearchSnippet/get (RFC 8621, 5): where the words of a search stand in what was found. */
export function snippetMethod({ database, summaries }: EmailParts): Method<MailContext> {
  return {
    capability: capability.mail,
    async run(given, call) {
      const { accountId, filter, emailIds } = shape.readArguments(args, given);
      if (emailIds.length > limits.maxObjectsInGet) throw new MethodError('requestTooLarge');
      const asked = filter && readFilter(filter, emailConditions);
      await accountOf(call.context, accountId);
      const ids = [...new Set(emailIds)];
      const rows = await emailsOf(database.manager, accountId, ids.filter(isUuid));
      const inSubject = wordsOf(asked, ['text', 'subject']);
      const inBody = wordsOf(asked, ['text', 'body']);
      const list = [];
      for (const { id, sha256, subject } of rows) {
        const octets = inBody.size > 0 && (await rawOf(database.manager, sha256));
        const text = octets ? ((await summaries.show(octets))?.text ?? '') : '';
        list.push({
          emailId: id,
          subject: subject && highlighted(subject, inSubject),
          preview: highlighted(text, inBody),
        });
      }
      const found = new Set(rows.map(({ id }) => id));
      const missing = ids.filter((id) => !found.has(id));
      return { accountId, list, notFound: missing.length > 0 ? missing : [] };
    },
  };
}

/** The words that a filter looks for; what it excludes is not among them. */
function wordsOf(filter: Filter | null, names: string[]): Set<string> {
  if (!filter) return new Set();
  if ('condition' in filter) {
    const texts = names.map((name) => filter.condition[name]).filter((each) => each !== undefined);
    return new Set(texts.flatMap((text) => foldedWords(text as string)));
  }
  if (filter.operator === 'NOT') return new Set();
  return new Set(filter.conditions.flatMap((each) => [...wordsOf(each, names)]));
}
