-- What was signed stands beside the document; where a dated row says so, issuing waits for it.

create table signed_file (
  signature_id uuid primary key,
  draft_id uuid not null,
  kind text not null,
  person_id uuid not null,
  root_sha256 text not null,
  sha256 text not null,
  size int not null,
  level text not null,
  signed_at timestamptz not null
);
create index signed_file_draft on signed_file (draft_id, signed_at);

-- Whether a numbered document is issued at once or with its last signature. The row of an agency
-- goes before that for all, the newest row before older ones.
create table issuing_policy (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid,
  waits_for_signatures boolean not null,
  valid_from date not null,
  valid_to date,
  legal_basis text not null
);
insert into issuing_policy (waits_for_signatures, valid_from, legal_basis) values
  (false, '2020-03-05', 'Nghị định 30/2020/NĐ-CP: thời điểm chuyển sang bắt buộc ký số do từng cơ quan quy định (chưa xác nhận)');
