import { bodiesOf } from '@eoffice/mime/bodies';
import { textOf } from '@eoffice/mime/content/content';
import { headerAs } from '@eoffice/mime/header/forms';
import { parseMessage } from '@eoffice/mime/parse-message';
import { fold, nfc } from '@eoffice/platform/text';
import { textOfHtml } from './html.mjs';
import { lexemes } from './lexemes.mjs';
import { baseSubject, threadKeys } from './subjects.mjs';

const maxAddresses = 200;
const maxIds = 100;
const maxSubject = 2_000;
const maxBodyCharacters = 300_000;
const maxKey = 200;
const previewCharacters = 256;

/** Text that PostgreSQL can keep. */
const clean = (text) => nfc(text.replaceAll('\0', '').toWellFormed());

/** The last field of a name, as JMAP reads one (RFC 8621, 4.1.3). */
const fieldOf = (header, name) => header.findLast((field) => field.name.toLowerCase() === name);

const read = (header, name, form) => {
  const field = fieldOf(header, name);
  return field && headerAs(field, form);
};

/** What is shown of a message as text; HTML only where there is no other. */
export function shownText(octets, message) {
  const { textBody } = bodiesOf(message);
  let text = '';
  for (const part of textBody) {
    if (!part.type.startsWith('text/') || text.length > maxBodyCharacters) continue;
    const { value } = textOf(octets, part);
    const whole = value.slice(0, 4 * maxBodyCharacters);
    text += `${part.type === 'text/html' ? textOfHtml(whole) : whole}\n`;
  }
  return { text: clean(text.slice(0, maxBodyCharacters)), cut: text.length > maxBodyCharacters };
}

const addressFields = {
  ...{ from: 'from', to: 'to', cc: 'cc', bcc: 'bcc', sender: 'sender', replyTo: 'reply-to' },
};

function addressesOf(header) {
  const found = {};
  let cut = false;
  for (const [key, name] of Object.entries(addressFields)) {
    const list = read(header, name, 'Addresses');
    if (!list) continue;
    cut ||= list.length > maxAddresses;
    found[key] = list.slice(0, maxAddresses).map(({ name: shown, email }) => ({
      name: shown === null ? null : clean(shown).slice(0, 500),
      email: clean(email).slice(0, 500),
    }));
  }
  return { found, cut };
}

const idsOf = (header, name) => {
  const ids = read(header, name, 'MessageIds') ?? null;
  if (!ids) return { ids, cut: false };
  const usable = ids.map(clean).filter((id) => id && id.length <= 998);
  // The first began the thread, the last are the nearest.
  const kept = usable.length > maxIds ? [usable[0], ...usable.slice(1 - maxIds)] : usable;
  return { ids: kept, cut: kept.length < ids.length };
};

const named = (list = []) => list.map(({ name, email }) => `${name ?? ''} ${email}`).join(' ');
const sortKey = (list) => fold(list?.[0]?.name || list?.[0]?.email || '').slice(0, maxKey);

const namesOfAttachments = (message) =>
  clean(
    bodiesOf(message)
      .attachments.map(({ name }) => name ?? '')
      .join(' ')
      .slice(0, 20_000),
  );

function momentOf(header) {
  const date = read(header, 'date', 'Date');
  return date && Number.isFinite(Date.parse(date)) ? new Date(date).toISOString() : null;
}

/** What lists, threads and searches need to know of a message: all of it is bounded. */
export function summarise(octets, message = parseMessage(octets)) {
  const { header } = message;
  const written = read(header, 'subject', 'Text');
  const subject = written === undefined ? null : clean(written).slice(0, maxSubject);
  const base = baseSubject(subject ?? '');
  const { found: addresses, cut: fewer } = addressesOf(header);
  const own = idsOf(header, 'message-id');
  const answered = idsOf(header, 'in-reply-to');
  const references = idsOf(header, 'references');
  const { text, cut: shorter } = shownText(octets, message);
  const ids = [own, answered, references].flatMap((each) => each.ids ?? []);
  const cut =
    [fewer, shorter, own.cut, answered.cut, references.cut].includes(true) ||
    (written?.length ?? 0) > maxSubject;
  return {
    parsed: cut ? 'cut' : 'whole',
    subject,
    addresses,
    preview: [...text.slice(0, 4_000).replace(/\s+/g, ' ').trim()]
      .slice(0, previewCharacters)
      .join(''),
    hasAttachment: bodiesOf(message).hasAttachment,
    sentAt: momentOf(header),
    messageIds: own.ids,
    inReplyTo: answered.ids,
    references: references.ids,
    subjectKey: base.slice(0, maxKey),
    fromKey: sortKey(addresses.from),
    toKey: sortKey(addresses.to),
    threadKeys: threadKeys(ids, base),
    words: lexemes(text, {
      subject: subject ?? '',
      from: named(addresses.from),
      to: named(addresses.to),
      cc: named(addresses.cc),
      bcc: named(addresses.bcc),
      attachment: namesOfAttachments(message),
    }),
  };
}
