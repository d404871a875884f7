-- What has not been read is little among what has.
create index email_unread on email (mailbox_id, received_at desc, id desc)
  where not keywords && '{$seen,$draft}';
