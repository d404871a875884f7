-- Validation of signatures: the rules as dated rows, and every validation with what it rests on.

create table validation_policy (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  rules jsonb not null,
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  unique (name, valid_from)
);

-- `general` takes what agencies and citizens send today, and leaves signatures with outdated
-- algorithms open instead of refusing them; `strict` asks for all that a baseline signature has.
insert into validation_policy (name, rules, valid_from, legal_basis)
select name, rules || jsonb_build_object('requires', requires, 'algorithms', algorithms),
  '2024-08-15', 'Nghị định 23/2025/NĐ-CP, Điều 13 đến 17; thuật toán và mục đích chứng thư chưa xác nhận'
from (values
  ('general', '[]'::jsonb, '[{"name": "sha1", "until": "2017-12-31"}]'::jsonb),
  ('strict', '["signing-certificate"]', '[]')) as named (name, requires, legacy),
  lateral (select legacy || '[{"name": "sha224"}, {"name": "sha256"}, {"name": "sha384"},
    {"name": "sha512"}, {"name": "sha512-224"}, {"name": "sha512-256"}, {"name": "sha3-224"},
    {"name": "sha3-256"}, {"name": "sha3-384"}, {"name": "sha3-512"}, {"name": "shake256"},
    {"name": "rsa", "bits": 2048}, {"name": "rsa-pss", "bits": 2048}, {"name": "ec", "bits": 256},
    {"name": "ed25519"}, {"name": "ed448"}]'::jsonb as algorithms) accepted,
  lateral (select '{"signerLists": ["official-duty", "public", "trial"],
    "timeStampLists": ["official-duty", "public", "trial"],
    "signerStatus": true, "authorityStatus": true, "stamperStatus": true,
    "signerPurposes": ["1.3.6.1.5.5.7.3.36", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2",
      "1.3.6.1.4.1.311.10.3.12"]}'::jsonb as rules) common;

-- The facts and the rules lie in the file store under their hashes: the same three - facts, rules
-- and moment - give the same report at any time, so the report itself need not be kept.
create table validation (
  id uuid primary key,
  sha256 text not null,
  name text not null,
  size bigint not null,
  verdict text not null,
  at timestamptz not null,
  policy text not null,
  policy_digest text not null,
  facts_digest text,
  signatures jsonb not null,
  problem jsonb,
  replay_of uuid references validation (id),
  document_id uuid,
  organisation_id uuid,
  person_id uuid,
  check ((facts_digest is null) = (problem is not null))
);
create index validation_person on validation (person_id, at desc, id desc);
create index validation_document on validation (document_id, sha256, at desc)
  where document_id is not null;
create trigger validation_append_only before update or delete on validation
  for each statement execute function refuse_change();
