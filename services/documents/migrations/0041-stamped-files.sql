-- Files of incoming documents with the stamp "đến" stand beside them too.

alter table signed_file
  alter column draft_id drop not null,
  add column document_id uuid,
  add check (num_nonnulls(draft_id, document_id) >= 1);
create index signed_file_document on signed_file (document_id) where kind = 'incoming';
