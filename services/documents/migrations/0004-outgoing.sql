-- Outgoing documents: drafts with every version of them, then what was issued under a number.

create table document_type (
  code text not null,
  name text not null,
  abbreviation text,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  primary key (code, valid_from)
);
insert into document_type (code, name, abbreviation, valid_from, legal_basis)
select coalesce(abbreviation, code), name, abbreviation, '2020-03-05', 'Nghị định 30/2020/NĐ-CP, Điều 7, Phụ lục III'
from (values
  ('NQ', 'Nghị quyết (cá biệt)', 'NQ'), ('QĐ', 'Quyết định (cá biệt)', 'QĐ'), ('CT', 'Chỉ thị', 'CT'),
  ('QC', 'Quy chế', 'QC'), ('QyĐ', 'Quy định', 'QyĐ'), ('TC', 'Thông cáo', 'TC'),
  ('TB', 'Thông báo', 'TB'), ('HD', 'Hướng dẫn', 'HD'), ('CTr', 'Chương trình', 'CTr'),
  ('KH', 'Kế hoạch', 'KH'), ('PA', 'Phương án', 'PA'), ('ĐA', 'Đề án', 'ĐA'), ('DA', 'Dự án', 'DA'),
  ('BC', 'Báo cáo', 'BC'), ('BB', 'Biên bản', 'BB'), ('TTr', 'Tờ trình', 'TTr'),
  ('HĐ', 'Hợp đồng', 'HĐ'), ('CV', 'Công văn', null), ('CĐ', 'Công điện', 'CĐ'),
  ('BGN', 'Bản ghi nhớ', 'BGN'), ('BTT', 'Bản thỏa thuận', 'BTT'), ('GUQ', 'Giấy ủy quyền', 'GUQ'),
  ('GM', 'Giấy mời', 'GM'), ('GGT', 'Giấy giới thiệu', 'GGT'), ('GNP', 'Giấy nghỉ phép', 'GNP'),
  ('PG', 'Phiếu gửi', 'PG'), ('PC', 'Phiếu chuyển', 'PC'), ('PB', 'Phiếu báo', 'PB'),
  ('TCg', 'Thư công', null)
) as types (code, name, abbreviation);

create table draft (
  id uuid primary key,
  organisation_id uuid not null,
  unit_id uuid not null,
  drafted_by uuid not null,
  state text not null,
  last_version int not null,
  content_checked_by uuid,
  format_checked_by uuid,
  approved_by uuid,
  approved_for uuid,
  approved_hash text,
  approved_at timestamptz,
  created_at timestamptz not null default now(),
  version int not null
);
create index draft_organisation on draft (organisation_id, created_at desc, id);

create table draft_version (
  draft_id uuid not null references draft,
  number int not null,
  at timestamptz not null default now(),
  person_id uuid not null,
  for_person_id uuid,
  content jsonb not null,
  files jsonb not null,
  text text not null,
  content_hash text not null,
  primary key (draft_id, number)
);
create trigger draft_version_append_only before update or delete on draft_version
  for each statement execute function refuse_change();

create table draft_step (
  id bigint generated always as identity primary key,
  draft_id uuid not null references draft,
  number int not null,
  kind text not null,
  at timestamptz not null default now(),
  person_id uuid not null,
  for_person_id uuid,
  text text
);
create index draft_step_draft on draft_step (draft_id, id);
create trigger draft_step_append_only before update or delete on draft_step
  for each statement execute function refuse_change();

-- Written authority to sign by order or in a head's stead; no handing on.
create table signing_authority (
  id uuid primary key,
  organisation_id uuid not null,
  person_id uuid not null,
  capacity text not null check (capacity in ('TL', 'TUQ')),
  delegated_from text not null,
  valid_from date not null,
  valid_to date not null,
  legal_basis text not null
);

create table outgoing_document (
  id uuid primary key,
  organisation_id uuid not null,
  book_id uuid not null references book,
  year int not null,
  number int not null,
  symbol text not null,
  issued_on date not null,
  type text not null,
  abstract text not null,
  urgency text not null,
  recipients text[] not null,
  signer_id uuid not null,
  signer_name text not null,
  capacity text not null,
  unit_id uuid not null,
  draft_id uuid not null references draft,
  content_hash text not null,
  files jsonb not null,
  state text not null,
  state_reason text,
  issued_at timestamptz not null default now(),
  issued_by uuid not null,
  version int not null,
  unique (book_id, number)
);
create index outgoing_organisation on outgoing_document (organisation_id, issued_at desc, id);
create unique index outgoing_symbol on outgoing_document (organisation_id, year, symbol);

create table document_link (
  from_id uuid not null,
  to_id uuid not null,
  kind text not null,
  primary key (from_id, to_id, kind)
);
create index document_link_to on document_link (to_id);
