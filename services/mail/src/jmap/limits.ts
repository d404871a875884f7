import type { Limits } from '@eoffice/jmap/capabilities';
import { collations } from '@eoffice/jmap/querying';

const mib = 1_048_576;

/** What the edge does in one request at most (RFC 8620, 2, core capability). */
export const limits: Limits = {
  maxSizeUpload: 50 * mib,
  maxConcurrentUpload: 4,
  maxSizeRequest: 10 * mib,
  maxConcurrentRequests: 8,
  maxCallsInRequest: 32,
  maxObjectsInGet: 500,
  maxObjectsInSet: 500,
  collationAlgorithms: collations,
};

/** What a mailbox takes at most (RFC 8621, 1.3.1). */
export const mailLimits = {
  maxMailboxesPerEmail: 100,
  maxMailboxDepth: 10,
  maxSizeMailboxName: 200,
  maxSizeAttachmentsPerEmail: 36 * mib,
  maxKeywordsPerEmail: 100,
  /** Ids that one query answers. */
  maxQuery: 1_000,
} as const;

/** What submission takes at most (RFC 8621, 1.3.2). */
export const submissionLimits = {
  /** Seconds. */
  maxDelayedSend: 30 * 86_400,
  maxRecipients: 500,
} as const;
