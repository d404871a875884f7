-- Passwords of mail programs: each for one program, made for it and shown once. They are as long as a
-- key, so their SHA-256 is enough to know them by.

create table app_password (
  id uuid primary key default uuidv7(),
  person_id uuid not null,
  name text not null,
  secret_hash text not null unique,
  uses text[] not null check (cardinality(uses) > 0 and uses <@ array['smtp', 'jmap']),
  -- The mailboxes it opens; null for all that its person has rights to.
  mailbox_ids uuid[] check (cardinality(mailbox_ids) > 0),
  made_at timestamptz not null default now(),
  last_used_at timestamptz,
  last_used_from text,
  revoked_at timestamptz
);
create index app_password_person on app_password (person_id);
