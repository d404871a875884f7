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
export function newestOn({ directions, lists, first, condition, limit }: OnLists): string {
  const order = `order by sort_at desc, document_id desc limit ${limit}`;
  const ranges = directions.flatMap((direction) =>
    lists.map(
      (_, index) => `(select r.sort_at, r.document_id from document_reader r
         where r.reader_id = $${first + index}::uuid and r.direction = '${direction}'
           and ${condition} ${order})`,
    ),
  );
  return `select sort_at, document_id from (${ranges.join(' union ')}) newest ${order}`;
}
