import { capability } from '@eoffice/jmap/capabilities';
import type { JsonObject } from '@eoffice/jmap/json';
import type { Methods } from '@eoffice/jmap/processing';
import { getMethod } from '@eoffice/jmap/reading';
import type { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { stateOf } from '../store/state.js';
import type { MailAccount, MailContext } from './edge/account.js';
import { isUuid } from './ids.js';
import { limits } from './limits.js';
import { picked } from './picked.js';

const properties = [
  ...['id', 'resourceType', 'used', 'hardLimit', 'warnLimit', 'softLimit', 'scope', 'name'],
  ...['types', 'description'],
];

/** Quota/get (RFC 9425, 4.2): each mailbox has one, of octets. */
export function quotaMethods(database: Database): Methods<MailContext> {
  return {
    'Quota/get': getMethod<MailAccount, MailContext, Record<string, never>>(
      {
        ...{ capability: capability.quota, extras: {}, defaultProperties: properties },
        hasProperty: (name) => properties.includes(name),
        async find({ id, rights }, { ids, properties: wanted }) {
          const state = await stateOf(database.manager, id);
          if (ids && !ids.filter(isUuid).includes(id)) return { state, list: [] };
          const [row] = await database.query<{ used: string; most: string }>(
            'select octets as used, quota_of(id, $2) as most from mailbox where id = $1',
            [id, localDay()],
          );
          const quota: JsonObject & { id: string } = {
            ...{ id, resourceType: 'octets', used: Number(row!.used), scope: 'account' },
            ...{ hardLimit: Number(row!.most), warnLimit: null, softLimit: null },
            ...{ name: rights.address, types: ['Mail'], description: null },
          };
          return { state, list: [picked(quota, wanted)] };
        },
      },
      limits.maxObjectsInGet,
    ),
  };
}
