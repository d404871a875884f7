-- Certificates whose subject no longer fits, for somebody to revoke or replace: never by itself.

insert into certificate_policy (code, value, valid_from, legal_basis) values
  ('indicator-days', 90, '2024-08-15', 'Chỉ tiêu chứng thư sắp hết hạn chưa đề nghị gia hạn (chưa xác nhận)');

create table known_succession (
  succession_id uuid primary key,
  from_id uuid not null,
  to_id uuid,
  kind text not null,
  scope text,
  effective_on date not null,
  legal_basis text not null
);
create index known_succession_from on known_succession (from_id);

-- Why a certificate no longer fits, what is to be done, and the legal hook.
create table misfit_ground (
  code text not null,
  action text not null check (action in ('revoke', 'replace')),
  title text not null,
  title_en text not null,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  primary key (code, valid_from)
);
insert into misfit_ground (code, action, title, title_en, valid_from, legal_basis) values
  ('left-service', 'revoke', 'Người giữ không còn công tác', 'The holder left the service', '2024-08-15', 'Nghị định 68/2024/NĐ-CP, thu hồi chứng thư (chưa xác nhận)'),
  ('left-agency', 'revoke', 'Người giữ không còn chức vụ tại cơ quan', 'The holder has no post at the agency any more', '2024-08-15', 'Nghị định 68/2024/NĐ-CP, thu hồi chứng thư (chưa xác nhận)'),
  ('changed-post', 'replace', 'Người giữ đã thay đổi chức vụ', 'The holder changed posts', '2024-08-15', 'Nghị định 68/2024/NĐ-CP, Điều 7: chứng thư ghi chức vụ, cơ quan (chưa xác nhận)'),
  ('agency-renamed', 'replace', 'Cơ quan đã đổi tên', 'The agency was renamed', '2024-08-15', 'Nghị định 68/2024/NĐ-CP, Điều 7: chứng thư ghi tên cơ quan (chưa xác nhận)'),
  ('agency-succeeded', 'revoke', 'Cơ quan đã sáp nhập, hợp nhất hoặc giải thể', 'The agency merged or was dissolved', '2024-08-15', 'Nghị định 68/2024/NĐ-CP, thu hồi chứng thư (chưa xác nhận)'),
  ('agency-ended', 'revoke', 'Cơ quan chấm dứt hoạt động', 'The agency ended', '2024-08-15', 'Nghị định 68/2024/NĐ-CP, thu hồi chứng thư (chưa xác nhận)'),
  ('blocked', 'revoke', 'Chứng thư đã bị khóa nội bộ', 'The certificate is blocked here', '2024-08-15', 'Nghị định 68/2024/NĐ-CP, thu hồi chứng thư (chưa xác nhận)');

create table work_item (
  id uuid primary key,
  certificate_id uuid not null references certificate (id),
  agency_id uuid not null,
  ground text not null,
  action text not null,
  detail text not null,
  legal_basis text not null,
  effective_on date not null,
  raised_at timestamptz not null default now(),
  state text not null default 'open',
  note text,
  settled_at timestamptz,
  settled_by uuid,
  version int not null default 1
);
create unique index work_item_open on work_item (certificate_id, ground) where state = 'open';
create index work_item_agency on work_item (agency_id, state, effective_on, id);

-- Every reason why a certificate in use no longer fits, and from when. A row of `detail` and
-- `own_basis` says what the directory announced.
create view misfit as
  with used as not materialized (
    select * from certificate where revoked_at is null and not_after > now()),
  held as not materialized (
    select c.id, a.post_id, a.valid_from, a.valid_to from used c
    join known_assignment a on a.person_id = c.holder_id and a.agency_id = c.agency_id
    where c.holder_kind = 'person'),
  post_left as not materialized (
    -- A post held at the time that nobody says the holder keeps, though another one is.
    select c.id, max(h.valid_to) as last from used c, unnest(c.held_posts) as post
    join held h on h.post_id = post
    where h.id = c.id group by c.id, post having bool_and(h.valid_to is not null))
  select c.id as certificate_id, 'left-service' as ground, local_day() as effective_on,
    p.full_name as detail, null as own_basis
  from used c join known_person p on c.holder_kind = 'person' and p.person_id = c.holder_id
  where not p.active
  union all
  select c.id, 'left-agency', max(h.valid_to) + 1, c.agency_name, null
  from used c join held h on h.id = c.id
  group by c.id, c.agency_name having bool_and(h.valid_to is not null)
  union all
  select l.id, 'changed-post', max(l.last) + 1, string_agg(distinct k.title, '; '), null
  from post_left l join held h on h.id = l.id and h.valid_to is null
  left join known_post k on k.post_id = h.post_id group by l.id
  union all
  select c.id, 'agency-renamed', min(o.valid_from), min(c.agency_name) || ' → ' || min(o.name),
    min(o.legal_basis)
  from used c join known_organisation o on o.organisation_id = c.agency_id
  where o.name <> c.agency_name and o.valid_from > c.registered_on group by c.id
  union all
  select c.id, 'agency-succeeded', min(s.effective_on),
    c.agency_name || coalesce(' → ' || min(t.name), ''), min(s.legal_basis)
  from used c join known_succession s on s.from_id = c.agency_id and s.kind in ('merge', 'dissolve')
  left join known_organisation t on t.organisation_id = s.to_id
  group by c.id, c.agency_name
  union all
  select c.id, 'agency-ended', max(o.valid_to) + 1, c.agency_name, max(o.legal_basis)
  from used c join known_organisation o on o.organisation_id = c.agency_id
  group by c.id, c.agency_name having bool_and(o.valid_to is not null)
  union all
  select c.id, 'blocked', (c.blocked_at at time zone 'Asia/Ho_Chi_Minh')::date, c.block_reason, null
  from used c where c.blocked_at is not null;
