import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Invalid, Problem, problem, type Sentence } from '@eoffice/contracts/language/problem';
import type { FastifyReply, FastifyRequest } from 'fastify';

// How a Problem is written on HTTP (RFC 9457), and the problems of what never becomes a request:
// Node and Fastify would answer those in a form of their own.

export type Language = 'vi' | 'en';
export const problemMediaType = 'application/problem+json; charset=utf-8';

export class HeadersTooLarge extends problem(431, 'headers-too-large', {
  vi: 'Các tiêu đề của yêu cầu quá lớn',
  en: 'The headers of the request are too large',
}) {}
export class TooSlow extends problem(408, 'too-slow', {
  vi: 'Yêu cầu gửi đến quá chậm',
  en: 'The request took too long to arrive',
}) {}
export class AddressTooLong extends problem(414, 'address-too-long', {
  vi: 'Đường dẫn quá dài',
  en: 'The address is too long',
}) {}

/** The language of a request: Vietnamese unless the caller prefers English (RFC 9110, 12.5.4). */
export function languageOf({ headers }: Pick<FastifyRequest, 'headers'>): Language {
  const wanted = (headers['accept-language'] ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', weight = 'q=1'] = part.trim().split(';');
      return { tag: tag.slice(0, 2).toLowerCase(), q: Number(weight.replace(/^\s*q=/, '')) || 0 };
    })
    .sort((a, b) => b.q - a.q);
  return wanted.find(({ tag }) => tag === 'vi' || tag === 'en')?.tag === 'en' ? 'en' : 'vi';
}

/** The body of a problem reply. */
export function problemBody(
  { type, status, title, detail, errors }: Problem,
  language: Language,
  requestId?: string,
): string {
  const say = (sentence: Sentence) => sentence[language];
  return JSON.stringify({
    type: `/problems/${type}`,
    status,
    title: say(title),
    detail: detail && say(detail),
    errors: errors?.map((error) => ({ pointer: error.pointer, detail: say(error.detail) })),
    instance: requestId && `/requests/${requestId}`,
  });
}

/** Answers bytes that are no HTTP, or too much of it, and hangs up. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket) {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const found = problemOfBytes(error.code);
  const body = problemBody(found, 'vi');
  socket.end(
    `HTTP/1.1 ${found.status} ${STATUS_CODES[found.status]}\r\nconnection: close\r\n` +
      `content-type: ${problemMediaType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function problemOfBytes(code?: string): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLarge();
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new TooSlow();
  return new Invalid([], {
    vi: 'Nội dung gửi đến không phải là HTTP hợp lệ',
    en: 'What was sent is not valid HTTP',
  });
}

/** Answers a request whose address cannot be read, so that no route was looked for. */
export function refuseAddress(
  error: { statusCode?: number },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const unreadable = { vi: 'Đường dẫn không đọc được', en: 'The address cannot be read' };
  const found = error.statusCode === 414 ? new AddressTooLong() : new Invalid([], unreadable);
  return reply
    .status(found.status)
    .header('content-type', problemMediaType)
    .send(problemBody(found, languageOf(request), request.id));
}
