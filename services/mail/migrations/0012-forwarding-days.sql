-- How long what comes for a mailbox is forwarded once it is closed, by the policy of a day.
create function forwarding_days_of(mailbox_id uuid, day date) returns int language sql stable as $$
  select p.forwarding_days from mailbox_policy p join mailbox m on m.id = mailbox_id
  where (p.agency_id is null or p.agency_id = m.agency_id)
    and p.valid_from <= day and (p.valid_to is null or p.valid_to >= day)
  order by p.agency_id nulls last, p.valid_from desc limit 1
$$;
