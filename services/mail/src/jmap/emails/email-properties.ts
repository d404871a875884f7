import { readHeaderProperty } from '@eoffice/mime/header/allowed-forms';

/** Properties of an Email that the mailbox gives it (RFC 8621, 4.1.1). */
export const metadata = [
  ...['id', 'blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt'],
];
/** Those that are header fields under another name (4.1.3). */
export const addressProperties = ['sender', 'from', 'to', 'cc', 'bcc', 'replyTo'] as const;
export const idProperties = ['messageId', 'inReplyTo', 'references'] as const;
export const convenience = [...addressProperties, ...idProperties, 'subject', 'sentAt'];
const bodies = ['bodyValues', 'textBody', 'htmlBody', 'attachments'];

/** What Email/get answers when no properties are named (4.2). */
export const defaultProperties = [
  ...[...metadata, ...convenience, 'hasAttachment', 'preview', ...bodies],
];
/** What Email/parse answers then (4.9). */
export const defaultParsed = [...convenience, 'hasAttachment', 'preview', ...bodies];

const others = ['headers', 'bodyStructure'];

export const isEmailProperty = (name: string): boolean =>
  defaultProperties.includes(name) || others.includes(name) || isHeader(name);

/** What is told of a part when nothing is named (4.2). */
export const defaultBodyProperties = [
  ...['partId', 'blobId', 'size', 'name', 'type', 'charset', 'disposition', 'cid', 'language'],
  'location',
];

export const isBodyProperty = (name: string): boolean =>
  [...defaultBodyProperties, 'headers', 'subParts'].includes(name) || isHeader(name);

/** `header:Name:asForm:all`, in a form that the field may have. */
export const isHeader = (name: string): boolean =>
  name.startsWith('header:') && readHeaderProperty(name) !== undefined;

/** Whether a property stands in the row of an email that could be read whole. */
export const isKept = (name: string): boolean =>
  [...metadata, ...convenience, 'hasAttachment', 'preview'].includes(name);
