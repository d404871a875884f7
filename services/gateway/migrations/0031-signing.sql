-- Leaders and clerks sign; the agency's signature is the clerk's to apply (Nghị định 30/2020/NĐ-CP,
-- Art. 32 and 33). Whom the house trusts is kept by the administrator.

insert into role_permission (role, permission, valid_from, legal_basis)
select role, permission, '2013-01-01', 'Nghị định 30/2020/NĐ-CP, Điều 32, 33'
from (values
  ('leader', '{signatures.sign}'::text[]),
  ('clerk', '{signatures.sign,signatures.seal}'),
  ('administrator', '{signatures.keep-trust}')
) as given (role, permissions), unnest(permissions) as permission;
