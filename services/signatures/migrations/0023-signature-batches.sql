-- Many documents signed with one key, and what became of each.

create table signature_batch (
  id uuid primary key,
  kind text not null,
  person_id uuid not null,
  key_id uuid not null references signing_key (id),
  begun_at timestamptz not null default now(),
  -- The process that works on it says so again and again; the key is in its memory and nowhere else.
  alive_at timestamptz not null default now(),
  ended_at timestamptz
);
create index signature_batch_person on signature_batch (person_id) where ended_at is null;

create table signature_batch_row (
  batch_id uuid not null references signature_batch (id),
  row int not null,
  document_id uuid not null,
  signature_id uuid references signature (id),
  problem text,
  primary key (batch_id, row),
  unique (batch_id, document_id),
  check (signature_id is null or problem is null)
);

create view signature_batch_row_state as
  select r.*, case when r.problem is not null then 'refused' when s.id is null then 'waiting'
      else s.state end as state
  from signature_batch_row r left join signature s on s.id = r.signature_id;
