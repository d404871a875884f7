-- By what reports of other servers are known to be about a mail of ours, and what they said.
alter table outbound_recipient
  add column message_id text,
  add column reported_reply text;
create index outbound_recipient_message on outbound_recipient (message_id)
  where message_id is not null;

drop index acceptance_reports;
create index acceptance_reports on acceptance (accepted_at)
  where reverse_path = '' and way = 'exchange';
