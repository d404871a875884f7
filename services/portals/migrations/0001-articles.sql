-- Public pages of localities and their articles.

create table site (
  id uuid primary key,
  organisation_id uuid not null unique,
  slug text not null unique,
  welcome text,
  opened_at timestamptz not null default now()
);

-- The sections a locality's page must have: rows with validity and legal basis.
create table section (
  code text not null,
  name text not null,
  place int not null,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  primary key (code, valid_from)
);
insert into section (code, place, name, valid_from, legal_basis)
select code, place, name, '2022-08-10', 'Nghị định 42/2022/NĐ-CP, Điều 4 (danh mục rút gọn, chưa xác nhận)'
from (values
  ('gioi-thieu', 1, 'Giới thiệu'), ('tin-tuc', 2, 'Tin tức, sự kiện'),
  ('chi-dao-dieu-hanh', 3, 'Thông tin chỉ đạo, điều hành'),
  ('van-ban', 4, 'Văn bản quy phạm pháp luật'), ('thu-tuc', 5, 'Thủ tục hành chính'),
  ('lien-he', 6, 'Liên hệ')
) as sections (code, place, name);

create table article (
  id uuid primary key,
  site_id uuid not null references site,
  section text not null,
  slug text not null,
  title text not null,
  summary text,
  body text not null,
  state text not null,
  written_by uuid not null,
  reviewed_by uuid,
  published_at timestamptz,
  created_at timestamptz not null default now(),
  version int not null,
  unique (site_id, slug)
);
create index article_site on article (site_id, created_at desc, id);
create index article_published on article (site_id, published_at desc) where state = 'published';

-- Every version that was ever written, for whoever asks what a page said on a day.
create table article_version (
  article_id uuid not null references article,
  version int not null,
  at timestamptz not null default now(),
  state text not null,
  title text not null,
  body text not null,
  person_id uuid not null,
  note text,
  primary key (article_id, version)
);
create trigger article_version_append_only before update or delete on article_version
  for each statement execute function refuse_change();

create table known_organisation (
  organisation_id uuid not null,
  agency_id uuid not null,
  parent_id uuid,
  bloc text not null,
  kind text not null,
  agency boolean not null,
  name text not null,
  short_name text not null,
  symbol text not null,
  identifier text,
  administrative_code text,
  place text,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  primary key (organisation_id, valid_from)
);
create table known_succession (
  succession_id uuid primary key,
  from_id uuid not null,
  to_id uuid,
  kind text not null,
  scope text,
  effective_on date not null,
  legal_basis text not null
);
