-- Messages as they came, octet by octet, and what was promised when each was accepted. A message that
-- goes to many is kept once. What is found by parsing stands elsewhere: it can be computed again.

create table raw_message (
  sha256 bytea primary key check (length(sha256) = 32),
  octets bytea not null,
  kept_at timestamptz not null default now()
);
-- Mail is mostly encoded attachments: compressing it costs more time than it saves room.
alter table raw_message alter column octets set storage external;

-- A row is the promise that 250 gave: whose words it is, for whom, and how it came.
create table acceptance (
  id uuid primary key default uuidv7(),
  sha256 bytea not null references raw_message,
  way text not null check (way in ('exchange', 'submission', 'import')),
  -- The envelope of RFC 5321: '' is the null reverse path of bounces.
  reverse_path text not null,
  recipients text[] not null check (cardinality(recipients) > 0),
  -- The mailbox that submitted it, and who acted for it.
  mailbox_id uuid references mailbox,
  actor uuid,
  -- Address, name given in EHLO, protocol and cipher of the peer.
  peer jsonb not null default '{}',
  -- The trace line (RFC 5321, 4.4) that goes before the octets wherever they are shown or sent on.
  received text not null,
  accepted_at timestamptz not null default now()
);
create index acceptance_sha256 on acceptance (sha256);
