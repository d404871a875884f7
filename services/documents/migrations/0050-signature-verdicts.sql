-- What the signatures of each file came to, as the signatures service announced it last.

create table signature_verdict (
  document_id uuid not null,
  sha256 text not null,
  verdict text not null,
  reason jsonb,
  lists text[] not null,
  validation_id uuid not null,
  concluded_at timestamptz not null,
  primary key (document_id, sha256)
);
