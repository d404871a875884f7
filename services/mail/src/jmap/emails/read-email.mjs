// Reads messages, which anybody may send, as JMAP shows them: in a thread that is watched and ended
// when it costs too much.
import { parentPort } from 'node:worker_threads';
import { bodiesOf } from '@eoffice/mime/bodies';
import { contentOf, textOf } from '@eoffice/mime/content/content';
import { previewOf } from '@eoffice/mime/content/preview';
import { readHeaderProperty } from '@eoffice/mime/header/allowed-forms';
import { headerAs } from '@eoffice/mime/header/forms';
import { parseMessage } from '@eoffice/mime/parse-message';

/** Header fields that have a property of their own (RFC 8621, 4.1.3). */
const convenience = {
  messageId: 'header:Message-ID:asMessageIds',
  inReplyTo: 'header:In-Reply-To:asMessageIds',
  references: 'header:References:asMessageIds',
  sender: 'header:Sender:asAddresses',
  from: 'header:From:asAddresses',
  to: 'header:To:asAddresses',
  cc: 'header:Cc:asAddresses',
  bcc: 'header:Bcc:asAddresses',
  replyTo: 'header:Reply-To:asAddresses',
  subject: 'header:Subject:asText',
  sentAt: 'header:Date:asDate',
};

/** What a header says under a `header:` property; the last field of the name, or all of them. */
function headerValue(header, property) {
  const { name, form, all } = readHeaderProperty(property);
  const fields = header.filter((field) => field.name.toLowerCase() === name.toLowerCase());
  if (all) return fields.map((field) => headerAs(field, form));
  const last = fields.at(-1);
  return last ? headerAs(last, form) : null;
}

const rawHeaders = (header) =>
  header.map((field) => ({ name: field.name, value: headerAs(field, 'Raw') }));

/** A part as an EmailBodyPart (RFC 8621, 4.1.4); the parts within it only where they are asked for. */
function shownPart(octets, part, blobId, properties, deep) {
  const tell = {
    partId: () => part.partId,
    blobId: () => (part.partId === null ? null : `${blobId}-${part.partId}`),
    size: () => (part.partId === null ? 0 : contentOf(octets, part).length),
    headers: () => rawHeaders(part.header),
    subParts: () =>
      part.subParts?.map((each) => shownPart(octets, each, blobId, properties, deep)) ?? null,
  };
  const told = properties
    .filter((name) => name !== 'subParts' || deep)
    .map((name) => {
      if (name.startsWith('header:')) return [name, headerValue(part.header, name)];
      return [name, Object.hasOwn(tell, name) ? tell[name]() : part[name]];
    });
  return Object.fromEntries(told);
}

/** The end of a text that may have so many octets of UTF-8, in no letter and in no tag. */
function shortened(value, most, isHtml) {
  const octets = Buffer.from(value);
  if (most === 0 || octets.length <= most) return undefined;
  let end = most;
  while (end > 0 && (octets[end] & 0xc0) === 0x80) end--;
  const short = octets.subarray(0, end).toString();
  const tag = isHtml ? short.lastIndexOf('<') : -1;
  return tag > short.lastIndexOf('>') ? short.slice(0, tag) : short;
}

function bodyValue(octets, part, most) {
  const { value, isEncodingProblem } = textOf(octets, part);
  const short = shortened(value, most, part.type === 'text/html');
  return { value: short ?? value, isEncodingProblem, isTruncated: short !== undefined };
}

function leavesOf(part) {
  return part.subParts ? part.subParts.flatMap(leavesOf) : [part];
}

function bodyValuesOf(octets, root, { textBody, htmlBody }, wish) {
  const wanted = new Set([
    ...(wish.fetchTextBodyValues ? textBody : []),
    ...(wish.fetchHTMLBodyValues ? htmlBody : []),
    ...(wish.fetchAllBodyValues ? leavesOf(root) : []),
  ]);
  return Object.fromEntries(
    [...wanted]
      .filter((part) => part.type.startsWith('text/'))
      .map((part) => [part.partId, bodyValue(octets, part, wish.maxBodyValueBytes)]),
  );
}

/** The properties of a message that its octets say. Null where they are no message. */
function view({ octets: sent, blobId, wish }) {
  const octets = Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength);
  const message = parseMessage(octets);
  const { header, root } = message;
  if (header.length === 0 && wish.strictly) return null;
  const bodies = bodiesOf(message);
  const list = (parts) =>
    parts.map((part) => shownPart(octets, part, blobId, wish.bodyProperties, false));
  const structure = [...new Set([...wish.bodyProperties, 'subParts'])];
  const tell = {
    headers: () => rawHeaders(header),
    size: () => octets.length,
    blobId: () => blobId,
    hasAttachment: () => bodies.hasAttachment,
    preview: () => previewOf(octets, bodies),
    bodyStructure: () => shownPart(octets, root, blobId, structure, true),
    bodyValues: () => bodyValuesOf(octets, root, bodies, wish),
    textBody: () => list(bodies.textBody),
    htmlBody: () => list(bodies.htmlBody),
    attachments: () => list(bodies.attachments),
  };
  return Object.fromEntries(
    wish.properties.map((name) => {
      if (Object.hasOwn(tell, name)) return [name, tell[name]()];
      return [name, headerValue(header, convenience[name] ?? name)];
    }),
  );
}

function content({ octets: sent, partId }) {
  const octets = Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength);
  const part = leavesOf(parseMessage(octets).root).find((each) => each.partId === partId);
  return part ? new Uint8Array(contentOf(octets, part)) : null;
}

const acts = { view, content };

parentPort.on('message', ({ act, input }) => {
  try {
    parentPort.postMessage({ value: acts[act](input) });
  } catch (error) {
    const { name, message } = error;
    parentPort.postMessage({ error: { name, message: String(message) } });
  }
});

parentPort.postMessage('ready');
