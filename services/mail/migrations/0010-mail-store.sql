-- What lies in official mailboxes. A message is octets, kept once; an email is one message in one
-- mailbox. What a list needs stands beside it, so that no list ever reads octets. Every change of a
-- mailbox counts its state up, and every row says at which state it came and last changed.

-- The domains whose mailboxes are here; mail for others goes out.
create table hosted_domain (
  domain text not null check (domain = lower(domain)),
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  primary key (domain, valid_from)
);

-- How mailboxes are kept, for an agency or for all: numbers that no law names stand here with validity.
create table mailbox_policy (
  id uuid primary key default uuidv7(),
  agency_id uuid,
  quota_octets bigint not null check (quota_octets > 0),
  -- Whether a new mailbox has more folders than the one that mail comes into.
  default_folders boolean not null,
  -- How long what comes for a closed mailbox is forwarded.
  forwarding_days int not null check (forwarding_days between 0 and 3660),
  valid_from date not null,
  valid_to date,
  legal_basis text not null,
  unique nulls not distinct (agency_id, valid_from)
);
insert into mailbox_policy
  (quota_octets, default_folders, forwarding_days, valid_from, legal_basis)
values (5::bigint << 30, true, 180, '2021-01-01', 'Giá trị mặc định, chưa xác nhận');

alter table mailbox
  add column mail_state bigint not null default 0,
  -- What its emails come to together; an email in two folders counts once.
  add column octets bigint not null default 0 check (octets >= 0),
  -- Its own quota; by the policy when there is none.
  add column quota_octets bigint check (quota_octets > 0);

-- Other addresses of a mailbox: given beside its own, or its own once. None is ever given to another.
create table alias (
  address text primary key check (address = lower(address)),
  mailbox_id uuid not null references mailbox,
  kind text not null check (kind in ('alias', 'former')),
  given_at timestamptz not null default now(),
  -- From then on nothing is delivered by it; it stays taken.
  ended_at timestamptz,
  reason text not null
);
create index alias_mailbox on alias (mailbox_id);

-- Where mail for a closed mailbox goes, while the grace lasts.
create table forwarding (
  mailbox_id uuid primary key references mailbox,
  to_mailbox_id uuid not null references mailbox check (to_mailbox_id <> mailbox_id),
  valid_from date not null,
  valid_to date not null,
  legal_basis text not null
);

-- What others than its owner may do with a mailbox, and until when: given by the owner or by whoever
-- keeps mailboxes, and always shown to the owner.
create table mailbox_grant (
  id uuid primary key default uuidv7(),
  mailbox_id uuid not null references mailbox,
  person_id uuid not null,
  reads boolean not null,
  sends_as boolean not null,
  sends_on_behalf boolean not null,
  valid_from date not null,
  valid_to date,
  reason text not null,
  given_by uuid not null,
  given_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by uuid,
  check (reads or sends_as or sends_on_behalf)
);
create index mailbox_grant_mailbox on mailbox_grant (mailbox_id);
create index mailbox_grant_person on mailbox_grant (person_id) where ended_at is null;

-- While a mailbox is suspended nobody reads it, sends from it or writes to it.
create table mailbox_suspension (
  id uuid primary key default uuidv7(),
  mailbox_id uuid not null references mailbox,
  since timestamptz not null default now(),
  until timestamptz,
  reason text not null,
  suspended_by uuid not null
);
create index mailbox_suspension_mailbox on mailbox_suspension (mailbox_id);

create table folder (
  id uuid primary key default uuidv7(),
  mailbox_id uuid not null references mailbox,
  parent_id uuid references folder,
  name text not null,
  role text check (role in ('inbox', 'archive', 'drafts', 'sent', 'junk', 'trash')),
  sort_order int not null default 0,
  subscribed boolean not null default true,
  total_emails int not null default 0 check (total_emails >= 0),
  unread_emails int not null default 0 check (unread_emails >= 0),
  total_threads int not null default 0 check (total_threads >= 0),
  unread_threads int not null default 0 check (unread_threads >= 0),
  created_at_state bigint not null,
  changed_at_state bigint not null,
  -- When anything but its counts last changed (`updatedProperties` of RFC 8621, 2.2).
  renamed_at_state bigint not null,
  unique nulls not distinct (mailbox_id, parent_id, name)
);
create unique index folder_role on folder (mailbox_id, role) where role is not null;
create index folder_parent on folder (parent_id);

create table thread (
  mailbox_id uuid not null references mailbox,
  id uuid not null default uuidv7(),
  created_at_state bigint not null,
  changed_at_state bigint not null,
  primary key (mailbox_id, id)
);
create index thread_changed on thread (mailbox_id, changed_at_state);
-- By which new emails find their thread: digests of a message id together with the folded subject.
create table thread_key (
  mailbox_id uuid not null,
  key bytea not null check (length(key) = 16),
  thread_id uuid not null,
  primary key (mailbox_id, key),
  foreign key (mailbox_id, thread_id) references thread on delete cascade
);
create index thread_key_thread on thread_key (mailbox_id, thread_id);

create table email (
  mailbox_id uuid not null references mailbox,
  id uuid not null default uuidv7(),
  -- How it came; absent for what was put there otherwise.
  acceptance_id uuid references acceptance,
  sha256 bytea not null references raw_message,
  thread_id uuid not null,
  received_at timestamptz not null,
  -- Of the octets, without the trace line.
  size int not null,
  keywords text[] not null default '{}',
  -- What parsing found. `cut`: more than is kept here; `unread`: it could not be parsed.
  parsed text not null check (parsed in ('whole', 'cut', 'unread')),
  subject text,
  -- sender, from, to, cc, bcc, replyTo: lists of {name, email}, as RFC 8621, 4.1.2.3 shows them.
  addresses jsonb not null default '{}',
  preview text not null default '',
  has_attachment boolean not null default false,
  sent_at timestamptz,
  message_ids text[],
  in_reply_to text[],
  "references" text[],
  -- What lists are sorted by: folded, without what answers put before a subject.
  subject_key text not null default '',
  from_key text not null default '',
  to_key text not null default '',
  created_at_state bigint not null,
  changed_at_state bigint not null,
  primary key (mailbox_id, id)
) partition by hash (mailbox_id);
create index email_newest on email (mailbox_id, received_at desc, id desc);
create index email_thread on email (mailbox_id, thread_id);
create index email_changed on email (mailbox_id, changed_at_state);
create index email_message on email (sha256, mailbox_id);
-- An acceptance comes into a mailbox once, however often its delivery is tried.
create unique index email_acceptance on email (mailbox_id, acceptance_id);

create table email_folder (
  mailbox_id uuid not null,
  folder_id uuid not null references folder,
  email_id uuid not null,
  received_at timestamptz not null,
  primary key (mailbox_id, email_id, folder_id),
  foreign key (mailbox_id, email_id) references email on delete cascade
) partition by hash (mailbox_id);
create index email_folder_newest on email_folder
  (mailbox_id, folder_id, received_at desc, email_id desc);

-- The words of an email, apart from what changes: marking one as read must not index it again.
create table email_words (
  mailbox_id uuid not null,
  email_id uuid not null,
  received_at timestamptz not null,
  words tsvector not null,
  primary key (mailbox_id, email_id),
  foreign key (mailbox_id, email_id) references email on delete cascade
) partition by hash (mailbox_id);
create index email_words_newest on email_words (mailbox_id, received_at desc, email_id desc);
create index email_words_words on email_words using gin (mailbox_id, words)
  with (gin_pending_list_limit = 512);

do $$ declare name text; begin
  for part in 0..7 loop
    foreach name in array '{email,email_folder,email_words}'::text[] loop
      execute format('create table %1$I partition of %2$I for values with (modulus 8, remainder %3$s)',
        name || '_' || part, name, part);
    end loop;
  end loop;
end $$;

-- What is no more, for whoever asks what has changed since a state.
create table gone (
  mailbox_id uuid not null references mailbox,
  at_state bigint not null,
  type text not null,
  id uuid not null,
  created_at_state bigint not null,
  primary key (mailbox_id, at_state, type, id)
);

-- An acceptance is due until each of its recipients has been settled.
alter table acceptance
  add column due_at timestamptz not null default now(),
  add column attempts int not null default 0,
  add column settled_at timestamptz;
create index acceptance_due on acceptance (due_at) where settled_at is null;

-- What became of each recipient.
create table delivery (
  acceptance_id uuid not null references acceptance,
  recipient text not null,
  state text not null default 'pending'
    check (state in ('pending', 'delivered', 'relayed', 'refused')),
  mailbox_id uuid references mailbox,
  email_id uuid,
  reason text,
  settled_at timestamptz,
  primary key (acceptance_id, recipient),
  check ((settled_at is null) = (state = 'pending'))
);
create index delivery_mailbox on delivery (mailbox_id, settled_at);

-- The quota of a mailbox on a day: its own, that of its agency's policy, or that for all.
create function quota_of(mailbox_id uuid, day date) returns bigint language sql stable as $$
  select coalesce(m.quota_octets, (
    select p.quota_octets from mailbox_policy p
    where (p.agency_id is null or p.agency_id = m.agency_id)
      and p.valid_from <= day and (p.valid_to is null or p.valid_to >= day)
    order by p.agency_id nulls last, p.valid_from desc limit 1))
  from mailbox m where m.id = mailbox_id
$$;
