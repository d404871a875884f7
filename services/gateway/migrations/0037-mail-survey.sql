-- Heads of agencies declare what they counted themselves; it stands beside what is measured.

insert into role_permission (role, permission, valid_from, legal_basis)
values ('leader', 'mail.declare', '2013-01-01', 'Phân quyền ban đầu của hệ thống');
