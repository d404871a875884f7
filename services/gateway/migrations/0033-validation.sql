-- Who works with documents of an agency reads how their signatures were validated.

insert into role_permission (role, permission, valid_from, legal_basis)
select role, 'signatures.read-validations', '2013-01-01', 'Phân quyền ban đầu của hệ thống'
from unnest('{clerk,leader,unit-head,official,archivist}'::text[]) as role;
