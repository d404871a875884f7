-- What the rules of its day found in a mail that was taken over, shown with it wherever it is read.
create table acceptance_findings (
  acceptance_id uuid primary key references acceptance,
  findings jsonb not null check (jsonb_array_length(findings) > 0)
);

-- Who has written from outside to a mailbox, and may be answered whoever their provider is. Only mail
-- that other servers brought counts: what is put into a mailbox otherwise says nothing of anybody.
create table correspondent (
  mailbox_id uuid not null references mailbox,
  address text not null,
  first_wrote_at timestamptz not null default now(),
  primary key (mailbox_id, address)
);
