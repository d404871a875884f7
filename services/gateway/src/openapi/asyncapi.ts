import { type EventType, type JsonSchema, streamSubjectOf } from '@eoffice/contracts';
import { reference } from './openapi.js';

/** The AsyncAPI 3.0 description of every fact the house announces. */
export function asyncApiOf(events: EventType[]): object {
  const schemas: Record<string, JsonSchema> = {};
  const channels: Record<string, object> = {};
  const operations: Record<string, object> = {};
  const messages: Record<string, object> = {};
  for (const { type, summary, data } of events) {
    messages[type] = {
      name: type,
      summary,
      contentType: 'application/cloudevents+json',
      payload: {
        allOf: [
          { $ref: '#/components/schemas/CloudEvent' },
          { type: 'object', properties: { type: { const: type }, data: reference(data, schemas) } },
        ],
      },
    };
    channels[type] = {
      address: streamSubjectOf(type),
      messages: { [type]: { $ref: `#/components/messages/${type}` } },
    };
    operations[type] = {
      action: 'send',
      summary,
      channel: { $ref: `#/channels/${type.replaceAll('/', '~1')}` },
    };
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'eOffice events',
      version: '1',
      description:
        'CloudEvents 1.0 in structured JSON, in the JetStream stream `events` and at GET /v1/events. ' +
        'At least once; in order for each subject. A new optional field keeps the version.',
    },
    channels,
    operations,
    components: { messages, schemas: { CloudEvent: cloudEvent, ...schemas } },
  };
}

const cloudEvent = {
  type: 'object',
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'data'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', format: 'uuid' },
    source: { type: 'string', description: 'The service: /documents' },
    type: { type: 'string' },
    subject: { type: 'string', description: 'The id of the thing' },
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { const: 'application/json' },
    data: { type: 'object' },
    actor: { type: 'string', description: 'The person who did it; absent when the system did' },
    onbehalfof: { type: 'string', description: 'The absent person it was done for' },
    traceparent: { type: 'string' },
  },
};
