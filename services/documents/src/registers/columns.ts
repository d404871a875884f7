/** One column of a register: its heading, how wide it is in print (parts of 100), and its value. */
export interface RegisterColumn {
  heading: string;
  share: number;
  value: string;
}

/** Sổ đăng ký văn bản đến (Nghị định 30/2020, Phụ lục IV): ten columns, in this order. */
export const incomingColumns: RegisterColumn[] = [
  { heading: 'Ngày đến', share: 8, value: `to_char(d.received_on, 'DD/MM/YYYY')` },
  { heading: 'Số đến', share: 5, value: 'd.number::text' },
  { heading: 'Tác giả', share: 14, value: 'd.author' },
  { heading: 'Số, ký hiệu văn bản', share: 11, value: 'd.reference' },
  { heading: 'Ngày văn bản', share: 8, value: `to_char(d.document_date, 'DD/MM/YYYY')` },
  {
    heading: 'Tên loại và trích yếu nội dung',
    share: 24,
    value: `concat_ws(' ', d.type, d.abstract)`,
  },
  {
    heading: 'Đơn vị hoặc người nhận',
    share: 12,
    value: `(select string_agg(distinct coalesce(p.full_name, o.name), '; ') from task t
      left join known_person p on p.person_id = t.person_id
      left join known_organisation o on o.organisation_id = t.unit_id
      where t.document_id = d.id and t.role in ('lead', 'cooperate'))`,
  },
  {
    heading: 'Ngày chuyển',
    share: 8,
    value: `(select to_char(min(s.at) at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY') from step s
      where s.document_id = d.id and s.kind in ('presented', 'assigned'))`,
  },
  { heading: 'Ký nhận', share: 5, value: `''` },
  {
    heading: 'Ghi chú',
    share: 5,
    value: `case when d.quarantine is not null then 'Đã cách ly' end`,
  },
];

/** Sổ đăng ký văn bản đi: ten columns; a cancelled number says so. */
export const outgoingColumns: RegisterColumn[] = [
  { heading: 'Số, ký hiệu văn bản', share: 11, value: 'd.symbol' },
  { heading: 'Ngày, tháng văn bản', share: 9, value: `to_char(d.issued_on, 'DD/MM/YYYY')` },
  {
    heading: 'Tên loại và trích yếu nội dung',
    share: 26,
    value: `concat_ws(' ', d.type, d.abstract)`,
  },
  { heading: 'Người ký', share: 11, value: 'd.signer_name' },
  { heading: 'Nơi nhận văn bản', share: 15, value: `array_to_string(d.recipients, '; ')` },
  {
    heading: 'Đơn vị, người nhận bản lưu',
    share: 10,
    value: `(select o.name from known_organisation o where o.organisation_id = d.unit_id
      order by o.valid_from desc limit 1)`,
  },
  { heading: 'Số lượng bản', share: 5, value: `''` },
  {
    heading: 'Ngày chuyển',
    share: 6,
    value: `to_char(d.issued_at at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY')`,
  },
  { heading: 'Ký nhận', share: 4, value: `''` },
  {
    heading: 'Ghi chú',
    share: 5,
    value: `case d.state when 'cancelled' then 'Đã hủy: ' || d.state_reason
      when 'recalled' then 'Đã thu hồi' end`,
  },
];
