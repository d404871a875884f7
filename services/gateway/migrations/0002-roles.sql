-- The roles a post may carry, and what each lets its holder do. A province changes them by rows.

insert into role (code, name, name_en) values
  ('clerk', 'Văn thư', 'Clerk'),
  ('leader', 'Lãnh đạo cơ quan', 'Leader of the agency'),
  ('unit-head', 'Trưởng đơn vị', 'Head of a unit'),
  ('official', 'Công chức, viên chức', 'Official'),
  ('administrator', 'Quản trị hệ thống', 'Administrator'),
  ('inspector', 'Thanh tra, kiểm tra', 'Inspector'),
  ('portal-editor', 'Biên tập cổng thông tin', 'Portal editor'),
  ('portal-reviewer', 'Duyệt tin cổng thông tin', 'Portal reviewer'),
  ('certificate-officer', 'Quản lý chứng thư số', 'Certificate officer'),
  ('mail-officer', 'Quản lý hộp thư công vụ', 'Mail officer'),
  ('archivist', 'Lưu trữ', 'Archivist'),
  ('integration', 'Hệ thống kết nối', 'Integration');

insert into role_permission (role, permission, valid_from, legal_basis)
select role, permission, '2013-01-01', 'Phân quyền ban đầu của hệ thống'
from (values
  ('clerk', '{documents.read,documents.read-all,documents.register,documents.present,documents.check-format,documents.issue,documents.keep-books,documents.export,documents.statistics}'::text[]),
  ('leader', '{documents.read,documents.read-all,documents.assign,documents.handle,documents.draft,documents.check-content,documents.approve,documents.statistics,inspections.read,signatures.read,mail.read}'),
  ('unit-head', '{documents.read,documents.assign,documents.handle,documents.draft,documents.check-content,documents.statistics}'),
  ('official', '{documents.read,documents.handle,documents.draft}'),
  ('administrator', '{directory.manage,directory.import,accounts.manage,documents.read,documents.read-all,documents.keep-books,documents.keep-policies,documents.statistics,documents.export,upkeep.audit,upkeep.operate,events.read,mail.read,signatures.read,inspections.read}'),
  ('inspector', '{inspections.read,inspections.manage,inspections.follow-up}'),
  ('portal-editor', '{portals.write}'),
  ('portal-reviewer', '{portals.write,portals.review}'),
  ('certificate-officer', '{signatures.read,signatures.manage}'),
  ('mail-officer', '{mail.read,mail.manage}'),
  ('archivist', '{documents.read,documents.read-all,documents.export}'),
  ('integration', '{events.read,documents.read}')
) as given (role, permissions), unnest(permissions) as permission;
