-- What documents know of the directory, kept from its events: the newest word on each thing.

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

create table known_post (
  post_id uuid primary key,
  unit_id uuid not null,
  agency_id uuid not null,
  bloc text not null,
  title text not null,
  mailbox text,
  leads boolean not null,
  signs boolean not null,
  roles text[] not null,
  valid_from date not null,
  valid_to date
);

create table known_person (
  person_id uuid primary key,
  full_name text not null,
  email text,
  active boolean not null
);

create table known_assignment (
  assignment_id uuid primary key,
  person_id uuid not null,
  post_id uuid not null,
  unit_id uuid not null,
  agency_id uuid not null,
  valid_from date not null,
  valid_to date
);
create index known_assignment_person on known_assignment (person_id);
