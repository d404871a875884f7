import type { Class } from './contract.js';

/** A kind of fact a service announces. `type` is its CloudEvents type and ends in its version. */
export interface EventType<Data extends object = object> {
  type: `${string}.${string}.${string}.v${number}`;
  summary: string;
  data: Class<Data>;
}

/** Declares a kind of fact: `event('documents.incoming.registered.v1', '…', IncomingRegistered)`. */
export function event<Data extends object>(
  type: EventType['type'],
  summary: string,
  data: Class<Data>,
): EventType<Data> {
  return { type, summary, data };
}

/** A CloudEvents 1.0 envelope, in its structured JSON form. Attributes after `data` are extensions. */
export interface CloudEvent<Data extends object = object> {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  data: Data;
  /** The person who did it; absent when the system did. */
  actor?: string;
  /** The absent person it was done for. */
  onbehalfof?: string;
  traceparent?: string;
}

/** The subject an event travels under in the stream `events`. */
export function streamSubjectOf(type: string): string {
  return `events.${type}`;
}
