-- Requests to the provider in the forms of Nghị định 68/2024/NĐ-CP, and the hand-over of devices.

-- A form: its title and the fields it asks for, in their order. `pattern` is a regular expression.
create table request_form (
  code text not null,
  title text not null,
  title_en text not null,
  fields jsonb not null,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  primary key (code, valid_from)
);

create function form_fields(variadic names text[]) returns jsonb immutable language sql as $$
  select jsonb_agg(jsonb_build_object('name', split_part(each, '|', 1), 'vi', split_part(each, '|', 2),
    'en', split_part(each, '|', 3), 'required', split_part(each, '|', 4) = 'x')
    || case when split_part(each, '|', 5) = '' then '{}'
      else jsonb_build_object('pattern', split_part(each, '|', 5)) end order by place)
  from unnest(names) with ordinality as given (each, place)
$$;

insert into request_form (code, title, title_en, fields, valid_from, legal_basis)
select code, title, title_en, fields, '2024-08-15',
  'Nghị định 68/2024/NĐ-CP, mẫu ' || code || ' (mẫu rút gọn, chưa xác nhận)'
from (values
  ('01', 'Văn bản đề nghị cấp mới chứng thư chữ ký số cho cá nhân',
    'Request for a new certificate of a person', form_fields(
    'fullName|Họ và tên|Full name|x', 'personalId|Số định danh cá nhân|Personal id|x|^[0-9]{12}$',
    'idIssuedOn|Ngày cấp|Issued on|x', 'idIssuedBy|Nơi cấp|Issued by|x',
    'email|Thư điện tử công vụ|Official e-mail|x', 'position|Chức vụ|Position|x',
    'organisation|Cơ quan, tổ chức công tác|Organisation|x',
    'mobile|Số điện thoại di động|Mobile phone|x|^0[0-9]{9}$',
    'keyKind|Loại yêu cầu (thiết bị, SIM)|Token or SIM|x', 'note|Ghi chú|Note|')),
  ('02', 'Văn bản đề nghị cấp mới chứng thư chữ ký số cho cơ quan, tổ chức',
    'Request for a new certificate of an agency', form_fields(
    'name|Tên cơ quan, tổ chức|Name of the agency|x', 'address|Địa chỉ|Address|x',
    'taxCode|Mã số thuế|Tax code||^[0-9]{10}(-?[0-9]{3})?$',
    'budgetCode|Mã quan hệ ngân sách|Budget-relation code||^[0-9]{7}$',
    'province|Tỉnh, thành phố|Province|x', 'email|Thư điện tử công vụ|Official e-mail|x',
    'receiverName|Người tiếp nhận thiết bị|Receiver of the device|x',
    'personalId|Số định danh cá nhân của người tiếp nhận|Personal id of the receiver|x|^[0-9]{12}$',
    'idIssuedOn|Ngày cấp|Issued on|x', 'idIssuedBy|Nơi cấp|Issued by|x',
    'position|Chức vụ của người tiếp nhận|Position of the receiver|x',
    'mobile|Số điện thoại di động|Mobile phone|x|^0[0-9]{9}$',
    'deliveryAddress|Địa chỉ nhận thiết bị|Delivery address|', 'note|Ghi chú|Note|')),
  ('03', 'Văn bản đề nghị cấp mới chứng thư chữ ký số cho thiết bị, dịch vụ, phần mềm',
    'Request for a new certificate of a device, service or software', form_fields(
    'name|Tên thiết bị, dịch vụ, phần mềm|Name|x', 'systemKind|Loại|Kind|x',
    'organisation|Cơ quan, tổ chức quản lý|Managing agency|x',
    'email|Thư điện tử công vụ|Official e-mail|x',
    'receiverName|Người tiếp nhận|Receiver|x',
    'personalId|Số định danh cá nhân của người tiếp nhận|Personal id of the receiver|x|^[0-9]{12}$',
    'mobile|Số điện thoại di động|Mobile phone|x|^0[0-9]{9}$', 'note|Ghi chú|Note|')),
  ('04', 'Văn bản đề nghị gia hạn, thay đổi nội dung thông tin chứng thư chữ ký số',
    'Request to renew or change a certificate', form_fields(
    'name|Tên thuê bao|Subscriber|x', 'certificateSerial|Số hiệu chứng thư|Serial|x',
    'change|Nội dung đề nghị (gia hạn, thay đổi)|Renew or change|x',
    'changeDetail|Thông tin thay đổi|What changes|', 'email|Thư điện tử công vụ|Official e-mail|x',
    'note|Ghi chú|Note|')),
  ('05', 'Văn bản đề nghị thu hồi chứng thư chữ ký số', 'Request to revoke a certificate', form_fields(
    'name|Tên thuê bao|Subscriber|x', 'certificateSerial|Số hiệu chứng thư|Serial|x',
    'reason|Lý do thu hồi|Reason|x', 'note|Ghi chú|Note|')),
  ('06', 'Văn bản đề nghị khôi phục thiết bị lưu khóa bí mật', 'Request to recover a device', form_fields(
    'name|Tên thuê bao|Subscriber|x', 'certificateSerial|Số hiệu chứng thư|Serial|x',
    'deviceSerial|Số hiệu thiết bị|Device serial|x', 'reason|Lý do|Reason|x', 'note|Ghi chú|Note|')),
  ('07', 'Văn bản thông báo bàn giao thiết bị lưu khóa bí mật', 'Notice that devices were handed over',
    '[]')
) as form (code, title, title_en, fields);
drop function form_fields;

create view form_today as
  select distinct on (code) * from request_form
  where valid_from <= local_day() and (valid_to is null or valid_to >= local_day())
  order by code, valid_from desc;

create table request_counter (
  year int primary key,
  last int not null
);
create table certificate_request (
  id uuid primary key,
  year int not null,
  number int not null,
  agency_id uuid not null,
  campaign_id uuid,
  state text not null,
  created_at timestamptz not null,
  created_by uuid not null,
  sent_at timestamptz,
  due_on date,
  version int not null,
  unique (year, number)
);
create index certificate_request_agency on certificate_request (agency_id, created_at desc, id);

create table request_line (
  id uuid primary key,
  request_id uuid not null references certificate_request (id),
  ordinal int not null,
  form text not null,
  holder_kind text not null,
  holder_id uuid not null,
  certificate_id uuid references certificate (id),
  fields jsonb not null,
  state text not null,
  reason text,
  device_serial text,
  hand_over_id uuid,
  version int not null,
  unique (request_id, ordinal)
);
create index request_line_holder on request_line (holder_id);
create index request_line_certificate on request_line (certificate_id);
alter table certificate add foreign key (request_line_id) references request_line (id);
create unique index certificate_request_line on certificate (request_line_id);

create table hand_over (
  id uuid primary key,
  request_id uuid not null references certificate_request (id),
  handed_over_on date not null,
  place text not null,
  giver text not null,
  receiver text not null,
  receiver_position text not null,
  note text,
  kept_at timestamptz not null,
  kept_by uuid not null
);
create index hand_over_request on hand_over (request_id, kept_at);
create trigger hand_over_append_only before update or delete on hand_over
  for each statement execute function refuse_change();
