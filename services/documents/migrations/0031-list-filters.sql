-- What lists are filtered by stands beside who reads, so that a filtered list is one range of an index
-- too, as quick for who reads little as for who reads everything.

alter table document_reader add column organisation_id uuid, add column state text;
update document_reader r set organisation_id = d.organisation_id, state = d.state
  from incoming_document d where d.id = r.document_id;
update document_reader r set organisation_id = d.organisation_id, state = d.state
  from outgoing_document d where d.id = r.document_id;
alter table document_reader alter column organisation_id set not null, alter column state set not null;
create index document_reader_agency
  on document_reader (reader_id, direction, organisation_id, sort_at, document_id);
create index document_reader_state
  on document_reader (reader_id, direction, state, sort_at, document_id);
drop index incoming_state;
-- Most readers belong to one agency: unknown to the planner, it takes what is on both for almost nothing.
create statistics document_reader_agencies (dependencies)
  on reader_id, organisation_id from document_reader;
-- The newest of each list are read from the index alone, once they were vacuumed.
alter table document_reader set (autovacuum_vacuum_insert_scale_factor = 0.01);

create function follow_state() returns trigger language plpgsql as $$
begin
  update document_reader set state = new.state where document_id = new.id;
  return null;
end $$;
create trigger incoming_state after update of state on incoming_document for each row
  when (old.state <> new.state) execute function follow_state();
create trigger outgoing_state after update of state on outgoing_document for each row
  when (old.state <> new.state) execute function follow_state();

-- As before, with the agency and state of each reader's row, and moments in the order of numbers.
create or replace function register_incoming(given jsonb, files jsonb, readers uuid[])
returns jsonb language plpgsql as $$
declare
  taken record;
  duplicates jsonb;
  moment timestamptz;
  day date := (now() at time zone 'Asia/Ho_Chi_Minh')::date;
  document uuid := (given->>'id')::uuid;
begin
  select coalesce(jsonb_agg(jsonb_build_object(
      'documentId', d.id, 'number', d.number, 'receivedOn', d.received_on)
      order by d.received_on desc, d.number desc), '[]') into duplicates
    from (
      select id, number, received_on from incoming_document
      where organisation_id = (given->>'organisationId')::uuid
        and reference_key = given->>'referenceKey'
        and (fold(author) = fold(given->>'author') or author_id = (given->>'authorId')::uuid)
      union
      select d.id, d.number, d.received_on from jsonb_array_elements(files) file
        join document_file f on f.sha256 = file->>'sha256'
        join incoming_document d on d.id = f.document_id
          and d.organisation_id = (given->>'organisationId')::uuid
      order by received_on desc, number desc limit 20) d;

  update book set last_number = last_number + 1
    where id = (given->>'bookId')::uuid and not closed and direction = 'incoming'
      and organisation_id = (given->>'organisationId')::uuid
      and year = extract(year from day)
    returning last_number, year into taken;
  if not found then return null; end if;
  -- Taken while the book is locked: in the order of time, documents are in the order of numbers.
  moment := clock_timestamp();

  insert into incoming_document (id, organisation_id, book_id, year, number, received_on, author,
      author_id, reference, reference_key, document_date, type, abstract, urgency, medium, state,
      due_at, registered_at, registered_by, version)
    values (document, (given->>'organisationId')::uuid, (given->>'bookId')::uuid, taken.year,
      taken.last_number, day, given->>'author', (given->>'authorId')::uuid, given->>'reference',
      given->>'referenceKey', (given->>'documentDate')::date, given->>'type', given->>'abstract',
      given->>'urgency', given->>'medium', 'registered', (given->>'dueAt')::timestamptz, moment,
      (given->>'registeredBy')::uuid, 1);
  insert into document_file
    select document, place, file->>'sha256', file->>'name', file->>'mediaType', (file->>'size')::bigint
    from jsonb_array_elements(files) with ordinality as f (file, place);
  insert into document_reader (reader_id, sort_at, document_id, direction, organisation_id, state)
    select distinct reader, moment, document, 'incoming', (given->>'organisationId')::uuid,
      'registered' from unnest(readers) as reader;
  insert into step (document_id, kind, person_id, for_person_id)
    values (document, 'registered', (given->>'registeredBy')::uuid, (given->>'registeredFor')::uuid);
  return jsonb_build_object('year', taken.year, 'number', taken.last_number, 'receivedOn', day,
    'registeredAt', moment, 'duplicates', duplicates);
end $$;
