-- The journal passes into other hands: a service adds entries and reads them, and has no right to do
-- anything else with them. Its role owned the tables until now, and an owner may switch triggers off.
-- `seal_journal`, which the roles' SQL made as superuser, gives tables and functions to a role that
-- nobody signs in as; the schema belongs to that role too, since a schema's owner may drop what is in it.

do $migration$
begin
  if to_regprocedure('extensions.seal_journal()') is null then
    raise exception 'extensions.seal_journal() is missing: prepare the database with the roles'' SQL first';
  end if;
  -- Runs with the keeper's rights, so every name in it is qualified: the service may create functions
  -- in its own schema, and one that fits better would be called in place of PostgreSQL's.
  execute format($create$
    create function append_audit(entries jsonb) returns void language plpgsql security definer
    set search_path = pg_catalog as $body$
    declare
      entry jsonb;
      place bigint;
      before text;
      digest text;
      moment timestamp := clock_timestamp() at time zone 'UTC';
    begin
      for entry in select value from jsonb_array_elements(entries) with ordinality
          order by value->>'stream', ordinality loop
        insert into %1$I.audit_stream as s (name, length, head)
          values (entry->>'stream', 1, encode(sha256(''::bytea), 'hex'))
          on conflict (name) do update set length = s.length + 1
          returning length, head into place, before;
        digest := encode(sha256(convert_to(%1$I.audit_text(entry->>'stream', place, moment,
          entry->>'action', (entry->>'actor')::uuid, (entry->>'onBehalfOf')::uuid, entry->'data',
          before), 'UTF8')), 'hex');
        insert into %1$I.audit values (entry->>'stream', place, moment, entry->>'action',
          (entry->>'actor')::uuid, (entry->>'onBehalfOf')::uuid, entry->'data', before, digest);
        update %1$I.audit_stream set head = digest where name = entry->>'stream';
      end loop;
    end $body$
  $create$, current_schema());
end $migration$;

-- As before, but for the audit entries: streams are locked late, briefly and in one order.
create or replace function journal(entries jsonb, answer jsonb) returns void language plpgsql as $$
begin
  perform append_audit(entries);
  insert into outbox (event)
    select value->'event' from jsonb_array_elements(entries) with ordinality
    where value ? 'event' order by ordinality;
  if answer is not null then
    insert into given_answer (account_id, operation, key, fingerprint, answer)
      values (answer->>'account', answer->>'operation', answer->>'key', answer->>'fingerprint',
              answer->'body');
  end if;
end $$;

select extensions.seal_journal();
