-- Rules of passwords, accounts and failed sign-ins as rows; identities at a provider; sessions that
-- their owner can recognise.

alter table sign_in_policy
  add column address_failures int not null default 50,
  add column address_minutes int not null default 15,
  add column password_length int not null default 14,
  add column password_length_with_second_factor int not null default 8,
  add column passwords_remembered int not null default 10,
  add column administrator_password_months int not null default 2,
  add column idle_days int not null default 45;
update sign_in_policy set legal_basis = 'Chính sách ban đầu của hệ thống theo cấp độ 3 và QCVN 12:2026/BCA: số lần sai, thời hạn phiên, độ dài, lịch sử và tuổi mật khẩu, số ngày không dùng (chưa xác nhận)';
-- A new row says every rule itself.
alter table sign_in_policy
  alter column address_failures drop default,
  alter column address_minutes drop default,
  alter column password_length drop default,
  alter column password_length_with_second_factor drop default,
  alter column passwords_remembered drop default,
  alter column administrator_password_months drop default,
  alter column idle_days drop default,
  add check (least(max_failures, lock_minutes, access_minutes, refresh_days, signing_key_days,
    address_failures, address_minutes, passwords_remembered, administrator_password_months,
    idle_days) > 0),
  add check (least(password_length, password_length_with_second_factor) between 8 and 200);

-- The rules that hold today.
create view sign_in_rules as
  select * from sign_in_policy
  where valid_from <= (now() at time zone 'Asia/Ho_Chi_Minh')::date
  order by valid_from desc limit 1;

-- Failures are counted by account and by where they come from: whoever tries from elsewhere cannot
-- lock a person out of the networks that person signs in from. `subject` is an account, the hash
-- of a name that nobody has, or empty for the network itself.
create table sign_in_failure (
  subject text not null,
  origin text not null,
  failures int not null,
  locked_until timestamptz,
  last_at timestamptz not null default now(),
  primary key (subject, origin)
);
create index sign_in_failure_age on sign_in_failure (last_at);

alter table account
  drop column failures,
  drop column locked_until,
  add column issuer text,
  add column password_changed_at timestamptz not null default now(),
  add column used_at timestamptz not null default now();
drop index account_subject;
create unique index account_identity on account (issuer, subject);
alter table account add check ((issuer is null) = (subject is null));

create table past_password (
  account_id uuid not null references account,
  password_hash text not null,
  set_at timestamptz not null default now()
);
create index past_password_account on past_password (account_id, set_at desc);
insert into past_password select id, password_hash from account where password_hash is not null;

alter table session
  add column address text,
  add column agent text,
  add column used_at timestamptz not null default now();
create index session_age on session (expires_at);

-- Stands for an identity that a provider has just confirmed, for the minute in which a frontend
-- exchanges its one-time code.
create table sign_in_handover (
  code_hash text primary key,
  account_id uuid not null references account,
  second_factor boolean not null,
  expires_at timestamptz not null
);
create index sign_in_handover_age on sign_in_handover (expires_at);
