import { Readable } from 'node:stream';
import { problem, type StoredFile } from '@eoffice/contracts';
import { contentDisposition } from '@eoffice/platform/text';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem-replies.js';
import type { Ways } from './mount-contracts.js';

class NoSuchRange extends problem(416, 'no-such-range', {
  vi: 'Tệp không có đoạn này',
  en: 'The file has no such range',
}) {}

interface Range {
  start: number;
  end: number;
}

/**
 * Streams a stored file, or the one range of it that is asked for (RFC 9110, 14). Its hash is its
 * ETag, so a reader that has it is told so, and a range is never glued to another file's. Whoever
 * asks again is asked for their permission again: nothing in between may keep an answer.
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: StoredFile,
  open: Ways['open'],
) {
  const { headers } = request;
  const etag = `"${file.sha256}"`;
  reply
    .header('etag', etag)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'private, no-cache');
  if (names(headers['if-none-match'], etag)) return reply.status(304).send();

  const wanted = [undefined, etag].includes(headers['if-range'] as string | undefined);
  const range = wanted ? rangeOf(headers.range, file.size) : undefined;
  if (range === 'none') {
    reply.header('content-range', `bytes */${file.size}`);
    return sendProblem(request, reply, new NoSuchRange());
  }
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  if (range) reply.status(206).header('content-range', `bytes ${start}-${end}/${file.size}`);
  reply
    .header('content-disposition', contentDisposition(file.name))
    .header('content-length', end - start + 1)
    .type(file.mediaType);
  if (request.method === 'HEAD') return reply.send(Readable.from([]));
  return reply.send(await open(file.sha256, range));
}

/** Whether a list of entity tags names this one; weak ones compare alike here. */
function names(list: string | undefined, etag: string): boolean {
  return (list ?? '')
    .split(',')
    .some((each) => ['*', etag].includes(each.trim().replace('W/', '')));
}

/**
 * The range a header asks for, `none` when the file does not have it, undefined when the whole file
 * is to be sent: no header, one we cannot read, or several ranges, which nobody has to serve.
 */
export function rangeOf(header: string | undefined, size: number): Range | 'none' | undefined {
  const [, first, last] =
    /^\s*bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'none' : { start: size - length, end: size - 1 };
  }
  const [start, end] = [Number(first), last === '' ? size - 1 : Number(last)];
  if (end < start && last !== '') return undefined;
  return start >= size ? 'none' : { start, end: Math.min(end, size - 1) };
}
