-- Files of incoming documents that wait for their validation. A row is taken for a while by a lease,
-- so that one whose process died is taken again, and goes when its verdict is final.

create table validation_job (
  document_id uuid not null,
  sha256 text not null,
  size bigint not null,
  name text not null,
  organisation_id uuid not null,
  due_at timestamptz not null default now(),
  leased_until timestamptz,
  attempts int not null default 0,
  primary key (document_id, sha256)
);
create index validation_job_due on validation_job (due_at);
