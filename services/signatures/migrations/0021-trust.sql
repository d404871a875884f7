-- Whom the house trusts: roots of signers and of time stamps, and the authorities that stamp.

create table trust_anchor (
  id uuid primary key,
  name text not null,
  -- Official-duty and public authorities are never mixed; those of trials are worth nothing.
  list text not null check (list in ('official-duty', 'public', 'trial')),
  purpose text not null check (purpose in ('signing', 'time-stamping')),
  pem text not null,
  intermediates text,
  ocsp_url text,
  fingerprint text not null,
  subject text not null,
  not_after timestamptz not null,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  unique (purpose, fingerprint, valid_from)
);

-- Every certificate of an anchor, to be watched: the root itself and those between it and signers.
create table trust_certificate (
  anchor_id uuid not null references trust_anchor (id),
  fingerprint text not null,
  not_after timestamptz not null,
  primary key (anchor_id, fingerprint)
);
create table trust_alarm (
  anchor_id uuid not null references trust_anchor (id),
  fingerprint text not null,
  days int not null,
  raised_at timestamptz not null default now(),
  primary key (anchor_id, fingerprint, days)
);
create table time_stamper (
  id uuid primary key,
  name text not null,
  url text not null,
  priority int not null,
  timeout_seconds int not null,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  unique (url, valid_from)
);

-- How long a prepared signature may be completed. How long a signature waits for its time stamp
-- before it goes without one has no row: without one it waits until there is a stamp.
insert into certificate_policy (code, value, valid_from, legal_basis) values
  ('signing-token-hours', 72, '2024-08-15', 'Thời hạn hoàn tất ký của hệ thống (chưa xác nhận)');
