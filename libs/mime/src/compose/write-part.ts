import { createHash } from 'node:crypto';
import { type Encoded, encodeBase64, encodeText, isClean } from '../content/encode.js';
import { readHeaderProperty } from '../header/allowed-forms.js';
import type { TransferEncoding } from '../message.js';
import { ComposeError } from './compose-error.js';
import type { CheckedPart } from './part-input.js';
import { writeField } from './write-field.js';
import { writeParameterised } from './write-parameters.js';

const CRLF = Buffer.from('\r\n');

/** Where the content of parts comes from. */
export interface Sources {
  texts: ReadonlyMap<string, string>;
  blobs: ReadonlyMap<string, Buffer>;
  /** What boundaries are derived from: unlike for every message. */
  seed: string;
}

interface Written {
  header: string;
  /** Body in pieces, so that attachments are copied once only. */
  body: Buffer[];
  encoding: TransferEncoding;
}

/** A part in octets: fields, an empty line, the body. */
export function partOctets(part: CheckedPart, sources: Sources): Buffer[] {
  const { header, body } = writePart(part, sources, '1');
  return [Buffer.from(`${header}\r\n`), ...body];
}

function writePart(part: CheckedPart, sources: Sources, place: string): Written {
  return part.subParts
    ? writeMultipart(part, part.subParts, sources, place)
    : writeLeaf(part, sources);
}

function writeMultipart(
  part: CheckedPart,
  subParts: CheckedPart[],
  sources: Sources,
  place: string,
): Written {
  const written = subParts.map((each, index) => writePart(each, sources, `${place}.${index + 1}`));
  const boundary = boundaryFor(written, `${sources.seed} ${place}`);
  const body: Buffer[] = [];
  for (const each of written) {
    body.push(Buffer.from(`--${boundary}\r\n${each.header}\r\n`), ...each.body, CRLF);
  }
  body.push(Buffer.from(`--${boundary}--\r\n`));
  const eightBit = written.some(({ encoding }) => encoding === '8bit');
  const encoding = eightBit ? '8bit' : '7bit';
  return { header: fieldsOf(part, encoding, [['boundary', boundary]]), body, encoding };
}

/** "=_" never stands in base64 or quoted-printable; what goes unencoded is searched for it. */
function boundaryFor(parts: Written[], seed: string): string {
  for (let attempt = 0; ; attempt++) {
    const hash = createHash('sha256').update(`${seed} ${attempt}`).digest('hex').slice(0, 32);
    const boundary = `=_${hash}`;
    if (!parts.some(({ body }) => body.some((octets) => octets.includes(boundary)))) {
      return boundary;
    }
  }
}

function writeLeaf(part: CheckedPart, sources: Sources): Written {
  const { encoding, octets } = encodedContent(part, sources);
  const charset = part.blobId === null ? 'utf-8' : part.charset;
  const isText = part.type.startsWith('text/');
  const parameters: [string, string][] = charset && isText ? [['charset', charset]] : [];
  return { header: fieldsOf(part, encoding, parameters), body: [octets], encoding };
}

function encodedContent(part: CheckedPart, { texts, blobs }: Sources): Encoded {
  if (part.partId !== null) {
    const text = texts.get(part.partId);
    if (text === undefined) {
      throw new ComposeError(`${part.path}/partId`, 'is not among the bodyValues');
    }
    return encodeText(text);
  }
  if (part.blobId === null) return encodeText('');
  const blob = blobs.get(part.blobId);
  if (!blob) throw new ComposeError(`${part.path}/blobId`, 'is not there');
  // RFC 2046, 5.2.1: a message within goes as it is, if it can.
  if (part.type.startsWith('message/') && isClean(blob, true)) {
    return { encoding: isClean(blob, false) ? '7bit' : '8bit', octets: blob };
  }
  return encodeBase64(blob);
}

/** The fields of MIME, then those given besides. */
function fieldsOf(
  part: CheckedPart,
  encoding: TransferEncoding,
  parameters: [string, string][],
): string {
  const { path, name, disposition } = part;
  const written: string[] = [];
  const given = new Set<string>();
  for (const [property] of part.fields) {
    const field = fieldNameOf(property);
    if (given.has(field)) throw new ComposeError(`${path}/${property}`, 'is set twice');
    given.add(field);
  }
  const put = (field: string, value: string, more: [string, string][], property: string) => {
    if (given.has(field.toLowerCase())) {
      throw new ComposeError(`${path}/${property}`, 'is set twice: as a property and as a header');
    }
    written.push(writeParameterised(field, value, more, `${path}/${property}`));
  };
  const named: [string, string][] = name === null ? [] : [['name', name]];
  put('Content-Type', part.type, [...parameters, ...(disposition ? [] : named)], 'type');
  const filename = named.map(([, value]): [string, string] => ['filename', value]);
  if (disposition) put('Content-Disposition', disposition, filename, 'disposition');
  if (encoding !== '7bit') put('Content-Transfer-Encoding', encoding, [], 'type');
  if (part.cid !== null) put('Content-ID', `<${part.cid}>`, [], 'cid');
  if (part.language) put('Content-Language', part.language.join(', '), [], 'language');
  if (part.location !== null) put('Content-Location', part.location, [], 'location');
  return written.join('') + part.fields.map((field) => givenFields(field, path)).join('');
}

/** The name of the field that a `header:` property sets, in lower case. */
export function fieldNameOf(property: string): string {
  return property.split(':')[1]!.toLowerCase();
}

function givenFields([property, value]: [string, unknown], path: string): string {
  return headerPropertyFields(property, value, `${path}/${property}`);
}

/** The fields of one `header:` property: none for null, several for `:all`. */
export function headerPropertyFields(property: string, value: unknown, path: string): string {
  const read = readHeaderProperty(property);
  if (!read) throw new ComposeError(path, 'names no header field in a form that it has');
  if (value === null && !read.all) return '';
  if (read.all && !Array.isArray(value)) throw new ComposeError(path, 'must be a list');
  const values: unknown[] = read.all ? (value as unknown[]) : [value];
  if (values.length > 1_000) throw new ComposeError(path, 'has too many values');
  return values.map((each) => writeField(read.name, read.form, each, path)).join('');
}
