import { contract } from '../language/contract.js';
import { Choice, Flag, Id, List, Moment, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { NotFound } from '../language/problem.js';
import { Done } from '../language/stored-file.js';

export class CreateApiKey {
  @Text({ max: 100, description: 'Which system will use it' }) name: string;
  @List(Text({ max: 60 }), {
    min: 1,
    max: 50,
    description: 'Permissions you have yourself; none that asks for a second factor',
  })
  scopes: string[];
  @Id({ description: 'The agency it acts at' }) organisationId: string;
  @Choice(['organisation', 'bloc', 'all']) reach: 'organisation' | 'bloc' | 'all' = 'organisation';
  @Moment({ optional: true, description: 'At most, and if not said, a year from now' })
  expiresAt?: string;
}

export class ApiKey {
  @Id() id: string;
  @Text({ max: 100 }) name: string;
  @List(Text({ max: 60 }), { max: 50 }) scopes: string[];
  @Id() organisationId: string;
  @Moment() expiresAt: Date;
  @Flag() revoked: boolean;
  @Text({ max: 100, optional: true, secret: true, description: 'Shown only when it is created' })
  key?: string;
}

export class FindApiKey {
  @Id() id: string;
}

export class ApiKeyPage extends pageOf(ApiKey) {}

export const apiKeys = contract('accounts.api-keys', {
  create: {
    summary: 'Create an API key for an integration',
    route: 'POST /api-keys',
    permission: 'accounts.manage',
    input: CreateApiKey,
    output: ApiKey,
    errors: [NotFound],
    status: 201,
  },
  list: {
    summary: 'List the API keys of the agencies you reach',
    route: 'GET /api-keys',
    permission: 'accounts.manage',
    input: PageInput,
    output: ApiKeyPage,
  },
  revoke: {
    summary: 'Revoke an API key; what it has in hand dies within minutes',
    route: 'POST /api-keys/:id/revoke',
    permission: 'accounts.manage',
    input: FindApiKey,
    output: Done,
    errors: [NotFound],
  },
});
