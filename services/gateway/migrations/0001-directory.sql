-- The directory: who exists, since when, and what their posts let them do. A thing is an identity;
-- what is true of it lies in rows with a first and a last day.

create table organisation (
  id uuid primary key,
  bloc text not null check (bloc in ('government', 'party')),
  -- The key that import files use; a name is never a key.
  code text unique,
  registered_at timestamptz not null default now()
);

create table organisation_version (
  organisation_id uuid not null references organisation,
  agency_id uuid not null references organisation,
  parent_id uuid references organisation,
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
  valid_to date check (valid_to >= valid_from),
  legal_basis text not null,
  primary key (organisation_id, valid_from),
  constraint one_version_a_day exclude using gist (
    organisation_id with =, daterange(valid_from, valid_to, '[]') with &&)
);
create index organisation_parent on organisation_version (parent_id);

create table succession (
  succession_id uuid primary key,
  from_id uuid not null references organisation,
  to_id uuid references organisation,
  kind text not null,
  scope text,
  effective_on date not null,
  legal_basis text not null
);
create index succession_from on succession (from_id);

-- Permissions are given to posts through roles; both are rows in time.
create table role (
  code text primary key,
  name text not null,
  name_en text not null
);
create table role_permission (
  role text not null references role,
  permission text not null,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  primary key (role, permission, valid_from)
);

create table post (
  post_id uuid primary key,
  unit_id uuid not null references organisation,
  agency_id uuid not null references organisation,
  bloc text not null,
  title text not null,
  mailbox text,
  leads boolean not null,
  signs boolean not null,
  roles text[] not null,
  valid_from date not null,
  valid_to date
);
create index post_unit on post (unit_id);
create table post_grant (
  post_id uuid primary key references post,
  reach text not null check (reach in ('organisation', 'bloc', 'all')),
  -- The key that import files use.
  code text unique
);

create table person (
  person_id uuid primary key,
  full_name text not null,
  email text,
  active boolean not null
);
create unique index person_email on person (lower(email));

create table assignment (
  assignment_id uuid primary key,
  person_id uuid not null references person,
  post_id uuid not null references post,
  unit_id uuid not null,
  agency_id uuid not null,
  valid_from date not null,
  valid_to date check (valid_to >= valid_from),
  exclude using gist (
    person_id with =, post_id with =, daterange(valid_from, valid_to, '[]') with &&)
);
create index assignment_post on assignment (post_id);

create table absence (
  absence_id uuid primary key,
  person_id uuid not null references person,
  substitute_id uuid not null references person,
  valid_from date not null,
  valid_to date not null check (valid_to >= valid_from),
  cancelled boolean not null,
  check (person_id <> substitute_id)
);
create index absence_substitute on absence (substitute_id);

create table calendar_day (
  calendar_day_id uuid primary key,
  day date not null,
  kind text not null,
  organisation_id uuid references organisation,
  legal_basis text not null,
  cancelled boolean not null
);
create unique index calendar_day_once on calendar_day (day, organisation_id)
  nulls not distinct where not cancelled;

create table office_hours (
  office_hours_id uuid primary key,
  organisation_id uuid references organisation,
  weekday int not null check (weekday between 1 and 7),
  opens_at text not null,
  closes_at text not null check (closes_at > opens_at),
  valid_from date not null,
  valid_to date
);
