import { Api } from './edge/api.js';
import { Authentication } from './edge/authentication.js';
import { BlobRoutes } from './edge/blob-routes.js';
import { EventSource } from './edge/event-source.js';
import { JmapEdge } from './edge/jmap-edge.js';
import { EmailReader } from './emails/email-reader.js';
import { MailMethods } from './methods.js';
import { DelayedSubmissions } from './sending/delayed-submissions.js';

/** What JMAP consists of. */
export const jmap = [
  ...[Authentication, EmailReader, MailMethods, Api, BlobRoutes, EventSource, JmapEdge],
  DelayedSubmissions,
];
