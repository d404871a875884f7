import type { ParsedMessage, Part } from './message.js';

/** What is shown of a message and what is listed beside it (RFC 8621, 4.1.4). */
export interface Bodies {
  textBody: Part[];
  htmlBody: Part[];
  attachments: Part[];
  /** Something is attached that is not shown within the text. */
  hasAttachment: boolean;
}

function isInlineMedia(type: string): boolean {
  return type.startsWith('image/') || type.startsWith('audio/') || type.startsWith('video/');
}

/** The parts of the three lists, by the algorithm that RFC 8621 prints. */
export function bodiesOf(message: ParsedMessage): Bodies {
  const textBody: Part[] = [];
  const htmlBody: Part[] = [];
  const attachments: Part[] = [];
  sortOut([message.root], 'mixed', false, htmlBody, textBody, attachments);
  const hasAttachment = attachments.some((part) => isOffered(part, htmlBody));
  return { textBody, htmlBody, attachments, hasAttachment };
}

/** A part to download: neither declared inline, nor a picture that the HTML can refer to. */
function isOffered(part: Part, htmlBody: Part[]): boolean {
  if (part.disposition === 'inline') return false;
  const embedded = part.cid !== null && part.disposition === null && isInlineMedia(part.type);
  return !embedded || !htmlBody.some(({ type }) => type === 'text/html');
}

function sortOut(
  parts: Part[],
  multipartType: string,
  inAlternative: boolean,
  htmlBody: Part[] | null,
  textBody: Part[] | null,
  attachments: Part[],
): void {
  const textLength = textBody?.length ?? -1;
  const htmlLength = htmlBody?.length ?? -1;
  for (const [index, part] of parts.entries()) {
    if (part.subParts) {
      const subtype = part.type.slice('multipart/'.length);
      const alternative = inAlternative || subtype === 'alternative';
      sortOut(part.subParts, subtype, alternative, htmlBody, textBody, attachments);
      continue;
    }
    if (!isShown(part, index, multipartType)) {
      attachments.push(part);
      continue;
    }
    if (multipartType === 'alternative') {
      if (part.type === 'text/plain') textBody?.push(part);
      else if (part.type === 'text/html') htmlBody?.push(part);
      else attachments.push(part);
      continue;
    }
    if (inAlternative) {
      if (part.type === 'text/plain') htmlBody = null;
      if (part.type === 'text/html') textBody = null;
    }
    textBody?.push(part);
    htmlBody?.push(part);
    if ((!textBody || !htmlBody) && isInlineMedia(part.type)) attachments.push(part);
  }
  if (multipartType === 'alternative' && textBody && htmlBody) {
    if (textLength === textBody.length && htmlLength !== htmlBody.length) {
      textBody.push(...htmlBody.slice(htmlLength));
    }
    if (htmlLength === htmlBody.length && textLength !== textBody.length) {
      htmlBody.push(...textBody.slice(textLength));
    }
  }
}

function isShown(part: Part, index: number, multipartType: string): boolean {
  if (part.disposition === 'attachment') return false;
  const shows = part.type === 'text/plain' || part.type === 'text/html' || isInlineMedia(part.type);
  if (!shows) return false;
  return index === 0 || (multipartType !== 'related' && (isInlineMedia(part.type) || !part.name));
}
