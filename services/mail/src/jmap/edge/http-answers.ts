import { RequestError } from '@eoffice/jmap/errors';
import { Problem, Unexpected } from '@eoffice/contracts';
import { languageOf, problemBody, problemMediaType } from '@eoffice/platform/http-problems';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

type Report = (error: unknown, request: FastifyRequest) => void;

/** Makes every failure of the edge a problem: those of RFC 8620, 3.6.1, and the usual ones. */
export function answerProblems(http: FastifyInstance, report: Report) {
  http.setErrorHandler((error: Error, request, reply) =>
    error instanceof RequestError
      ? answerError(reply, error)
      : answerProblem(
          request,
          reply,
          problemOf(error, () => report(error, request)),
        ),
  );
  http.setNotFoundHandler((request, reply) => answerProblem(request, reply, nowhere()));
}

/** Answers a request as a whole with an error of RFC 8620, 3.6.1. */
export function answerError(reply: FastifyReply, error: RequestError) {
  return reply
    .status(error.status)
    .header('content-type', problemMediaType)
    .send(JSON.stringify(error.problem()));
}

function answerProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem) {
  const { status, retryAfterS } = problem;
  if (status === 401) {
    reply.header('www-authenticate', 'Bearer realm="eoffice", Basic realm="eoffice"');
  }
  if (retryAfterS ?? status === 503) reply.header('retry-after', retryAfterS ?? 2);
  return reply
    .status(status)
    .header('content-type', problemMediaType)
    .send(problemBody(problem, languageOf(request), request.id));
}

function problemOf(error: Error & { statusCode?: number }, report: () => void): Problem {
  if (error instanceof Problem) return error;
  const { statusCode = 500 } = error;
  const said = titles[statusCode];
  if (said) return new Problem(said[0], statusCode, said[1]);
  if (statusCode >= 400 && statusCode < 500) {
    const title = { vi: 'Yêu cầu không đọc được', en: 'The request cannot be read' };
    return new Problem('invalid', statusCode, title);
  }
  report();
  return new Unexpected();
}

const titles: Record<number, [type: string, title: { vi: string; en: string }]> = {
  413: ['too-large', { vi: 'Nội dung gửi lên quá lớn', en: 'The body is too large' }],
  429: ['too-many', { vi: 'Quá nhiều yêu cầu, xin thử lại sau', en: 'Too many requests' }],
};

const nowhere = () =>
  new Problem('not-found', 404, { vi: 'Không có đường dẫn này', en: 'There is nothing here' });
