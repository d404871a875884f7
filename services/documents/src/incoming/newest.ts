export interface OnLists {
  directions: readonly ('incoming' | 'outgoing')[];
  lists: string[];
  /** The number of the first of the lists' parameters: `$8` is 8. */
  first: number;
  /** What else must hold of a row `r` of a list. */
  condition: string;
  /** How many at most, as SQL. */
  limit: string;
}

/**
 * SQL for the newest documents on some lists, each once, newest first: `sort_at`, `document_id`. One
 * range of an index for each list, as quick for who reads everything as for who reads little. Each
 * list is a parameter of its own, because PostgreSQL plans for a long list or a short one only when
 * it sees whose list it is.
 */
export function newestOn(on: OnLists): string {
  const ranges = eachList(on, `limit ${on.limit}`).join(' union ');
  return `select sort_at, document_id from (${ranges}) newest ${order} limit ${on.limit}`;
}

/**
 * SQL for the moment that no list goes back beyond with its newest documents: the longest has a limit
 * of them since. Null when all are shorter.
 */
export function reachOf(on: OnLists): string {
  const ranges = eachList(on, `offset ${on.limit} limit 1`).join(' union all ');
  return `select max(sort_at) as reach from (${ranges}) oldest`;
}

const order = 'order by sort_at desc, document_id desc';

function eachList({ directions, lists, first, condition }: OnLists, part: string): string[] {
  return directions.flatMap((direction) =>
    lists.map(
      (_, index) => `(select r.sort_at, r.document_id from document_reader r
         where r.reader_id = $${first + index}::uuid and r.direction = '${direction}'
           and ${condition} ${order} ${part})`,
    ),
  );
}
