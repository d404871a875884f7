-- Who really sent what came from other servers: SPF, DKIM, DMARC and ARC, found out after 250 and kept
-- for ever, since the records they were found by change.

-- What is still to be found out, and again where DNS did not answer.
create table authentication_due (
  acceptance_id uuid primary key references acceptance,
  tries int not null default 0,
  next_at timestamptz not null default now()
);
create index authentication_due_next on authentication_due (next_at);

create table authentication (
  acceptance_id uuid primary key references acceptance,
  spf text not null,
  dkim text not null,
  dmarc text not null,
  arc text not null,
  -- All that was found, and by which records.
  results jsonb not null,
  -- The same for readers (RFC 8601), without a line end.
  header text not null,
  found_at timestamptz not null default now()
);

-- Whoever keeps mail of another server lays down the question with it.
create function ask_authentication() returns trigger language plpgsql as $$
begin
  insert into authentication_due (acceptance_id) values (new.id);
  return null;
end $$;
create trigger ask_authentication after insert on acceptance
  for each row when (new.way = 'exchange') execute function ask_authentication();
