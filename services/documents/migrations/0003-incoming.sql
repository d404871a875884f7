-- Incoming documents, who may read them, what was done with them, and what is still to do.

create table incoming_document (
  id uuid primary key,
  organisation_id uuid not null,
  book_id uuid not null references book,
  year int not null,
  number int not null,
  received_on date not null,
  author text not null,
  author_id uuid,
  reference text,
  -- The reference as it is compared: dashes, spaces, case and Đ alike.
  reference_key text,
  document_date date,
  type text,
  abstract text not null,
  urgency text not null,
  medium text not null,
  state text not null,
  due_at timestamptz,
  registered_at timestamptz not null default now(),
  registered_by uuid not null,
  completed_at timestamptz,
  quarantine text,
  version int not null,
  unique (book_id, number)
);
create index incoming_duplicate on incoming_document (organisation_id, reference_key)
  where reference_key is not null;

create table document_file (
  document_id uuid not null,
  position int not null,
  sha256 text not null,
  name text not null,
  media_type text not null,
  size bigint not null,
  primary key (document_id, position)
);
create index document_file_content on document_file (sha256);

-- Who may read a document: its bloc, its agency, units and people. Everybody's list is one range of
-- this index, an administrator's as an official's: permissions cost ordinary users nothing.
create table document_reader (
  reader_id uuid not null,
  sort_at timestamptz not null,
  document_id uuid not null,
  direction text not null,
  primary key (reader_id, direction, sort_at, document_id)
);
create index document_reader_document on document_reader (document_id);

create table step (
  id bigint generated always as identity primary key,
  document_id uuid not null,
  kind text not null,
  at timestamptz not null default now(),
  person_id uuid,
  for_person_id uuid,
  to_unit_id uuid,
  to_person_id uuid,
  role text,
  note text
);
create index step_document on step (document_id, id);
create trigger step_append_only before update or delete on step
  for each statement execute function refuse_change();

create table task (
  id uuid primary key,
  document_id uuid not null references incoming_document,
  organisation_id uuid not null,
  role text not null,
  state text not null,
  unit_id uuid,
  person_id uuid,
  -- Whose inbox it lies in: the person, or else the unit.
  assignee_id uuid generated always as (coalesce(person_id, unit_id)) stored,
  assigned_by uuid,
  created_at timestamptz not null default now(),
  due_at timestamptz,
  done_at timestamptz,
  check (num_nonnulls(unit_id, person_id) = 1)
);
create index task_open on task (assignee_id, due_at, id) where state = 'open';
create index task_done on task (assignee_id, done_at desc, id) where state <> 'open';
create index task_document on task (document_id);
create unique index task_one_lead on task (document_id) where role = 'lead' and state = 'open';

-- How long a document may take: rows with their validity and basis, the most fitting one wins.
create table deadline_policy (
  id uuid primary key,
  organisation_id uuid,
  urgency text,
  type text,
  working_hours int,
  working_days int,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  check (num_nonnulls(working_hours, working_days) = 1)
);
insert into deadline_policy (id, urgency, working_hours, working_days, valid_from, legal_basis)
values
  (gen_random_uuid(), 'express', 4, null, '2020-03-05', 'Nghị định 30/2020/NĐ-CP, Điều 24: giải quyết ngay (số giờ chưa xác nhận)'),
  (gen_random_uuid(), 'very_urgent', 8, null, '2020-03-05', 'Nghị định 30/2020/NĐ-CP, Điều 24: giải quyết ngay (số giờ chưa xác nhận)'),
  (gen_random_uuid(), 'urgent', null, 2, '2020-03-05', 'Nghị định 30/2020/NĐ-CP, Điều 24 (số ngày chưa xác nhận)'),
  (gen_random_uuid(), null, null, 7, '2020-03-05', 'Quy chế làm việc của cơ quan (chưa xác nhận)');

create table known_calendar_day (
  calendar_day_id uuid primary key,
  day date not null,
  kind text not null,
  organisation_id uuid,
  legal_basis text not null,
  cancelled boolean not null
);
create table known_office_hours (
  office_hours_id uuid primary key,
  organisation_id uuid,
  weekday int not null,
  opens_at text not null,
  closes_at text not null,
  valid_from date not null,
  valid_to date
);

-- Registers a document in one round trip: takes the next number of the book, writes the document,
-- its files, who may read it and its first step. Null when the book does not fit.
create function register_incoming(given jsonb, files jsonb, readers uuid[])
returns jsonb language plpgsql as $$
declare
  taken record;
  duplicates jsonb;
  moment timestamptz := now();
  day date := (now() at time zone 'Asia/Ho_Chi_Minh')::date;
  document uuid := (given->>'id')::uuid;
begin
  select coalesce(jsonb_agg(jsonb_build_object(
      'documentId', d.id, 'number', d.number, 'receivedOn', d.received_on)), '[]') into duplicates
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
      limit 20) d;

  update book set last_number = last_number + 1
    where id = (given->>'bookId')::uuid and not closed and direction = 'incoming'
      and organisation_id = (given->>'organisationId')::uuid
      and year = extract(year from day)
    returning last_number, year into taken;
  if not found then return null; end if;

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
  insert into document_reader (reader_id, sort_at, document_id, direction)
    select distinct reader, moment, document, 'incoming' from unnest(readers) as reader;
  insert into step (document_id, kind, person_id, for_person_id)
    values (document, 'registered', (given->>'registeredBy')::uuid, (given->>'registeredFor')::uuid);
  return jsonb_build_object('year', taken.year, 'number', taken.last_number, 'receivedOn', day,
    'registeredAt', moment, 'duplicates', duplicates);
end $$;
