-- Official mailboxes, provisioned from what the directory announces.

create table mailbox (
  id uuid primary key,
  address text not null,
  kind text not null,
  owner_id uuid not null,
  agency_id uuid,
  name text not null,
  state text not null,
  reason text,
  changed_at timestamptz not null default now(),
  unique (kind, owner_id)
);
-- An address is never given to two; a closed one is never given again.
create unique index mailbox_address on mailbox (lower(address)) where state <> 'refused';
create index mailbox_agency on mailbox (agency_id);

-- Which domains are the state's, and which belong to public providers: rows with validity.
create table mail_domain (
  domain text not null,
  verdict text not null check (verdict in ('official', 'private')),
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  primary key (domain, valid_from)
);
insert into mail_domain (domain, verdict, valid_from, legal_basis)
select domain, verdict, '2008-12-03', 'Chỉ thị 34/2008/CT-TTg về sử dụng thư điện tử trong hoạt động của cơ quan nhà nước'
from (values
  ('gov.vn', 'official'), ('dcs.vn', 'official'), ('quochoi.vn', 'official'),
  ('gmail.com', 'private'), ('googlemail.com', 'private'), ('yahoo.com', 'private'),
  ('yahoo.com.vn', 'private'), ('ymail.com', 'private'), ('hotmail.com', 'private'),
  ('outlook.com', 'private'), ('live.com', 'private'), ('msn.com', 'private'),
  ('icloud.com', 'private'), ('me.com', 'private'), ('aol.com', 'private'), ('gmx.com', 'private'),
  ('proton.me', 'private'), ('protonmail.com', 'private'), ('zoho.com', 'private'),
  ('mail.ru', 'private'), ('yandex.com', 'private'), ('qq.com', 'private'), ('163.com', 'private')
) as domains (domain, verdict);

create table known_post (
  post_id uuid primary key,
  unit_id uuid not null,
  agency_id uuid not null,
  bloc text not null,
  title text not null,
  mailbox text,
  leads boolean not null,
  signs boolean not null,
  roles text[] not null,
  valid_from date not null,
  valid_to date
);
create table known_assignment (
  assignment_id uuid primary key,
  person_id uuid not null,
  post_id uuid not null,
  unit_id uuid not null,
  agency_id uuid not null,
  valid_from date not null,
  valid_to date
);
create index known_assignment_agency on known_assignment (agency_id);
create index known_assignment_person on known_assignment (person_id);
