-- Keys by which mail of our domains is signed (DKIM, RFC 6376), sealed under the service's secret.
-- One signs while it is valid; afterwards its octets are gone, and DNS should keep the public key for
-- as long as mail signed with it is under way.

create table dkim_key (
  id uuid primary key,
  domain text not null,
  selector text not null,
  algorithm text not null check (algorithm in ('rsa-sha256', 'ed25519-sha256')),
  -- What the `p=` of the DNS record says.
  public_key text not null,
  sealed bytea,
  created_at timestamptz not null default now(),
  -- When DNS last answered with this key, or with something else.
  checked_at timestamptz,
  found text,
  valid_from timestamptz,
  valid_to timestamptz,
  unique (domain, selector),
  check (valid_to is null or sealed is null)
);
create index dkim_key_signing on dkim_key (domain) where valid_from is not null and valid_to is null;
