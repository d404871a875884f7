-- What every service keeps beside its own tables: the audit journal, the outbox of events that are
-- saved but not yet announced, the inbox of events it has acted on, its dead letters, and the
-- answers already given to idempotency keys.

create table audit (
  stream text not null,
  position bigint not null,
  at timestamp not null,
  action text not null,
  actor uuid,
  on_behalf_of uuid,
  data jsonb not null,
  previous text not null,
  hash text not null,
  primary key (stream, position)
);
create index audit_newest on audit (at desc, stream, position);

create table audit_stream (
  name text primary key,
  length bigint not null,
  head text not null
);

create table outbox (
  position bigint generated always as identity primary key,
  event jsonb not null
);

create table inbox (
  event_id uuid not null,
  reaction text not null,
  received_at timestamptz not null default now(),
  primary key (event_id, reaction)
);
create index inbox_age on inbox (received_at);

create table dead_letter (
  event_id uuid not null,
  reaction text not null,
  event jsonb not null,
  error text not null,
  failed_at timestamptz not null default now(),
  primary key (event_id, reaction)
);

create table given_answer (
  account_id text not null,
  operation text not null,
  key text not null,
  fingerprint text not null,
  answer jsonb not null,
  given_at timestamptz not null default now(),
  primary key (account_id, operation, key)
);
create index given_answer_age on given_answer (given_at);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The audit journal is append-only';
end $$;
create trigger audit_append_only before update or delete on audit
  for each statement execute function refuse_change();
create trigger audit_no_truncate before truncate on audit
  for each statement execute function refuse_change();

-- The text that is hashed. jsonb sorts keys and a timestamp without zone prints the same everywhere.
create function audit_text(stream text, "position" bigint, at timestamp, action text, actor uuid,
                           on_behalf_of uuid, data jsonb, previous text)
returns text language sql immutable as $$
  select jsonb_build_object('stream', stream, 'position', "position", 'at', at, 'action', action,
    'actor', actor, 'onBehalfOf', on_behalf_of, 'data', data, 'previous', previous)::text
$$;

-- Appends entries to the journal, their events to the outbox and the answer to its idempotency key,
-- in one round trip, as the last statement of a transaction: streams are locked late, briefly and in
-- one order. A stream's first entry chains to the SHA-256 of nothing.
create function journal(entries jsonb, answer jsonb) returns void language plpgsql as $$
declare
  entry jsonb;
  place bigint;
  before text;
  digest text;
  moment timestamp := clock_timestamp() at time zone 'UTC';
begin
  for entry in select value from jsonb_array_elements(entries) with ordinality
      order by value->>'stream', ordinality loop
    insert into audit_stream as s (name, length, head)
      values (entry->>'stream', 1, encode(sha256(''), 'hex'))
      on conflict (name) do update set length = s.length + 1
      returning length, head into place, before;
    digest := encode(sha256(convert_to(audit_text(entry->>'stream', place, moment, entry->>'action',
      (entry->>'actor')::uuid, (entry->>'onBehalfOf')::uuid, entry->'data', before), 'UTF8')), 'hex');
    insert into audit values (entry->>'stream', place, moment, entry->>'action',
      (entry->>'actor')::uuid, (entry->>'onBehalfOf')::uuid, entry->'data', before, digest);
    update audit_stream set head = digest where name = entry->>'stream';
    if entry ? 'event' then
      insert into outbox (event) values (entry->'event');
    end if;
  end loop;
  if answer is not null then
    insert into given_answer (account_id, operation, key, fingerprint, answer)
      values (answer->>'account', answer->>'operation', answer->>'key', answer->>'fingerprint',
              answer->'body');
  end if;
end $$;
