-- The register of certificates, and what is kept of the directory to know who should have one.

create table certificate (
  id uuid primary key,
  holder_kind text not null,
  holder_id uuid not null,
  agency_id uuid not null,
  device text not null,
  serial text not null,
  subject text not null,
  issuer text not null,
  not_before timestamptz not null,
  not_after timestamptz not null,
  fingerprint text not null unique,
  pem text not null,
  revoked_at timestamptz,
  revocation_reason text,
  version int not null
);
create index certificate_agency on certificate (agency_id, not_after);
create index certificate_expiry on certificate (not_after, id);

-- From how many days before its end a certificate is shown as expiring.
create table renewal_window (
  valid_from date primary key,
  days int not null,
  legal_basis text not null
);
insert into renewal_window values ('2024-08-15', 60, 'Nghị định 68/2024/NĐ-CP (chưa xác nhận)');

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
create index known_assignment_agency on known_assignment (agency_id);
