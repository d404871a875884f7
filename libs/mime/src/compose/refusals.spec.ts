import { describe, expect, it } from '@jest/globals';
import { type EmailInput, composeMessage } from '../compose-message.js';
import { ComposeError } from './compose-error.js';

const composing = {
  blobs: new Map([['pdf', Buffer.from('%PDF-1.7')]]),
  messageId: '1@lamdong.gov.vn',
  date: '2026-11-24T09:00:00+07:00',
};

describe('What cannot be composed', () => {
  const textBody = [{ partId: 't' }];
  const bodyValues = { t: { value: '' } };
  const to = (email: unknown, name: unknown = null) => ({ to: [{ name, email }] }) as EmailInput;
  const part = (more: object) => ({ bodyStructure: { partId: 't', ...more }, bodyValues });

  it.each<[property: string, email: EmailInput]>([
    ['subject', { subject: 'a\r\nBcc: x@y' }],
    ['subject', { subject: 'a\u2028b' }],
    ['subject', { subject: 'a\0' }],
    ['subject', { subject: '\ud800' }],
    ['subject', { subject: 1 as never }],
    ['to', to('a@x', 'b\nc')],
    ['to', to('a@x>, b@y')],
    ['to', to('a@x, b@y')],
    ['to', to('a b@x')],
    ['to', to('a@x (c)')],
    ['to', to('"a@x')],
    ['to', to('')],
    ['to', to(null)],
    ['to', to(`${'a'.repeat(1000)}@x`)],
    ['to', { to: 'a@x' as never }],
    ['messageId', { messageId: ['a> <b'] }],
    ['inReplyTo', { inReplyTo: ['a\r\n'] }],
    ['sentAt', { sentAt: '2026-02-30T00:00:00Z' }],
    ['sentAt', { sentAt: 'now' }],
    ['headers', { headers: [] }],
    ['header:From:asText', { 'header:From:asText': 'x' }],
    ['header:subject', { subject: 'x', 'header:subject': 'y' }],
    ['header:X-A:asText', { 'header:X-A': 'x', 'header:X-A:asText': 'y' }],
    ['header:X-A', { 'header:X-A': 'a\r\nB: c' }],
    ['header:X-A', { 'header:X-A': 'a\r\n \r\n b' }],
    ['header:X-A:asURLs', { 'header:X-A:asURLs': ['http://a/>'] }],
    ['header:X A', { 'header:X A': 'x' }],
    ['header:X-A:all', { 'header:X-A:all': 'x' }],
    ['header:Content-Type', { 'header:Content-Type': 'text/html' }],
    ['header:MIME-Version', { 'header:MIME-Version': '2.0' }],
    ['textBody', { textBody: [], bodyValues }],
    ['textBody', { textBody, bodyStructure: { partId: 't' }, bodyValues }],
    ['textBody/0/type', { textBody: [{ partId: 't', type: 'text/html' }], bodyValues }],
    ['textBody/0/partId', { textBody: [{ partId: 'q' }], bodyValues }],
    ['attachments/0/blobId', { attachments: [{ blobId: 'q' }] }],
    ['attachments/0', { attachments: [{}] }],
    ['attachments/0', { attachments: [{ blobId: 'pdf', partId: 't' }] }],
    ['attachments/0/name', { attachments: [{ blobId: 'pdf', name: 'a\r\nb' }] }],
    ['attachments/0/type', { attachments: [{ blobId: 'pdf', type: 'a/b\r\nX: y' }] }],
    ['attachments/0/headers', { attachments: [{ blobId: 'pdf', headers: [] }] }],
    ['bodyStructure/charset', part({ charset: 'utf-8' })],
    ['bodyStructure/disposition', part({ disposition: 'a b' })],
    ['bodyStructure/cid', part({ cid: '<a@b>' })],
    ['bodyStructure/location', part({ location: 'a b' })],
    ['bodyStructure/language', part({ language: ['vi\r\n'] })],
    ['bodyStructure', part({ subParts: [] })],
    ['bodyStructure/subParts', part({ type: 'text/plain', subParts: [] })],
    ['bodyStructure/type', part({ 'header:Content-Type:asText': 'x' })],
    [
      'bodyStructure/header:Content-Transfer-Encoding',
      part({ 'header:Content-Transfer-Encoding': '8bit' }),
    ],
    ['bodyStructure/header:Subject', { subject: 'x', ...part({ 'header:Subject': 'y' }) }],
    ['bodyValues/t', { textBody, bodyValues: { t: { value: '', isTruncated: true } } }],
    ['bodyValues/t', { textBody, bodyValues: { t: {} as never } }],
  ])('is refused by the name of %j', (property, email) => {
    let refused: unknown;
    try {
      composeMessage(email, composing);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(ComposeError);
    expect((refused as ComposeError).property).toBe(property);
  });
});
