-- Agencies find and close what is missing themselves: their clerks and heads of units prepare, their
-- leaders confirm, and the province's administrator keeps the numbers that alarms and limits rest on.

insert into role_permission (role, permission, valid_from, legal_basis)
select role, permission, '2013-01-01', 'Phân quyền ban đầu của hệ thống'
from (values
  ('clerk', '{signatures.read,signatures.prepare}'::text[]),
  ('unit-head', '{signatures.prepare}'),
  ('leader', '{signatures.prepare,signatures.confirm}'),
  ('certificate-officer', '{signatures.prepare}'),
  ('administrator', '{signatures.keep-policies}')
) as given (role, permissions), unnest(permissions) as permission;
