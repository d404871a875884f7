import { Invalid, Problem, type Sentence, Unexpected, VersionRequired } from '@eoffice/contracts';
import { languageOf, problemBody, problemMediaType } from '@eoffice/platform/http-problems';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Answers with application/problem+json (RFC 9457) in the language of the request. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem) {
  const language = languageOf(request);
  const asked =
    problem.errors?.some(({ pointer }) => pointer === '/version') && !request.headers['if-match'];
  const said = asked && problem.status === 400 ? new VersionRequired() : problem;
  const { status, retryAfterS } = said;
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="eoffice"');
  const again = retryAfterS ?? (status === 503 || status === 504 ? 2 : undefined);
  if (again) reply.header('retry-after', again);
  if (status === 408) reply.header('connection', 'close');
  // Hanging up on a client that is still sending would keep it from hearing why.
  if (status === 413) reply.removeHeader('connection');
  return reply
    .status(status)
    .header('content-type', problemMediaType)
    .header('content-language', language)
    .send(problemBody(said, language, request.id));
}

/** Makes every failure of the API's routes a Problem: broken bodies, limits, bugs. */
export function answerProblems(
  http: FastifyInstance,
  report: (error: unknown, request: FastifyRequest) => void,
) {
  http.setErrorHandler((error: Error, request, reply) =>
    sendProblem(
      request,
      reply,
      problemFrom(error, () => report(error, request)),
    ),
  );
}

/** The problem to answer an error with; what nobody declared is reported as a bug. */
export function problemFrom(error: unknown, report: (bug: unknown) => void): Problem {
  if (error instanceof Problem) return error;
  const { statusCode = 500 } = error as { statusCode?: number };
  if (statusCode >= 400 && statusCode < 500) return transportProblem(statusCode, error as Error);
  report(error);
  return new Unexpected();
}

const transportTitles: Record<number, Sentence> = {
  413: {
    vi: 'Nội dung gửi lên quá lớn: JSON tối đa 1 MiB, tệp thì gửi tới /v1/files',
    en: 'The body is too large: JSON may have 1 MiB, files go to /v1/files',
  },
  415: { vi: 'Kiểu nội dung không được nhận', en: 'This content type is not accepted' },
  429: { vi: 'Quá nhiều yêu cầu, xin thử lại sau', en: 'Too many requests, try again later' },
};

function transportProblem(status: number, error: Error): Problem {
  const title = transportTitles[status];
  if (!title) return new Invalid([], { vi: 'Yêu cầu không đọc được', en: error.message });
  const types: Record<number, string> = {
    413: 'too-large',
    415: 'unsupported-type',
    429: 'too-many',
  };
  return new Problem(types[status]!, status, title);
}
