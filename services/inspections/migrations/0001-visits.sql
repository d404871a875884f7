-- Working visits, what they found and recommended, and what became of it.

create table visit (
  id uuid primary key,
  organisation_id uuid not null,
  title text not null,
  legal_basis text not null,
  from_on date not null,
  to_on date not null check (to_on >= from_on),
  state text not null,
  opened_at timestamptz not null default now(),
  version int not null
);
create index visit_newest on visit (opened_at desc, id);

create table visit_member (
  visit_id uuid not null references visit,
  person_id uuid not null,
  role text not null,
  primary key (visit_id, person_id)
);
create unique index visit_one_head on visit_member (visit_id) where role = 'head';

create table visited_unit (
  visit_id uuid not null references visit,
  organisation_id uuid not null,
  visited_on date not null,
  primary key (visit_id, organisation_id)
);

create table finding (
  id uuid primary key,
  visit_id uuid not null references visit,
  organisation_id uuid not null,
  text text not null,
  evidence text,
  recorded_by uuid not null,
  at timestamptz not null default now()
);
create index finding_visit on finding (visit_id, at);
create trigger finding_append_only before update or delete on finding
  for each statement execute function refuse_change();

create table recommendation (
  id uuid primary key,
  visit_id uuid not null references visit,
  organisation_id uuid not null,
  finding_id uuid references finding,
  text text not null,
  due_on date not null,
  state text not null,
  at timestamptz not null default now()
);
create index recommendation_visit on recommendation (visit_id, at);

create table follow_up (
  id bigint generated always as identity primary key,
  recommendation_id uuid not null references recommendation,
  person_id uuid not null,
  text text not null,
  state text not null,
  at timestamptz not null default now()
);
create index follow_up_recommendation on follow_up (recommendation_id, id);
create trigger follow_up_append_only before update or delete on follow_up
  for each statement execute function refuse_change();

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
create table known_person (
  person_id uuid primary key,
  full_name text not null,
  email text,
  active boolean not null
);
