-- Campaigns that find and close what is missing (rà soát, đăng ký chữ ký số còn thiếu).

create table campaign (
  id uuid primary key,
  name text not null,
  legal_basis text not null,
  bloc text not null,
  deadline date not null,
  expiring_within_days int not null,
  state text not null,
  opened_at timestamptz not null,
  opened_by uuid not null,
  closed_at timestamptz,
  version int not null
);

-- The list of one agency: open, confirmed by its head, then consolidated into a request.
create table campaign_unit (
  campaign_id uuid not null references campaign (id),
  agency_id uuid not null,
  state text not null,
  confirmed_by uuid,
  confirmed_at timestamptz,
  returned_reason text,
  request_id uuid references certificate_request (id),
  version int not null,
  primary key (campaign_id, agency_id)
);
create index campaign_unit_agency on campaign_unit (agency_id);

create table gap_line (
  id uuid primary key,
  campaign_id uuid not null,
  agency_id uuid not null,
  ordinal int generated always as identity,
  unit_id uuid not null,
  holder_kind text not null,
  holder_id uuid not null,
  certificate_id uuid references certificate (id),
  why text not null,
  form text not null,
  fields jsonb not null,
  added_reason text,
  removed_reason text,
  request_line_id uuid unique references request_line (id),
  foreign key (campaign_id, agency_id) references campaign_unit (campaign_id, agency_id)
);
create index gap_line_list on gap_line (campaign_id, agency_id, ordinal);

-- Where each line stands, told by the list it is on until it is part of a request.
create view gap_line_state as
  select g.*, case when g.removed_reason is not null then 'removed'
      when l.state is not null then l.state else u.state end as state,
    case when g.removed_reason is not null then 'removed'
      when l.id is null then u.state
      when l.state = 'rejected' then 'rejected'
      when l.state in ('delivered', 'active') or l.state = 'accepted' and l.form = '05'
        then 'delivered'
      else 'requested' end as phase,
    l.reason as rejected_reason, l.device_serial,
    r.year || '-' || r.number || '/' || l.ordinal as reference
  from gap_line g join campaign_unit u using (campaign_id, agency_id)
  left join request_line l on l.id = g.request_line_id
  left join certificate_request r on r.id = l.request_id;
