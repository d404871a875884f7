-- Office hours and the days off of 2024 to 2027. The Prime Minister fixes Tết and 2 September every
-- year; what is marked "chưa xác nhận" is a proposal that the province's administrator confirms.

insert into office_hours (office_hours_id, weekday, opens_at, closes_at, valid_from)
select gen_random_uuid(), weekday, opens_at, closes_at, '2013-01-01'
from generate_series(1, 5) as weekday,
  (values ('07:30', '11:30'), ('13:30', '17:00')) as hours (opens_at, closes_at);

insert into calendar_day (calendar_day_id, day, kind, legal_basis, cancelled)
select gen_random_uuid(), day::date, kind, legal_basis, false
from (values
  ('2024-01-01', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2024-02-08', 'holiday', 'Tết Giáp Thìn; Bộ luật Lao động 2019, Điều 112'),
  ('2024-02-09', 'holiday', 'Tết Giáp Thìn; Bộ luật Lao động 2019, Điều 112'),
  ('2024-02-12', 'holiday', 'Tết Giáp Thìn; Bộ luật Lao động 2019, Điều 112'),
  ('2024-02-13', 'compensatory_rest', 'Tết Giáp Thìn; Bộ luật Lao động 2019, Điều 111'),
  ('2024-02-14', 'compensatory_rest', 'Tết Giáp Thìn; Bộ luật Lao động 2019, Điều 111'),
  ('2024-04-18', 'holiday', 'Giỗ Tổ Hùng Vương; Bộ luật Lao động 2019, Điều 112'),
  ('2024-04-29', 'compensatory_rest', 'Hoán đổi ngày làm việc dịp 30/4 năm 2024'),
  ('2024-04-30', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2024-05-01', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2024-05-04', 'swapped_work', 'Hoán đổi ngày làm việc dịp 30/4 năm 2024'),
  ('2024-09-02', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2024-09-03', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2025-01-01', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2025-01-27', 'holiday', 'Tết Ất Tỵ; Bộ luật Lao động 2019, Điều 112'),
  ('2025-01-28', 'holiday', 'Tết Ất Tỵ; Bộ luật Lao động 2019, Điều 112'),
  ('2025-01-29', 'holiday', 'Tết Ất Tỵ; Bộ luật Lao động 2019, Điều 112'),
  ('2025-01-30', 'holiday', 'Tết Ất Tỵ; Bộ luật Lao động 2019, Điều 112'),
  ('2025-01-31', 'holiday', 'Tết Ất Tỵ; Bộ luật Lao động 2019, Điều 112'),
  ('2025-04-07', 'holiday', 'Giỗ Tổ Hùng Vương; Bộ luật Lao động 2019, Điều 112'),
  ('2025-04-26', 'swapped_work', 'Hoán đổi ngày làm việc dịp 30/4 năm 2025'),
  ('2025-04-30', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2025-05-01', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2025-05-02', 'compensatory_rest', 'Hoán đổi ngày làm việc dịp 30/4 năm 2025'),
  ('2025-09-01', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2025-09-02', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2026-01-01', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2026-02-16', 'holiday', 'Tết Bính Ngọ; Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)'),
  ('2026-02-17', 'holiday', 'Tết Bính Ngọ; Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)'),
  ('2026-02-18', 'holiday', 'Tết Bính Ngọ; Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)'),
  ('2026-02-19', 'holiday', 'Tết Bính Ngọ; Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)'),
  ('2026-02-20', 'holiday', 'Tết Bính Ngọ; Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)'),
  ('2026-04-27', 'compensatory_rest', 'Nghỉ bù Giỗ Tổ Hùng Vương 26/4/2026; Bộ luật Lao động 2019, Điều 111'),
  ('2026-04-30', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2026-05-01', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2026-09-01', 'holiday', 'Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)'),
  ('2026-09-02', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2027-01-01', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2027-02-05', 'holiday', 'Tết Đinh Mùi; Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)'),
  ('2027-02-08', 'holiday', 'Tết Đinh Mùi; Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)'),
  ('2027-02-09', 'holiday', 'Tết Đinh Mùi; Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)'),
  ('2027-02-10', 'compensatory_rest', 'Tết Đinh Mùi; Bộ luật Lao động 2019, Điều 111 (chưa xác nhận)'),
  ('2027-02-11', 'compensatory_rest', 'Tết Đinh Mùi; Bộ luật Lao động 2019, Điều 111 (chưa xác nhận)'),
  ('2027-04-16', 'holiday', 'Giỗ Tổ Hùng Vương; Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)'),
  ('2027-04-30', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2027-05-03', 'compensatory_rest', 'Nghỉ bù 01/5/2027; Bộ luật Lao động 2019, Điều 111'),
  ('2027-09-02', 'holiday', 'Bộ luật Lao động 2019, Điều 112'),
  ('2027-09-03', 'holiday', 'Bộ luật Lao động 2019, Điều 112 (chưa xác nhận)')
) as days (day, kind, legal_basis);

-- What was entered here is announced like anything else: the other services count with these days.
insert into outbox (event)
select jsonb_build_object('specversion', '1.0', 'id', gen_random_uuid(), 'source', '/gateway',
  'type', 'directory.calendar.day-changed.v1', 'subject', calendar_day_id,
  'time', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'datacontenttype', 'application/json',
  'data', jsonb_build_object('calendarDayId', calendar_day_id, 'day', day, 'kind', kind,
    'legalBasis', legal_basis, 'cancelled', cancelled))
from calendar_day order by day;
insert into outbox (event)
select jsonb_build_object('specversion', '1.0', 'id', gen_random_uuid(), 'source', '/gateway',
  'type', 'directory.calendar.hours-changed.v1', 'subject', office_hours_id,
  'time', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'datacontenttype', 'application/json',
  'data', jsonb_build_object('officeHoursId', office_hours_id, 'weekday', weekday,
    'opensAt', opens_at, 'closesAt', closes_at, 'validFrom', valid_from))
from office_hours order by weekday, opens_at;
