-- Who uses official mail, counted from what happened and never from what is declared. What is counted is
-- only ever added to, so that any month can be counted again and comes out the same.

create table mail_ledger (
  seq bigint generated always as identity primary key,
  at timestamptz not null default now(),
  -- The day in Asia/Ho_Chi_Minh.
  day date not null default (now() at time zone 'Asia/Ho_Chi_Minh')::date,
  act text not null check (act in ('received', 'sent', 'opened')),
  mailbox_id uuid not null references mailbox,
  -- Who sent or opened; nobody received.
  actor uuid,
  -- The worst of those it came from or went to: one private address makes it private.
  counterpart text check (counterpart in ('official', 'private', 'other')),
  -- Answers of machines, and mail by systems: not use by anybody.
  automatic boolean not null default false,
  check ((act = 'opened') = (counterpart is null)),
  check (act = 'received' or actor is not null)
);
create index mail_ledger_actor on mail_ledger (actor, day) where not automatic and act <> 'received';
create index mail_ledger_mailbox on mail_ledger (mailbox_id, day);
create index mail_ledger_day on mail_ledger (day);

create table survey_assignment (
  seq bigint generated always as identity primary key,
  assignment_id uuid not null,
  person_id uuid not null,
  unit_id uuid not null,
  agency_id uuid not null,
  valid_from date not null,
  valid_to date
);
create index survey_assignment_assignment on survey_assignment (assignment_id, seq desc);

create table survey_mailbox (
  seq bigint generated always as identity primary key,
  day date not null,
  mailbox_id uuid not null,
  kind text not null,
  owner_id uuid not null,
  unit_id uuid,
  agency_id uuid,
  open boolean not null
);
create index survey_mailbox_mailbox on survey_mailbox (mailbox_id, seq desc);

create function note_assignment() returns trigger language plpgsql as $$
begin
  insert into survey_assignment (assignment_id, person_id, unit_id, agency_id, valid_from, valid_to)
  values (new.assignment_id, new.person_id, new.unit_id, new.agency_id, new.valid_from, new.valid_to);
  return null;
end $$;
create trigger known_assignment_noted after insert or update on known_assignment
  for each row execute function note_assignment();
insert into survey_assignment (assignment_id, person_id, unit_id, agency_id, valid_from, valid_to)
select assignment_id, person_id, unit_id, agency_id, valid_from, valid_to
from known_assignment order by valid_from, assignment_id;

create function note_mailbox() returns trigger language plpgsql as $$
begin
  insert into survey_mailbox (day, mailbox_id, kind, owner_id, unit_id, agency_id, open)
  values ((now() at time zone 'Asia/Ho_Chi_Minh')::date, new.id, new.kind, new.owner_id,
    (select unit_id from known_post where post_id = new.owner_id), new.agency_id, new.state = 'open');
  return null;
end $$;
create trigger mailbox_opened_noted after insert on mailbox
  for each row execute function note_mailbox();
create trigger mailbox_noted after update on mailbox for each row
  when ((old.state, old.agency_id, old.kind, old.owner_id)
    is distinct from (new.state, new.agency_id, new.kind, new.owner_id))
  execute function note_mailbox();
insert into survey_mailbox (day, mailbox_id, kind, owner_id, unit_id, agency_id, open)
select (changed_at at time zone 'Asia/Ho_Chi_Minh')::date, id, kind, owner_id,
  (select unit_id from known_post where post_id = owner_id), agency_id, state = 'open'
from mailbox order by changed_at, id;

-- What is measured and how: each version holds from a day on, and a month is measured by the version of
-- its last day. The numbers are a province's choice.
create table survey_definition (
  id uuid primary key default gen_random_uuid(),
  code text not null,
  version int not null,
  name text not null,
  parameters jsonb not null default '{}',
  valid_from date not null,
  legal_basis text not null,
  unique (code, version),
  unique (code, valid_from)
);
insert into survey_definition (code, version, name, parameters, valid_from, legal_basis) values
  ('MAIL_COVER', 1, 'Cán bộ, công chức có hộp thư công vụ', '{}', '2008-12-03', 'Chỉ thị 34/2008/CT-TTg; cách tính chưa xác nhận'),
  ('MAIL_REGULAR', 1, 'Cán bộ, công chức dùng thư công vụ thường xuyên', '{"messages": 3, "weeks": 3, "of": 4}', '2008-12-03', 'Chỉ thị 34/2008/CT-TTg; ngưỡng chưa xác nhận'),
  ('MAIL_NEVER', 1, 'Cán bộ, công chức có hộp thư nhưng chưa mở lần nào', '{}', '2008-12-03', 'Chỉ thị 34/2008/CT-TTg; cách tính chưa xác nhận'),
  ('MAIL_DAILY', 1, 'Ngày làm việc hộp thư đơn vị được mở', '{}', '2008-12-03', 'Chỉ thị 34/2008/CT-TTg; cách tính chưa xác nhận'),
  ('MAIL_PRIVATE', 1, 'Thư công vụ trao đổi với hộp thư riêng', '{}', '2008-12-03', 'Chỉ thị 34/2008/CT-TTg; cách tính chưa xác nhận');

-- A month that was counted: by which definitions, on which working days, from which rows, and what came
-- out. Counted again from the same it must come out the same, bit for bit.
create table survey_month (
  month date primary key check (extract(day from month) = 1),
  closed_at timestamptz not null default now(),
  basis jsonb not null,
  items jsonb not null,
  sha256 bytea not null check (length(sha256) = 32)
);

-- What agencies declare, beside what is measured.
create table survey_declaration (
  seq bigint generated always as identity primary key,
  month date not null,
  agency_id uuid not null,
  code text not null,
  value int not null check (value >= 0),
  "of" int not null check ("of" >= value),
  declared_by uuid not null,
  declared_at timestamptz not null default now()
);
create index survey_declaration_agency on survey_declaration (agency_id, month, code, seq desc);

do $$ declare name text; begin
  foreach name in array '{mail_ledger,survey_assignment,survey_mailbox,survey_month,survey_declaration}'::text[] loop
    execute format('create trigger %1$I before update or delete or truncate on %2$I
      for each statement execute function refuse_change()', name || '_append_only', name);
  end loop;
end $$;

create table known_organisation (
  organisation_id uuid not null,
  agency_id uuid not null,
  parent_id uuid,
  bloc text not null,
  kind text not null,
  agency boolean not null,
  name text not null,
  short_name text not null,
  symbol text not null,
  identifier text,
  administrative_code text,
  place text,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  primary key (organisation_id, valid_from)
);
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
