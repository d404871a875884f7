-- The life of a certificate after it was registered: alarms before its end, the block that does not
-- wait for a CRL, and every step of it kept. Numbers that law gives are dated rows.

create table certificate_policy (
  id uuid primary key default gen_random_uuid(),
  code text not null,
  value int not null check (value >= 0),
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  unique (code, value, valid_from)
);
insert into certificate_policy (code, value, valid_from, legal_basis) values
  ('alarm-days', 120, '2024-08-15', 'Mốc nhắc gia hạn của hệ thống (chưa xác nhận)'),
  ('alarm-days', 90, '2024-08-15', 'Mốc nhắc gia hạn của hệ thống (chưa xác nhận)'),
  ('alarm-days', 65, '2024-08-15', 'Mốc nhắc gia hạn của hệ thống (chưa xác nhận)'),
  ('renewal-min-days', 60, '2024-08-15', 'Theo Điều 63 Nghị định 130/2018/NĐ-CP; Nghị định 68/2024/NĐ-CP chưa xác nhận'),
  ('renewal-max-count', 1, '2024-08-15', 'Theo Điều 63 Nghị định 130/2018/NĐ-CP; Nghị định 68/2024/NĐ-CP chưa xác nhận'),
  ('provider-working-days', 3, '2024-08-15', 'Nghị định 68/2024/NĐ-CP, Điều 11 (chưa xác nhận)');
drop table renewal_window;

create function local_day() returns date stable language sql as
  $$ select (now() at time zone 'Asia/Ho_Chi_Minh')::date $$;

-- The rows that hold today.
create view policy_today as
  select code, value, valid_from from certificate_policy
  where valid_from <= local_day() and (valid_to is null or valid_to >= local_day());

-- A number that has one value at a time: the newest row wins.
create function policy_number(wanted text) returns int stable language sql as
  $$ select value from policy_today where code = wanted order by valid_from desc limit 1 $$;

-- Alarms may hold side by side; the widest one says from when a certificate counts as expiring.
create function widest_alarm() returns int stable language sql as
  $$ select coalesce(max(value), 0) from policy_today where code = 'alarm-days' $$;

alter table certificate
  add column system_name text,
  add column registered_on date not null default (now() at time zone 'Asia/Ho_Chi_Minh')::date,
  add column blocked_at timestamptz,
  add column block_reason text,
  add column renewals int not null default 0,
  add column request_line_id uuid,
  -- What the certificate was issued for, to notice when it no longer fits.
  add column held_posts uuid[] not null default '{}',
  add column agency_name text;
create index certificate_holder on certificate (holder_id);

update certificate c set
  held_posts = array(select a.post_id from known_assignment a
    where a.person_id = c.holder_id and a.agency_id = c.agency_id
      and a.valid_from <= local_day() and (a.valid_to is null or a.valid_to >= local_day())),
  agency_name = (select o.name from known_organisation o where o.organisation_id = c.agency_id
    and o.valid_from <= local_day() order by o.valid_from desc limit 1);

create table life_step (
  id bigint generated always as identity primary key,
  line_id uuid,
  certificate_id uuid,
  kind text not null,
  at timestamptz not null default now(),
  person_id uuid,
  for_person_id uuid,
  reason text,
  check (num_nonnulls(line_id, certificate_id) >= 1)
);
create index life_step_line on life_step (line_id) where line_id is not null;
create index life_step_certificate on life_step (certificate_id) where certificate_id is not null;
create trigger life_step_append_only before update or delete on life_step
  for each statement execute function refuse_change();

-- Each alarm is raised once for a certificate; 0 days is its end.
create table expiry_alarm (
  certificate_id uuid not null references certificate (id),
  days int not null,
  raised_at timestamptz not null default now(),
  primary key (certificate_id, days)
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
