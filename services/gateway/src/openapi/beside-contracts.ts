// What the gateway itself answers: routes that stream or send a browser elsewhere, and so fit no contract.

/** The schema of an uploaded file. */
export const uploadSchema = {
  type: 'object',
  properties: {
    sha256: { type: 'string' },
    name: { type: 'string' },
    mediaType: { type: 'string', description: 'By content, never by name' },
    size: { type: 'integer' },
    ticket: { type: 'string', description: 'Stands for the file in other requests, for a day' },
    expiresAt: { type: 'string', format: 'date-time' },
  },
};

const uploadOperation = {
  operationId: 'files.upload',
  tags: ['files'],
  summary: 'Upload files; each gets a ticket to be named in other requests',
  description: 'Permission: any post. Types are told by content; 413 and 415 keep nothing.',
  requestBody: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } },
      },
    },
  },
  responses: {
    201: {
      description: 'What was kept',
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              files: { type: 'array', items: { $ref: '#/components/schemas/Upload' } },
            },
          },
        },
      },
    },
  },
};

const eventsOperation = {
  operationId: 'events.stream',
  tags: ['events'],
  summary: 'Follow what happens, live: server-sent events, each a CloudEvent (see /events.json)',
  description: 'Permission: `events.read`. Comes back with `Last-Event-ID` without missing any.',
  parameters: [
    {
      name: 'types',
      in: 'query',
      description: 'Types or beginnings of types: documents.*,mail.mailboxes.opened.v1',
      schema: { type: 'string' },
    },
    { name: 'Last-Event-ID', in: 'header', schema: { type: 'string' } },
  ],
  responses: { 200: { description: 'The stream', content: { 'text/event-stream': {} } } },
};

const seeOther = {
  description: 'Where to go on',
  headers: { Location: { schema: { type: 'string' } } },
};
const problemOf = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const beginSignInOperation = {
  operationId: 'accounts.oidc.begin',
  tags: ['accounts.sessions'],
  summary: 'Sign in at the province’s identity provider (OpenID Connect): for browsers to open',
  description:
    'Comes back to `return` with `?code=…`, which POST /v1/sessions/oidc/exchange takes once, within a minute. A frontend puts into `return` what tells it that it has asked for this sign-in.',
  security: [],
  parameters: [
    {
      name: 'return',
      in: 'query',
      description:
        'An address of a frontend in CORS_ORIGINS; absent: a page shows the code to copy',
      schema: { type: 'string', format: 'uri', maxLength: 2_000 },
    },
  ],
  responses: {
    302: seeOther,
    400: problemOf('`invalid` Not an address of a frontend that is known'),
    404: problemOf('`not-found` No identity provider is set up'),
    503: problemOf('`unavailable` The identity provider does not answer'),
  },
};

const finishSignInOperation = {
  operationId: 'accounts.oidc.finish',
  tags: ['accounts.sessions'],
  summary: 'Where the identity provider sends the browser back to',
  description: 'Browsers that ask for text/html get pages instead of problems.',
  security: [],
  parameters: ['code', 'state', 'error'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
  })),
  responses: {
    200: { description: 'A page with the code to copy', content: { 'text/html': {} } },
    302: seeOther,
    400: problemOf('`invalid` Neither a code nor an error'),
    401: problemOf(
      '`accounts/sign-in-over` Begin again; `accounts/provider-refused` It was not confirmed',
    ),
    403: problemOf(
      '`accounts/not-linked` No account has this identity; `accounts/disabled` The account is disabled',
    ),
    404: problemOf('`not-found` No identity provider is set up'),
    503: problemOf('`unavailable` The identity provider does not answer'),
  },
};

/** Paths and their operations, by verb. */
export const besideContracts = {
  '/v1/files': { post: uploadOperation },
  '/v1/events': { get: eventsOperation },
  '/v1/sessions/oidc': { get: beginSignInOperation },
  '/v1/sessions/oidc/callback': { get: finishSignInOperation },
};
