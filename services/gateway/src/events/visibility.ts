import type { Caller, CloudEvent } from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';

interface Tenancy {
  organisationId?: string;
  agencyId?: string;
  fromId?: string;
  bloc?: string;
}

const blocOf = new Map<string, string>();

/**
 * Whether an event is any business of a caller: with reach over everything, always; else only facts
 * of the organisations and blocs their event permission reaches. What names neither is not shown.
 */
export async function seesEvent(
  database: Database,
  { positions }: Caller,
  { data }: CloudEvent,
): Promise<boolean> {
  const reading = positions.filter(({ permissions }) => permissions.includes('events.read'));
  if (reading.some(({ reach }) => reach === 'all')) return true;
  const { organisationId, agencyId, fromId, bloc } = data as Tenancy;
  const ids = [agencyId, organisationId, fromId].filter((id) => id !== undefined);
  if (reading.some((position) => ids.includes(position.organisationId))) return true;
  const wide = reading.filter(({ reach }) => reach === 'bloc').map((position) => position.bloc);
  if (wide.length === 0) return false;
  const place = bloc ?? (ids[0] && (await findBloc(database, ids[0])));
  return wide.some((each) => each === place);
}

async function findBloc(database: Database, id: string): Promise<string | undefined> {
  const known = blocOf.get(id);
  if (known) return known;
  const [row] = await database.query<{ bloc: string }>(
    'select bloc from organisation where id = $1',
    [id],
  );
  if (row) blocOf.set(id, row.bloc);
  return row?.bloc;
}
