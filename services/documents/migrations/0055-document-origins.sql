-- Where documents came from that another service took over: what it says of the channel.
create table document_origin (
  document_id uuid primary key references incoming_document,
  channel text not null check (channel in ('email')),
  sender text,
  message_id text,
  received_at timestamptz not null
);
create trigger document_origin_append_only before update or delete on document_origin
  for each statement execute function refuse_change();
