create table book (
  id uuid primary key,
  organisation_id uuid not null,
  direction text not null check (direction in ('incoming', 'outgoing')),
  year int not null,
  code text not null,
  name text not null,
  last_number int not null check (last_number >= 0),
  closed boolean not null,
  version int not null,
  unique (organisation_id, direction, year, code)
);
