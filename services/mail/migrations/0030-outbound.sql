-- What goes out to other servers: one row for each recipient of an acceptance whose domain is not
-- hosted here. A row is never deleted while its sender may ask what became of the mail.

create table outbound_recipient (
  id uuid primary key default uuidv7(),
  acceptance_id uuid not null references acceptance,
  recipient text not null check (length(recipient) <= 320),
  -- The domain in lower case and A-labels: what is looked up, counted and limited.
  domain text not null,
  state text not null default 'waiting'
    check (state in ('waiting', 'sending', 'sent', 'failed', 'cancelled')),
  attempts int not null default 0,
  -- When it was first to go; waiting and giving up count from here.
  due_at timestamptz not null,
  -- While it is sent: until when whoever sends it is believed to live. Then it is due again.
  next_attempt_at timestamptz not null,
  tried_at timestamptz,
  ended_at timestamptz,
  -- What the last try came to: who answered, what, and how the line was protected.
  host text,
  reply text,
  -- Enhanced status code of RFC 3463, such as 5.1.1.
  status text,
  tls text,
  warned_at timestamptz,
  -- What another server reported afterwards (RFC 3464).
  reported text check (reported in ('failed', 'delayed', 'delivered', 'relayed', 'expanded')),
  reported_at timestamptz,
  report_id uuid references acceptance,
  unique (acceptance_id, recipient),
  check ((ended_at is not null) = (state in ('sent', 'failed', 'cancelled')))
);
create index outbound_recipient_due on outbound_recipient (next_attempt_at)
  where state in ('waiting', 'sending');
create index outbound_recipient_domain on outbound_recipient (domain, state, next_attempt_at)
  where state in ('waiting', 'sending');
create index outbound_recipient_oldest on outbound_recipient (due_at)
  where state in ('waiting', 'sending');

-- A domain that mail goes to: locked while a connection to it is counted, and rested while it does not
-- answer or has had its share of the minute.
create table outbound_domain (
  domain text primary key,
  rests_until timestamptz not null default '-infinity',
  failures int not null default 0,
  minute_began_at timestamptz not null default '-infinity',
  sent_in_minute int not null default 0
);
