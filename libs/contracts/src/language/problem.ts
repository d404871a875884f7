/** A sentence for people, in both languages of the house; `Accept-Language` picks one at the gateway. */
export interface Sentence {
  vi: string;
  en: string;
}

/** What is wrong with one field: a JSON pointer (RFC 6901) into the input, and why. */
export interface FieldError {
  pointer: string;
  detail: Sentence;
}

/** What a problem says, as it travels. */
export type ProblemFacts = Pick<
  Problem,
  'type' | 'status' | 'title' | 'detail' | 'errors' | 'retryAfterS'
>;

/** An error the caller can act on, and the only one that crosses a service boundary (RFC 9457). */
export class Problem extends Error {
  /** In how many seconds it is worth trying again; the gateway says it as `Retry-After`. */
  retryAfterS?: number;

  constructor(
    readonly type: string,
    readonly status: number,
    readonly title: Sentence,
    readonly detail?: Sentence,
    readonly errors?: FieldError[],
  ) {
    super(detail?.en ?? title.en);
    this.name = type;
  }

  /** The same problem, saying when to come back. */
  after(seconds: number): this {
    this.retryAfterS = Math.max(1, Math.ceil(seconds));
    return this;
  }

  toJSON(): ProblemFacts {
    const { type, status, title, detail, errors, retryAfterS } = this;
    return { type, status, title, detail, errors, retryAfterS };
  }

  static from({ type, status, title, detail, errors, retryAfterS }: ProblemFacts): Problem {
    const problem = new Problem(type, status, title, detail, errors);
    return retryAfterS ? problem.after(retryAfterS) : problem;
  }
}

/** A kind of problem that an operation declares among its `errors`. */
export interface ProblemKind {
  new (detail?: Sentence, errors?: FieldError[]): Problem;
  readonly declared: { status: number; type: string; title: Sentence };
}

/** Declares a kind: `class BookClosed extends problem(409, 'documents/book-closed', { vi, en }) {}`. */
export function problem(status: number, type: string, title: Sentence) {
  return class extends Problem {
    static readonly declared = { status, type, title };
    constructor(detail?: Sentence, errors?: FieldError[]) {
      super(type, status, title, detail, errors);
    }
  };
}

export class Invalid extends problem(400, 'invalid', {
  vi: 'Dữ liệu gửi lên không hợp lệ',
  en: 'The request is not valid',
}) {
  constructor(errors: FieldError[], detail?: Sentence) {
    super(detail, errors);
  }
}
export class Unauthenticated extends problem(401, 'unauthenticated', {
  vi: 'Chưa đăng nhập hoặc phiên đã hết hạn',
  en: 'Not signed in, or the session has expired',
}) {}
export class Forbidden extends problem(403, 'forbidden', {
  vi: 'Không có quyền thực hiện',
  en: 'Not allowed',
}) {}
export class NotFound extends problem(404, 'not-found', {
  vi: 'Không tìm thấy',
  en: 'Not found',
}) {}
export class Conflict extends problem(409, 'conflict', {
  vi: 'Không thực hiện được ở trạng thái hiện tại',
  en: 'Not possible in the present state',
}) {}
export class Changed extends problem(412, 'changed', {
  vi: 'Dữ liệu đã được người khác sửa từ khi bạn đọc',
  en: 'It has changed since you read it',
}) {}
export class KeyReused extends problem(422, 'idempotency-key-reused', {
  vi: 'Khóa chống trùng đã dùng cho một yêu cầu khác',
  en: 'The idempotency key was used for another request',
}) {}
export class VersionRequired extends problem(428, 'version-required', {
  vi: 'Cần tiêu đề If-Match với phiên bản đã đọc',
  en: 'The If-Match header with the version you read is required',
}) {}
export class TooMany extends problem(429, 'too-many', {
  vi: 'Quá nhiều yêu cầu, xin thử lại sau',
  en: 'Too many requests, try again later',
}) {}
export class Unexpected extends problem(500, 'unexpected', {
  vi: 'Đã xảy ra lỗi ngoài dự kiến',
  en: 'Something went wrong',
}) {}
export class Unavailable extends problem(503, 'unavailable', {
  vi: 'Dịch vụ tạm thời không phục vụ được, xin thử lại',
  en: 'The service is not available now, try again',
}) {}
export class NoAnswer extends problem(504, 'no-answer', {
  vi: 'Dịch vụ không trả lời kịp, xin thử lại',
  en: 'The service did not answer in time, try again',
}) {}

/** The kinds that any operation may answer without declaring them. */
export const commonProblems: ProblemKind[] = [
  Invalid as unknown as ProblemKind,
  Unauthenticated,
  Forbidden,
  KeyReused,
  TooMany,
  Unexpected,
  Unavailable,
  NoAnswer,
];
