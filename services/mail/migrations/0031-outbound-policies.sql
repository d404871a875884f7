-- How mail goes to other servers: rows with validity. The row of the longest ending of a domain holds;
-- `*` is for all others.

create table outbound_policy (
  id uuid primary key default uuidv7(),
  domain text not null check (domain = lower(domain) and domain <> ''),
  -- Connections at once, and messages begun in a minute.
  connections int not null check (connections between 1 and 100),
  per_minute int not null check (per_minute between 1 and 10000),
  -- opportunistic: encrypted when the other server offers it (RFC 7435); encrypted: never without;
  -- verified: nor without a certificate that names the server.
  tls text not null check (tls in ('opportunistic', 'encrypted', 'verified')),
  -- The sender is told that a mail still waits, and that it is given up.
  warn_after_hours int not null check (warn_after_hours between 1 and 240),
  give_up_after_hours int not null check (give_up_after_hours between 1 and 240),
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  unique (domain, valid_from)
);
insert into outbound_policy
  (domain, connections, per_minute, tls, warn_after_hours, give_up_after_hours, valid_from, legal_basis)
values ('*', 4, 120, 'opportunistic', 4, 120, '2020-01-01',
  'chưa xác nhận; thời gian chờ theo RFC 5321 mục 4.5.4.1 (ít nhất 4-5 ngày)');

create function outbound_policy_of(wanted text, today date) returns outbound_policy
language sql stable as $$
  select * from outbound_policy
  where domain in ('*', wanted) or wanted like '%.' || domain
  order by (valid_from <= today and (valid_to is null or valid_to >= today)) desc,
    length(domain) desc, valid_from desc
  limit 1
$$;

-- Policies by which domains demand that mail to them is encrypted (MTA-STS, RFC 8461), as fetched.
create table mta_sts_policy (
  domain text primary key,
  policy_id text not null,
  mode text not null check (mode in ('enforce', 'testing', 'none')),
  mx text[] not null,
  expires_at timestamptz not null,
  -- Looked for again not before this; what was fetched holds meanwhile.
  checked_at timestamptz not null
);

-- What follows a try: nothing more, another one, or giving up.
create function outbound_state_after(kind text, until timestamptz) returns text language sql stable as $$
  select case when kind = 'sent' then 'sent' when kind = 'refused' or until <= now() then 'failed'
    else 'waiting' end
$$;
