-- What official mail may do and must not: dated rules, each with what it looks for. What a rule does is
-- a province's decision, so it is a row; which version of it refused a mail is the id of the row.

create table mail_rule (
  id uuid primary key default gen_random_uuid(),
  code text not null check (code in ('private-recipient', 'private-sender', 'private-forward',
    'false-name', 'look-alike', 'secrecy-mark', 'attachment-type')),
  action text not null check (action in ('refuse', 'flag', 'allow')),
  -- What the rule looks for: marks in folded text, or endings of file names.
  words text[] not null default '{}',
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  unique (code, valid_from)
);
insert into mail_rule (code, action, words, valid_from, legal_basis) values
  ('private-recipient', 'refuse', '{}', '2008-12-03', 'Chỉ thị 34/2008/CT-TTg; trả lời người dân đã gửi thư đến thì được phép (chưa xác nhận)'),
  ('private-sender', 'refuse', '{}', '2008-12-03', 'Chỉ thị 34/2008/CT-TTg'),
  ('private-forward', 'refuse', '{}', '2008-12-03', 'Chỉ thị 34/2008/CT-TTg'),
  ('false-name', 'flag', '{}', '2008-12-03', 'Quy tắc của hệ thống (chưa xác nhận)'),
  ('look-alike', 'flag', '{}', '2008-12-03', 'Quy tắc của hệ thống (chưa xác nhận)'),
  ('secrecy-mark', 'refuse', '{độ mật: mật,độ mật: tối mật,độ mật: tuyệt mật,[mật],[tối mật],[tuyệt mật],(mật),(tối mật),(tuyệt mật)}',
    '2020-07-01', 'Luật Bảo vệ bí mật nhà nước 2018; cách nhận dấu độ mật chưa xác nhận'),
  ('attachment-type', 'refuse', '{exe,com,scr,pif,bat,cmd,vbs,js,jse,wsf,wsh,hta,ps1,jar,msi,dll,lnk,reg,cpl,iso,img,chm,docm,xlsm,pptm}',
    '2008-12-03', 'QCVN 12:2022/BTTTT về kiểm soát tệp đính kèm; danh mục chưa xác nhận');

-- Providers whose addresses end in any public suffix: `yahoo.*` is yahoo.com.vn and yahoo.co.uk too.
insert into mail_domain (domain, verdict, valid_from, legal_basis)
select domain, 'private', '2008-12-03', 'Chỉ thị 34/2008/CT-TTg; danh mục nhà cung cấp chưa xác nhận'
from unnest('{yahoo.*,hotmail.*,outlook.*,gmx.*,protonmail.*,rocketmail.com,fastmail.com,tutanota.com,hey.com,mail.com,126.com,naver.com,daum.net,zing.vn,vnn.vn,fpt.vn}'::text[]) as domain;
