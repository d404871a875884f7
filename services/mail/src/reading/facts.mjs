import { headerAs } from '@eoffice/mime/header/forms';
import { addressesOf } from '@eoffice/mime/header/policy-addresses';
import { parseMessage } from '@eoffice/mime/parse-message';
import { nfc } from '@eoffice/platform/text';
import { shownText } from './summary.mjs';

const authors = ['from', 'sender', 'reply-to', 'resent-from', 'resent-sender'];
const readers = ['to', 'cc', 'bcc', 'resent-to', 'resent-cc', 'resent-bcc'];
const mostAuthors = 100;
const mostReaders = 1_000;
const mostEndings = 200;
const beginning = 4_000;

const clean = (text, most) => nfc(text.replaceAll('\0', '').toWellFormed()).slice(0, most);

/**
 * Who the fields of these names are, each address once. Where the grammar breaks down, whatever may be
 * taken for an address counts as one: no rule may read that as nobody.
 */
function namedIn(header, names, most) {
  const found = new Map();
  const add = (where, address, name) => {
    const key = `${where.toLowerCase()} ${address}`;
    if (address.includes('@') && found.size < most && !found.has(key))
      found.set(key, { where, address: clean(address, 320), name: name && clean(name, 500) });
  };
  for (const field of header) {
    if (!names.includes(field.name.toLowerCase())) continue;
    for (const { email, name } of headerAs(field, 'Addresses')) add(field.name, email, name ?? '');
    const { addresses, complete } = addressesOf([field], [field.name]);
    if (!complete) for (const { address } of addresses) add(field.name, address, '');
  }
  return [...found.values()];
}

/** One name for each ending that a file name has, so that no number of harmless files hides one. */
function fileNamesIn(part, found = new Map()) {
  if (part.name) {
    const name = clean(part.name, 1_000).replace(/[\s.]+$/, '');
    const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
    if (found.size < mostEndings && !found.has(ending)) found.set(ending, name.slice(-255));
  }
  for (const each of part.subParts ?? []) fileNamesIn(each, found);
  return found;
}

const valuesOf = (header, name) =>
  header
    .filter((field) => field.name.toLowerCase() === name)
    .map((field) => headerAs(field, 'Text').trim().toLowerCase());

/** Answers and notices of machines (RFC 3834, 5), lists and bulk mail. */
function isAutomatic(header) {
  return (
    valuesOf(header, 'auto-submitted').some((value) => !/^no\b/.test(value)) ||
    valuesOf(header, 'precedence').some((value) => /^(bulk|junk|list|auto_reply)\b/.test(value))
  );
}

/** Where more was written than is parsed, there may be what no rule saw. */
const unseen = ['header-too-large', 'too-many-header-fields', 'too-many-parts', 'too-deep'];

/** What rules and the survey look at; all of it is bounded. */
export function factsOf(octets, message = parseMessage(octets)) {
  const { header, root, defects } = message;
  const senders = namedIn(header, authors, mostAuthors);
  return {
    senders,
    whole: senders.length < mostAuthors && !unseen.some((defect) => defects.includes(defect)),
    recipients: namedIn(header, readers, mostReaders),
    subject: valuesOf(header, 'subject')
      .map((value) => clean(value, 2_000))
      .join('\n')
      .slice(0, 4_000),
    text: shownText(octets, message).text.slice(0, beginning),
    fileNames: [...fileNamesIn(root).values()],
    automatic: isAutomatic(header),
  };
}
