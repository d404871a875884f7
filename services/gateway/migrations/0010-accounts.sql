-- Who may come in. Passwords and tokens are kept as what cannot be turned back; private keys and
-- second factors are sealed with GATEWAY_SECRET.

create table sign_in_policy (
  valid_from date primary key,
  max_failures int not null,
  lock_minutes int not null,
  access_minutes int not null,
  refresh_days int not null,
  signing_key_days int not null,
  legal_basis text not null
);
insert into sign_in_policy values
  ('2013-01-01', 5, 15, 10, 14, 30, 'Chính sách ban đầu của hệ thống; cấp độ 3 theo Nghị định 85/2016/NĐ-CP (chưa xác nhận)');

create table account (
  id uuid primary key,
  person_id uuid not null references person,
  username text not null,
  password_hash text,
  -- Roles held without a post, with reach over everything: only the first administrator's.
  roles text[] not null default '{}',
  disabled boolean not null default false,
  failures int not null default 0,
  locked_until timestamptz,
  totp_secret text,
  totp_confirmed boolean not null default false,
  totp_last_step bigint not null default 0,
  recovery_codes text[] not null default '{}',
  subject text,
  created_at timestamptz not null default now()
);
create unique index account_username on account (lower(username));
create unique index account_subject on account (subject);
create index account_person on account (person_id);

create table session (
  id uuid primary key,
  account_id uuid not null references account,
  token_hash text not null,
  second_factor boolean not null,
  started_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index session_account on session (account_id);

create table api_key (
  id uuid primary key,
  name text not null,
  key_hash text not null unique,
  scopes text[] not null,
  organisation_id uuid not null,
  bloc text not null,
  reach text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  created_at timestamptz not null default now()
);

create table signing_key (
  kid text primary key,
  public_jwk jsonb not null,
  private_key text not null,
  created_at timestamptz not null default now()
);
