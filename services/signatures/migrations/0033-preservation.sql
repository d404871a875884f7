-- Signed files that are kept for the long term: their evidence is put into them, and a time stamp
-- over all of it is renewed before it or its algorithms can no longer be relied on.

insert into certificate_policy (code, value, valid_from, legal_basis) values
  ('restamp-days', 180, '2024-08-15', 'Đóng lại dấu thời gian trước khi hết hiệu lực (chưa xác nhận)');

create table preservation (
  id uuid primary key default gen_random_uuid(),
  -- What the file belongs to: an incoming document, a draft, or a signature of its own.
  subject_id uuid not null,
  root_sha256 text not null,
  document_id uuid,
  organisation_id uuid not null,
  source_sha256 text not null,
  state text not null default 'waiting' check (state in ('waiting', 'kept', 'failed')),
  sha256 text,
  size bigint,
  renew_at timestamptz not null,
  note text,
  attempts int not null default 0,
  leased_until timestamptz,
  unique (subject_id, root_sha256),
  check ((state = 'kept') <= (sha256 is not null))
);
create index preservation_document on preservation (document_id);
create index preservation_due on preservation (renew_at) where state <> 'failed';

create table preservation_step (
  id bigint generated always as identity primary key,
  preservation_id uuid not null references preservation (id),
  from_sha256 text not null,
  sha256 text not null,
  stamped_at timestamptz not null,
  stamper text not null,
  lasts_until timestamptz not null
);
create index preservation_step_of on preservation_step (preservation_id, id);
create trigger preservation_step_append_only before update or delete on preservation_step
  for each statement execute function refuse_change();
