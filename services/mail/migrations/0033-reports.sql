-- Reports that we make ourselves about mail that did not arrive (RFC 3464) are accepted as any mail.
alter table acceptance drop constraint acceptance_way_check;
alter table acceptance add constraint acceptance_way_check
  check (way in ('exchange', 'submission', 'import', 'report'));

-- Reports of other servers about our mail, each looked at once.
create table arrived_report (
  acceptance_id uuid primary key references acceptance,
  looked_at timestamptz not null default now(),
  -- How many recipients of our mail it spoke of.
  recipients int not null
);
create index acceptance_reports on acceptance (id) where reverse_path = '' and way = 'exchange';
