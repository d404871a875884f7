-- What JMAP (RFC 8620, RFC 8621) keeps beside folders and emails.

-- Octets that were sent to be used: as a message to import, as an attachment. They go when unused.
create table uploaded_blob (
  mailbox_id uuid not null references mailbox,
  sha256 bytea not null check (length(sha256) = 32),
  type text not null,
  size int not null,
  octets bytea not null,
  uploaded_by uuid not null,
  expires_at timestamptz not null,
  primary key (mailbox_id, sha256)
);
alter table uploaded_blob alter column octets set storage external;
create index uploaded_blob_expires on uploaded_blob (expires_at);

-- From whom mail goes out. The one that every mailbox has from the start bears the id of the mailbox,
-- and has a row only once it was changed.
create table identity (
  mailbox_id uuid not null references mailbox,
  id uuid not null default uuidv7(),
  -- One of the addresses of the mailbox; absent for the one that follows the mailbox.
  email text,
  name text,
  reply_to jsonb,
  bcc jsonb,
  text_signature text not null default '',
  html_signature text not null default '',
  created_at_state bigint not null,
  changed_at_state bigint not null,
  primary key (mailbox_id, id),
  check (email is not null or id = mailbox_id)
);

-- What was given to be sent: at once, or at its time until when it can be called back.
create table submission (
  mailbox_id uuid not null references mailbox,
  id uuid not null default uuidv7(),
  identity_id uuid not null,
  email_id uuid not null,
  thread_id uuid not null,
  -- The message as it goes out, without Bcc.
  sha256 bytea not null references raw_message,
  -- Addresses of the envelope with their parameters (RFC 8621, 7, Envelope).
  mail_from jsonb not null,
  rcpt_to jsonb not null,
  send_at timestamptz not null,
  undo_status text not null check (undo_status in ('pending', 'final', 'canceled')),
  acceptance_id uuid references acceptance,
  submitted_by uuid not null,
  submitted_at timestamptz not null default now(),
  created_at_state bigint not null,
  changed_at_state bigint not null,
  primary key (mailbox_id, id),
  check ((undo_status = 'final') = (acceptance_id is not null))
);
create index submission_due on submission (send_at) where undo_status = 'pending';
create index submission_by on submission (submitted_by, submitted_at);
create index submission_email on submission (mailbox_id, sha256);
create index submission_changed on submission (mailbox_id, changed_at_state);
create unique index submission_acceptance on submission (acceptance_id);

-- What answers while somebody is away (RFC 8621, 8).
create table vacation_response (
  mailbox_id uuid primary key references mailbox,
  is_enabled boolean not null,
  from_date timestamptz,
  to_date timestamptz,
  subject text,
  text_body text,
  html_body text,
  changed_at_state bigint not null
);

-- The header of a message, in small letters, each field in a line of its own after a line end: what a
-- search for any header field looks at.
create function header_of(wanted bytea) returns text language sql stable parallel safe as $$
  select E'\n' || regexp_replace(
    lower(convert_from(decode(replace(encode(head, 'hex'), '00', '20'), 'hex'), 'LATIN1')),
    E'\r?\n[ \t]+', ' ', 'g')
  from (
    select case when position('\x0d0a0d0a'::bytea in whole) > 0
      then substring(whole from 1 for position('\x0d0a0d0a'::bytea in whole)) else whole end as head
    from (select substring(octets from 1 for 262144) as whole from raw_message where sha256 = wanted)
      as beginning) as header
$$;
