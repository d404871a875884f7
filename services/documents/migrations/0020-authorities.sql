-- Authorities to sign are granted and ended by operations, and limited to types of documents. Who is
-- to sign a draft may read it, wherever their post is.

alter table signing_authority
  add document_types text[] not null default '{}',
  add granted_by uuid,
  add granted_at timestamptz not null default now(),
  add ended_at timestamptz,
  add end_reason text,
  add version int not null default 1;
create index signing_authority_person on signing_authority (organisation_id, person_id, capacity);

alter table draft add signer_id uuid;
update draft d set signer_id = (v.content->>'signerId')::uuid
  from draft_version v where v.draft_id = d.id and v.number = d.last_version;
create index draft_signer on draft (signer_id, created_at desc, id);
