/** One column of a register: its heading, how wide it is in print (parts of 100), and its value. */
export interface RegisterColumn {
  heading: string;
  share: number;
  value: string;
}

/** The version of an organisation at a moment: a register keeps the names that things had. */
const holding = (table: string, moment: string) => {
  const day = `(${moment} at time zone 'Asia/Ho_Chi_Minh')::date`;
  return `${table}.valid_from <= ${day} and (${table}.valid_to is null or ${table}.valid_to >= ${day})`;
};

/** Which units and people were given an incoming document to settle. */
const settledBy: RegisterColumn = {
  heading: 'Đơn vị hoặc người nhận',
  share: 12,
  value: `(select string_agg(distinct coalesce(p.full_name, o.name), '; ') from task t
    left join known_person p on p.person_id = t.person_id
    left join known_organisation o on o.organisation_id = t.unit_id
      and ${holding('o', 't.created_at')}
    where t.document_id = d.id and t.role in ('lead', 'cooperate'))`,
};

const dayOf = (moment: string) =>
  `to_char(${moment} at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY')`;

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
  settledBy,
  {
    heading: 'Ngày chuyển',
    share: 8,
    value: `(select ${dayOf('min(s.at)')} from step s
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
      and ${holding('o', 'd.issued_at')})`,
  },
  { heading: 'Số lượng bản', share: 5, value: `''` },
  {
    heading: 'Ngày chuyển',
    share: 6,
    value: dayOf('d.issued_at'),
  },
  { heading: 'Ký nhận', share: 4, value: `''` },
  {
    heading: 'Ghi chú',
    share: 5,
    value: `case d.state when 'cancelled' then 'Đã hủy: ' || d.state_reason
      when 'recalled' then 'Đã thu hồi' when 'numbered' then 'Chờ ký số' end`,
  },
];

/** Sổ theo dõi giải quyết văn bản đến: seven columns. */
export const trackingColumns: RegisterColumn[] = [
  { heading: 'Số đến', share: 6, value: 'd.number::text' },
  {
    heading: 'Tên loại, số và ký hiệu, ngày tháng và tác giả văn bản',
    share: 32,
    value: `concat_ws(', ', nullif(concat_ws(' ', d.type, d.reference), ''),
      'ngày ' || to_char(d.document_date, 'DD/MM/YYYY'), d.author)`,
  },
  settledBy,
  { heading: 'Thời hạn giải quyết', share: 11, value: dayOf('d.due_at') },
  {
    heading: 'Tiến độ giải quyết',
    share: 18,
    value: `case d.state when 'registered' then 'Chưa trình' when 'presented' then 'Đã trình'
        when 'assigned' then 'Đang giải quyết' when 'returned' then 'Đã trả lại'
        else 'Đã giải quyết ngày ' || ${dayOf('d.completed_at')} end
      || case when coalesce(d.completed_at, now()) > d.due_at then ', quá hạn' else '' end`,
  },
  {
    heading: 'Số, ký hiệu văn bản trả lời',
    share: 12,
    value: `(select string_agg(o.symbol, '; ' order by o.issued_at) from document_link l
      join outgoing_document o on o.id = l.from_id
      where l.to_id = d.id and l.kind = 'answers' and o.state = 'issued')`,
  },
  {
    heading: 'Ghi chú',
    share: 9,
    value: `case when d.quarantine is not null then 'Đã cách ly' end`,
  },
];
