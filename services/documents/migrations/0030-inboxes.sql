-- Inboxes are read a page at a time, in the order in which they are shown: a task without a deadline
-- comes last. Documents in a state are listed without going through all the others.

drop index task_open;
create index task_open on task (assignee_id, coalesce(due_at, 'infinity'), id) where state = 'open';
drop index task_done;
create index task_done on task (assignee_id, coalesce(done_at, 'infinity'), id)
  where state <> 'open';

create index incoming_state on incoming_document (state, registered_at, id);
