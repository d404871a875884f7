-- Signatures on documents: prepared, completed by a key anywhere, stamped, then announced.

-- What the documents service wants signed; it says so again whenever something of it changes.
create table known_signing (
  draft_id uuid primary key,
  document_id uuid,
  organisation_id uuid not null,
  type text not null,
  signer_id uuid not null,
  signer_name text not null,
  capacity text not null,
  authority_id uuid,
  authority_until date,
  symbol text,
  issued_on date,
  files text[] not null,
  wanted boolean not null
);
create index known_signing_document on known_signing (document_id);
-- Authorities to sign (TL., TUQ.) that were ended before their last day.
create table ended_authority (authority_id uuid primary key);

create table signature (
  id uuid primary key,
  kind text not null,
  state text not null,
  draft_id uuid,
  document_id uuid,
  agency_id uuid not null,
  person_id uuid not null,
  certificate_id uuid not null references certificate (id),
  root_sha256 text not null,
  source_sha256 text not null,
  -- What stands between the source and the signature: fields for the number, the date, the seal.
  base_sha256 text not null,
  preparation bytea not null,
  file_name text not null,
  field text not null,
  increment bytea not null,
  byte_range int[] not null,
  digest bytea not null,
  digest_algorithm text not null,
  contents_bytes int not null,
  token_digest bytea not null,
  cms bytea,
  -- What the authority said of the certificate when the signature came in.
  ocsp bytea,
  level text,
  stamp_note text,
  stamped_at timestamptz,
  stamp_tries int not null default 0,
  stamp_after timestamptz,
  prepared_at timestamptz not null,
  completed_at timestamptz,
  signed_at timestamptz,
  expires_at timestamptz not null,
  sha256 text,
  size bigint,
  version int not null,
  check ((state = 'signed') = (sha256 is not null)),
  check ((state = 'prepared') = (cms is null))
);
create index signature_draft on signature (draft_id, root_sha256);
create index signature_document on signature (document_id);
create index signature_list on signature (agency_id, prepared_at desc, id desc);
create index signature_waiting on signature (stamp_after) where state = 'stamping';
-- One signature of a kind on a file, whoever completes first; appendices and copies likewise.
create unique index signature_once on signature (coalesce(draft_id, id), root_sha256, kind)
  where state <> 'prepared';

insert into certificate_policy (code, value, valid_from, legal_basis) values
  ('seal-diameter-mm', 36, '2020-03-05', 'Nghị định 30/2020/NĐ-CP, Phụ lục I: bằng kích thước thực tế của dấu (chưa xác nhận)');
