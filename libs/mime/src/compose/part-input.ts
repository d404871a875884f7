import { ComposeError } from './compose-error.js';
import { headerText } from './text.js';

/** A part to compose, as JMAP gives it (RFC 8621, 4.6): EmailBodyPart and `header:` properties. */
export interface PartInput {
  /** Key of the text in `bodyValues`; or `blobId`. */
  partId?: string | null;
  blobId?: string | null;
  type?: string | null;
  charset?: string | null;
  disposition?: string | null;
  cid?: string | null;
  language?: string[] | null;
  location?: string | null;
  name?: string | null;
  subParts?: PartInput[] | null;
  [property: string]: unknown;
}

const known = new Set([
  'partId',
  'blobId',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
  'name',
  'subParts',
  'size',
]);

const mediaType = /^[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,64}$/;

/** A part whose properties are what they must be. */
export interface CheckedPart {
  /** Where it was given, for errors. */
  path: string;
  type: string;
  partId: string | null;
  blobId: string | null;
  charset: string | null;
  disposition: string | null;
  cid: string | null;
  language: string[] | null;
  location: string | null;
  name: string | null;
  subParts: CheckedPart[] | null;
  /** Its `header:` properties, still as given. */
  fields: [property: string, value: unknown][];
}

export const mostDepth = 50;
export const mostParts = 1_000;

/** Checks a part and those within it. */
export function checkPart(
  input: unknown,
  path: string,
  budget = { parts: 0 },
  depth = 0,
): CheckedPart {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new ComposeError(path, 'must be an EmailBodyPart');
  }
  if (depth > mostDepth || ++budget.parts > mostParts) {
    throw new ComposeError(path, 'is one part too many, or too deep');
  }
  const part = input as PartInput;
  const fields = Object.entries(part).filter(([key]) => !known.has(key));
  for (const [key] of fields) {
    const isField = key.startsWith('header:');
    if (!isField || /^header:content-transfer-encoding(:|$)/i.test(key)) {
      throw new ComposeError(`${path}/${key}`, 'cannot be set');
    }
  }
  const text = (key: keyof PartInput & string) => optionalText(part[key], `${path}/${key}`);
  const subParts = part.subParts ?? null;
  if (subParts !== null && !Array.isArray(subParts)) {
    throw new ComposeError(`${path}/subParts`, 'must be a list of EmailBodyPart');
  }
  const type = (text('type') ?? (subParts ? 'multipart/mixed' : 'text/plain')).toLowerCase();
  if (!mediaType.test(type)) throw new ComposeError(`${path}/type`, 'is no media type');
  const checked: CheckedPart = {
    path,
    type,
    partId: text('partId'),
    blobId: text('blobId'),
    charset: tokenOf(text('charset'), `${path}/charset`),
    disposition: tokenOf(text('disposition'), `${path}/disposition`),
    cid: idOf(text('cid'), `${path}/cid`),
    language: languageOf(part.language, `${path}/language`),
    location: locationOf(text('location'), `${path}/location`),
    name: text('name'),
    subParts:
      subParts?.map((each, index) =>
        checkPart(each, `${path}/subParts/${index}`, budget, depth + 1),
      ) ?? null,
    fields,
  };
  checkSource(checked);
  return checked;
}

function checkSource({ path, type, partId, blobId, charset, subParts }: CheckedPart): void {
  const isMultipart = type.startsWith('multipart/');
  if (isMultipart !== (subParts !== null)) {
    throw new ComposeError(`${path}/subParts`, 'are what multiparts have, and only they');
  }
  const sources = Number(partId !== null) + Number(blobId !== null);
  if (sources !== (isMultipart ? 0 : 1)) {
    throw new ComposeError(path, 'must have partId or blobId, a multipart neither');
  }
  if (partId !== null && charset !== null) {
    throw new ComposeError(`${path}/charset`, 'cannot be set with partId');
  }
}

function optionalText(value: unknown, path: string): string | null {
  return value === undefined || value === null ? null : headerText(value, path);
}

function tokenOf(value: string | null, path: string): string | null {
  if (value !== null && !/^[\w!#$&^.+-]{1,64}$/.test(value)) {
    throw new ComposeError(path, 'is not one word');
  }
  return value;
}

function idOf(value: string | null, path: string): string | null {
  if (value !== null && !/^[!-;=?-~]{1,900}$/.test(value)) {
    throw new ComposeError(path, 'is no content id');
  }
  return value;
}

function locationOf(value: string | null, path: string): string | null {
  if (value !== null && !/^[!-~]{1,900}$/.test(value)) throw new ComposeError(path, 'is no URI');
  return value;
}

function languageOf(value: unknown, path: string): string[] | null {
  if (value === undefined || value === null) return null;
  const tags = Array.isArray(value) ? value : [];
  if (tags.length === 0 || !tags.every((tag) => /^[A-Za-z0-9-]{1,60}$/.test(String(tag)))) {
    throw new ComposeError(path, 'must be a list of language tags');
  }
  return tags as string[];
}
