-- Issued documents that went out by official mail, and with which promise.
create table dispatch (
  id uuid primary key,
  document_id uuid not null,
  organisation_id uuid not null,
  mailbox_id uuid not null references mailbox,
  acceptance_id uuid not null references acceptance,
  -- As they are compared, in order: the same document to the same is sent once unless asked again.
  recipients text[] not null,
  message_id text not null,
  subject text not null,
  -- What went with it: {sha256, name, mediaType, size}.
  files jsonb not null,
  sent_at timestamptz not null default now(),
  sent_by uuid not null
);
create index dispatch_document on dispatch (document_id, mailbox_id, sent_at desc);
create trigger dispatch_append_only before update or delete or truncate on dispatch
  for each statement execute function refuse_change();
