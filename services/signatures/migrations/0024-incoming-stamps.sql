-- What was registered as incoming, for the stamp "đến" on its files; one stamp a file.

create table known_incoming (
  document_id uuid primary key,
  organisation_id uuid not null,
  number int not null,
  received_on date not null,
  files text[] not null
);

drop index signature_once;
create unique index signature_once on signature
  (coalesce(draft_id, document_id, id), root_sha256, kind) where state <> 'prepared';
