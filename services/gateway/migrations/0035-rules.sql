-- Roles and the rules of sign-in are kept through the API, by a post that reaches everything.

insert into role_permission (role, permission, valid_from, legal_basis)
select 'administrator', permission, '2013-01-01', 'Phân quyền ban đầu của hệ thống'
from unnest('{directory.keep-roles,accounts.keep-rules}'::text[]) as permission;
