-- The search key of a text, the same that `fold` in text.ts gives: small letters without any mark,
-- đ as d, apostrophes alike, single spaces. Immutable, so that columns and indexes can be made of it.

create function fold(written text) returns text language sql immutable strict parallel safe as $$
  select trim(regexp_replace(translate(
    normalize(regexp_replace(normalize(lower(normalize(written, NFC)), NFD),
      '[\u0300-\u036f\u200b-\u200d\u2060\ufeff\u00ad]', '', 'g'), NFC),
    'đð’‘ʼ`´', 'dd'''''''''''), '\s+', ' ', 'g'))
$$;
