import type { DocumentLink } from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';

/** What links a document to others, in both directions. */
export function linksOf(database: Database, id: string): Promise<DocumentLink[]> {
  return database.query<DocumentLink>(
    `select l.kind, other.id as "documentId", l.direction, other.reference, other.abstract
     from (
       select kind, from_id as other_id, 'from' as direction from document_link where to_id = $1
       union all
       select kind, to_id, 'to' from document_link where from_id = $1) l
     join (
       select id, reference, abstract from incoming_document
       union all
       select id, symbol, abstract from outgoing_document) other on other.id = l.other_id
     order by other.id limit 100`,
    [id],
  );
}
