-- Which files of incoming documents are kept for the long term, as the signatures service announced last.

create table file_preservation (
  preservation_id uuid primary key,
  document_id uuid not null,
  source_sha256 text not null,
  sha256 text,
  renew_at timestamptz,
  problem text,
  announced_at timestamptz not null
);
create index file_preservation_document on file_preservation (document_id);
