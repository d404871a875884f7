-- What is searched: words with their marks, and the same words folded. The readers stand in the same
-- index, so that what somebody may not read is never looked at.

create table searchable (
  document_id uuid primary key,
  direction text not null,
  organisation_id uuid not null,
  readers uuid[] not null,
  sort_at timestamptz not null,
  marked tsvector not null,
  folded tsvector not null
);
create index searchable_folded on searchable using gin (readers, folded);
create index searchable_marked on searchable using gin (readers, marked);
create index searchable_newest on searchable (sort_at desc, document_id desc);
