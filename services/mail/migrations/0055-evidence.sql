-- Mail that became a document. What is known of the mail is frozen before the document is registered,
-- under the id that the document then gets: whoever asks again, after whatever crash, asks for the
-- same document. No message that a row names can be deleted; email and acceptance may go.

create table evidence (
  document_id uuid primary key default gen_random_uuid(),
  mailbox_id uuid not null references mailbox,
  email_id uuid not null,
  sha256 bytea not null references raw_message,
  -- The attachments that were chosen; empty for the message itself.
  part_ids text[] not null,
  -- What the document got: {sha256, name, mediaType, size}.
  files jsonb not null,
  message_id text,
  sender text,
  received_at timestamptz not null,
  -- The promise by which it came, whole; null for what was put into the mailbox otherwise.
  acceptance jsonb,
  -- What was found out by then of who really sent it.
  authentication jsonb,
  frozen_at timestamptz not null default now(),
  unique (mailbox_id, sha256, part_ids)
);

-- That the document exists, as the documents service announced it.
create table registered_evidence (
  document_id uuid primary key references evidence,
  organisation_id uuid not null,
  registered_at timestamptz not null,
  registered_by uuid not null,
  registered_for uuid
);

do $$ declare name text; begin
  foreach name in array '{evidence,registered_evidence}'::text[] loop
    execute format('create trigger %1$I before update or delete or truncate on %2$I
      for each statement execute function refuse_change()', name || '_append_only', name);
  end loop;
end $$;
