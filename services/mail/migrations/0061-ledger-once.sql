-- What an act was about: the message that was sent, the email that was opened. Each is noted once for
-- whoever did it, however often it is done or told.
alter table mail_ledger add column about uuid;
create unique index mail_ledger_once on mail_ledger (mailbox_id, about, act, actor)
  where about is not null;
