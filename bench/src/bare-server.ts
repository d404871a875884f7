import { IncomingDocument } from '@eoffice/contracts';
import { columnsOf } from '@eoffice/platform/keep';
import fastify from 'fastify';
import { Pool, types } from 'pg';

// What reading is held against: the least that could answer, Fastify and `pg` in a process of its
// own, with the statements that the service runs and nothing else. No token, no permission, no
// contract, no NATS. Who asks comes from the environment; that both give the same answer is checked
// before anything is measured.

types.setTypeParser(types.builtins.DATE, (text) => text);

const { BARE_DATABASE_URL, BARE_READERS = '[]', BARE_ASSIGNEES = '[]' } = process.env;
const pool = new Pool({ connectionString: BARE_DATABASE_URL, max: 10 });
const readers = JSON.parse(BARE_READERS) as string[];
const assignees = JSON.parse(BARE_ASSIGNEES) as string[];

const documentSql = `
select ${columnsOf(IncomingDocument, 'd')}, d.quarantine,
  coalesce((select json_agg(json_build_object('sha256', f.sha256, 'name', f.name,
    'mediaType', f.media_type, 'size', f.size) order by f.position)
    from document_file f where f.document_id = d.id), '[]') as files
from incoming_document d where d.id = $1
  and exists (select from document_reader r
    where r.document_id = d.id and r.reader_id = any ($2::uuid[]))`;

const verdictsSql = `
select v.sha256, v.verdict, v.reason, v.lists, v.validation_id as "validationId",
  v.concluded_at as "concludedAt"
from signature_verdict v where v.document_id = $1
order by (select min(position) from document_file f
  where f.document_id = v.document_id and f.sha256 = v.sha256) limit 20`;

const stampedSql = `
select s.* from signed_file s where s.document_id = $1 and s.kind = 'incoming'
order by s.signed_at, s.signature_id limit 100`;

const linksSql = `
select l.kind, other.id as "documentId", l.direction, other.reference, other.abstract
from (
  select kind, from_id as other_id, 'from' as direction from document_link where to_id = $1
  union all
  select kind, to_id, 'to' from document_link where from_id = $1) l
join (
  select id, reference, abstract from incoming_document
  union all
  select id, symbol, abstract from outgoing_document) other on other.id = l.other_id
order by other.id limit 100`;

const inboxSql = `
select t.id, t.document_id as "documentId", t.organisation_id as "organisationId", t.role,
  t.state, t.unit_id as "unitId", t.person_id as "personId", t.created_at as "createdAt",
  t.due_at as "dueAt", t.done_at as "doneAt",
  coalesce(coalesce(t.done_at, now()) > t.due_at, false) as late,
  d.number, d.reference, d.author, d.abstract, d.urgency
from (
  select mine.* from unnest($1::uuid[]) as assignee (id) cross join lateral (
    select id as task_id, coalesce(due_at, 'infinity') as key from task
    where assignee_id = assignee.id and state = 'open'
    order by coalesce(due_at, 'infinity'), id limit $2) mine
  order by key, task_id limit $2) page
join task t on t.id = page.task_id
join incoming_document d on d.id = t.document_id
order by page.key, t.id`;

const http = fastify();
http.get<{ Params: { id: string } }>('/documents/:id', async ({ params: { id } }) => {
  const { rows } = await pool.query<object>(documentSql, [id, readers]);
  const { rows: links } = await pool.query<object>(linksSql, [id]);
  const { rows: signatures } = await pool.query<object>(verdictsSql, [id]);
  const { rows: stamped } = await pool.query<object>(stampedSql, [id]);
  return { ...rows[0], links, signatures, stamped };
});
http.get('/inbox', async () => {
  const { rows: items } = await pool.query<object>(inboxSql, [assignees, 50]);
  return { items };
});
const url = await http.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${url}\n`);
