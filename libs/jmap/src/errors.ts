import type { JsonObject } from './json.js';

/** What is wrong with a request as a whole (RFC 8620, 3.6.1): answered as a problem (RFC 7807). */
export class RequestError extends Error {
  constructor(
    readonly type: 'notJSON' | 'notRequest' | 'unknownCapability' | 'limit',
    readonly detail: string,
    /** The limit that was exceeded, when that is what is wrong. */
    readonly limit?: string,
  ) {
    super(detail);
  }

  readonly status = 400;

  /** The body of the answer. */
  problem(): JsonObject {
    const { status, detail, limit } = this;
    return {
      type: `urn:ietf:params:jmap:error:${this.type}`,
      ...{ status, detail },
      ...(limit && { limit }),
    };
  }
}

/** The types of method-level errors that RFC 8620 and RFC 8621 name. */
export type MethodErrorType =
  | 'serverUnavailable'
  | 'serverFail'
  | 'serverPartialFail'
  | 'unknownMethod'
  | 'invalidArguments'
  | 'invalidResultReference'
  | 'forbidden'
  | 'accountNotFound'
  | 'accountNotSupportedByMethod'
  | 'accountReadOnly'
  | 'requestTooLarge'
  | 'cannotCalculateChanges'
  | 'stateMismatch'
  | 'anchorNotFound'
  | 'unsupportedSort'
  | 'unsupportedFilter'
  | 'tooManyChanges'
  | 'fromAccountNotFound'
  | 'fromAccountNotSupportedByMethod';

/** Why one method call was not done (RFC 8620, 3.6.2); the calls after it are. */
export class MethodError extends Error {
  constructor(
    readonly type: MethodErrorType,
    readonly description?: string,
    readonly more: JsonObject = {},
  ) {
    super(description ?? type);
  }

  answer(): JsonObject {
    const { type, description, more } = this;
    return { type, ...(description && { description }), ...more };
  }
}

/** The types of errors about one record that RFC 8620 and RFC 8621 name. */
export type SetErrorType =
  | 'forbidden'
  | 'overQuota'
  | 'tooLarge'
  | 'rateLimit'
  | 'notFound'
  | 'invalidPatch'
  | 'willDestroy'
  | 'invalidProperties'
  | 'singleton'
  | 'alreadyExists'
  | 'blobNotFound'
  | 'mailboxHasChild'
  | 'mailboxHasEmail'
  | 'tooManyKeywords'
  | 'tooManyMailboxes'
  | 'invalidEmail'
  | 'tooManyRecipients'
  | 'noRecipients'
  | 'invalidRecipients'
  | 'forbiddenMailFrom'
  | 'forbiddenFrom'
  | 'forbiddenToSend'
  | 'cannotUnsend';

/** Why one record was not created, updated or destroyed (RFC 8620, 5.3); the others are. */
export class SetError extends Error {
  constructor(
    readonly type: SetErrorType,
    readonly description?: string,
    readonly more: JsonObject = {},
  ) {
    super(description ?? type);
  }

  answer(): JsonObject {
    const { type, description, more } = this;
    return { type, ...(description && { description }), ...more };
  }
}

/** The error about properties that are missing, unknown, wrong, or not the client's to set. */
export function invalidProperties(properties: string[], description?: string): SetError {
  return new SetError('invalidProperties', description, { properties });
}
