-- Software keys: sealed under the service's secret and the passphrase of who keeps them, so that
-- neither the one nor the other can sign alone.

create table signing_key (
  id uuid primary key,
  holder_kind text not null,
  holder_id uuid not null,
  agency_id uuid not null,
  custodian_id uuid not null,
  algorithm text not null,
  spki bytea not null,
  request text,
  salt bytea not null,
  cost int not null,
  sealed bytea,
  certificate_id uuid references certificate (id),
  failures int not null default 0,
  locked_until timestamptz,
  created_at timestamptz not null,
  destroyed_at timestamptz,
  version int not null,
  check ((sealed is null) = (destroyed_at is not null))
);
create index signing_key_custodian on signing_key (custodian_id, created_at);
create unique index signing_key_public on signing_key (sha256(spki)) where destroyed_at is null;
