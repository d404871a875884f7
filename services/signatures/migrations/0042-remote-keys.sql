-- Remote signing services, and keys that they keep: here is only where they are. What is sealed of a
-- key is the holder's PIN there; what is sealed of a service is our secret there.

create table remote_service (
  id uuid primary key,
  name text not null,
  url text not null,
  token_url text,
  client_id text not null,
  timeout_seconds int not null,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  client_secret bytea not null,
  created_at timestamptz not null default now()
);
create index remote_service_url on remote_service (url, valid_from);

alter table signing_key
  add column service text,
  add column credential text,
  add check ((service is null) = (credential is null)),
  add check (service is null or token is null);
