import { ComposeError } from './compose-error.js';
import { type CheckedPart, checkPart } from './part-input.js';

type Given = unknown[] | null | undefined;

/**
 * The structure of a message that is given by what it shows (RFC 8621, 4.6): text and HTML are
 * alternatives, pictures that the HTML refers to go with it, everything else is beside them.
 */
export function structureOf(textBody: Given, htmlBody: Given, attachments: Given): CheckedPart {
  const budget = { parts: 0 };
  const text = single(textBody, 'textBody', 'text/plain', budget);
  const html = single(htmlBody, 'htmlBody', 'text/html', budget);
  if (attachments && !Array.isArray(attachments)) {
    throw new ComposeError('attachments', 'must be a list of EmailBodyPart');
  }
  const attached = (attachments ?? []).map((each, index) =>
    checkPart(each, `attachments/${index}`, budget),
  );
  const within = html
    ? attached.filter(({ cid, disposition }) => cid !== null && disposition !== 'attachment')
    : [];
  const beside = attached.filter((part) => !within.includes(part));
  for (const part of within) part.disposition ??= 'inline';
  for (const part of beside) part.disposition ??= 'attachment';
  const shown = html && multipart('multipart/related', [html, ...within]);
  const alternatives = [text, shown].filter((part) => part !== undefined);
  const body = alternatives.length > 0 ? [multipart('multipart/alternative', alternatives)] : [];
  const parts = [...body, ...beside];
  return parts.length > 0 ? multipart('multipart/mixed', parts) : emptyText();
}

function single(
  given: Given,
  path: string,
  type: string,
  budget: { parts: number },
): CheckedPart | undefined {
  if (given === undefined || given === null) return undefined;
  if (!Array.isArray(given) || given.length !== 1) {
    throw new ComposeError(path, 'must have exactly one part');
  }
  const part = checkPart(given[0], `${path}/0`, budget);
  const named = (given[0] as { type?: unknown }).type ?? null;
  if (named === null) part.type = type;
  if (part.type !== type) throw new ComposeError(`${path}/0/type`, `must be ${type}`);
  return part;
}

/** A multipart, or its only part by itself. */
function multipart(type: string, subParts: CheckedPart[]): CheckedPart {
  return subParts.length === 1 ? subParts[0]! : { ...emptyText(), type, subParts };
}

/** A message without any body has an empty one. */
function emptyText(): CheckedPart {
  return {
    path: 'bodyStructure',
    type: 'text/plain',
    partId: null,
    blobId: null,
    charset: null,
    disposition: null,
    cid: null,
    language: null,
    location: null,
    name: null,
    subParts: null,
    fields: [],
  };
}
