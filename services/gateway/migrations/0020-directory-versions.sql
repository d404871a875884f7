-- Two people who change the same thing must not overwrite each other unseen: each change names the
-- version it was made from. What a new version of an organisation cut short can be restored when it
-- is called off before its first day. A person without a post yet belongs to who registered them.

alter table organisation add version int not null default 1;
alter table organisation_version add before_valid_to date;
alter table post add version int not null default 1;
alter table person add version int not null default 1;
alter table person add bloc text check (bloc in ('government', 'party'));

-- People are listed by given name (the last word), then by family and middle names.
create function given_name(full_name text) returns text language sql immutable strict parallel safe as $$
  select substring(full_name from '\S+$')
$$;
create function other_names(full_name text) returns text language sql immutable strict parallel safe as $$
  select regexp_replace(full_name, '\s*\S+$', '')
$$;
create index person_by_given_name on person (given_name(full_name) collate "vi-x-icu",
  other_names(full_name) collate "vi-x-icu", person_id);
