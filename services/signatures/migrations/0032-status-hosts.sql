-- Who may be asked for the status of certificates: no other host is ever asked because a document
-- names it. What one answered is remembered for a while.

create table status_host (
  id uuid primary key,
  host text not null,
  inside boolean not null,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  unique (host, valid_from)
);

create table status_answer (
  question text primary key,
  body bytea not null,
  expires_at timestamptz not null
);
create index status_answer_expires on status_answer (expires_at);

alter table validation add column unreached text[] not null default '{}';
