-- Who keeps the rules of official mail: what is refused, and whose domains are private.

insert into role_permission (role, permission, valid_from, legal_basis)
values ('administrator', 'mail.keep-policy', '2013-01-01', 'Phân quyền ban đầu của hệ thống');
