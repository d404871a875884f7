import { transferEncodingOf } from '../content/transfer-encoding.js';
import { unfold } from '../header/unfold.js';
import type { HeaderField, Part, TransferEncoding } from '../message.js';
import type { Budget } from './limits.js';
import { fileNameOf, type Parameterised, readParameterised } from './parameters.js';

/** What the header of a part says of it, besides where it lies. */
export type Description = Omit<
  Part,
  'partId' | 'headerStart' | 'start' | 'end' | 'header' | 'subParts'
> & { boundary: string | undefined };

const mediaType = /^[!#-'*+\-.0-9^_`a-z|{}~]+\/[!#-'*+\-.0-9^_`a-z|{}~]+$/;

/** Reads the fields of MIME among the fields of a part; `implied` is the type of a part without. */
export function describe(fields: HeaderField[], implied: string, budget: Budget): Description {
  const found = mimeFieldsOf(fields, budget);
  const contentType = readContentType(found.get('content-type'), budget);
  const type = contentType?.value ?? implied;
  const disposition = found.get('content-disposition');
  const dispositionRead = disposition && readParameterised(disposition.raw);
  return {
    type,
    charset: charsetOf(type, contentType),
    disposition: dispositionRead?.value.toLowerCase() || null,
    name: nameOf(contentType, dispositionRead),
    cid: cidOf(found.get('content-id')),
    language: languageOf(found.get('content-language')),
    location: locationOf(found.get('content-location')),
    encoding: encodingOf(found.get('content-transfer-encoding'), type, budget),
    boundary: contentType?.parameters.get('boundary'),
  };
}

/** The first field of each name counts, as for most readers of mail. */
function mimeFieldsOf(fields: HeaderField[], budget: Budget): Map<string, HeaderField> {
  const found = new Map<string, HeaderField>();
  for (const field of fields) {
    if (field.name.length < 10 || !/^content-/i.test(field.name)) continue;
    const name = field.name.toLowerCase();
    if (!found.has(name)) found.set(name, field);
    else if (name === 'content-type') budget.found('repeated-content-type');
  }
  return found;
}

/** RFC 2045, 5.2: what cannot be read is taken as plain text, and not as what surrounds it implies. */
function readContentType(
  field: HeaderField | undefined,
  budget: Budget,
): Parameterised | undefined {
  if (!field) return undefined;
  const { value, parameters } = readParameterised(field.raw);
  const type = value.replace(/\s+/g, '').toLowerCase();
  if (mediaType.test(type)) return { value: type, parameters };
  budget.found('content-type-unreadable');
  // "text" alone is how programs before MIME wrote plain text; anything else may be anything.
  const plain = type === '' || type === 'text';
  return { value: plain ? 'text/plain' : 'application/octet-stream', parameters };
}

function charsetOf(type: string, contentType: Parameterised | undefined): string | null {
  if (!type.startsWith('text/')) return null;
  return contentType?.parameters.get('charset')?.toLowerCase() || 'us-ascii';
}

function nameOf(
  contentType: Parameterised | undefined,
  disposition: Parameterised | undefined,
): string | null {
  const name =
    (disposition && fileNameOf(disposition.parameters, 'filename')) ??
    (contentType && fileNameOf(contentType.parameters, 'name'));
  return name ?? null;
}

function cidOf(field: HeaderField | undefined): string | null {
  if (!field) return null;
  const { value } = readParameterised(field.raw.replaceAll(';', '\\;'));
  return value.replace(/^<|>$/g, '').replaceAll('\\;', ';').trim() || null;
}

function languageOf(field: HeaderField | undefined): string[] | null {
  if (!field) return null;
  const tags = readParameterised(field.raw)
    .value.split(',')
    .map((tag) => tag.trim());
  const given = tags.filter((tag) => tag !== '');
  return given.length > 0 ? given : null;
}

/** A URI of Content-Location, whose white space is only there to fold it (RFC 2557, 4.4.2). */
function locationOf(field: HeaderField | undefined): string | null {
  if (!field) return null;
  return (
    unfold(field.raw)
      .replace(/[ \t]+/g, '')
      .replace(/^"(.*)"$/, '$1') || null
  );
}

function encodingOf(
  field: HeaderField | undefined,
  type: string,
  budget: Budget,
): TransferEncoding {
  if (!field) return '7bit';
  const written = readParameterised(field.raw).value.toLowerCase();
  const encoding = written === '' ? '7bit' : transferEncodingOf(written);
  if (encoding === 'unknown') budget.found('encoding-unknown');
  if (!type.startsWith('multipart/')) return encoding;
  // RFC 2045, 6.4: a multipart is never encoded itself, whatever its header says.
  if (encoding === 'base64' || encoding === 'quoted-printable') {
    budget.found('encoding-on-multipart');
  }
  return encoding === '8bit' || encoding === 'binary' ? encoding : '7bit';
}
