import { contract } from '../language/contract.js';
import { Count, Day, Id, List, Text } from '../language/fields.js';
import { Conflict, NotFound, problem } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';
import { KeysNotSetUp } from './keys.js';

const Address = (description: string, optional = false) =>
  Text({
    max: 300,
    pattern:
      /^(https:\/\/[a-z0-9.-]+|http:\/\/(127\.0\.0\.1|\[::1\]|localhost))(:\d{1,5})?(\/[\w.~-]+)*$/,
    optional,
    description: `${description}; https, except on this machine itself`,
  });

class RemoteServiceTerms {
  @Text({ max: 200, description: 'As people know it' }) name: string;
  @Address('Base address of its CSC API (Cloud Signature Consortium), v1 or v2') url: string;
  @Address('Where it gives access tokens; absent: oauth2/token below the base address', true)
  tokenUrl?: string;
  @Text({ max: 200, pattern: /^[\x21-\x7e]+$/, description: 'Who we are there (client_id)' })
  clientId: string;
  @Count({ min: 1, max: 20, description: 'How long one signature may take there' })
  timeoutSeconds: number;
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

export class AddRemoteService extends RemoteServiceTerms {
  @Text({
    max: 500,
    pattern: /^[\x21-\x7e]+$/,
    secret: true,
    description: 'Our secret there (client_secret), kept sealed and never shown',
  })
  clientSecret: string;
}

/** A service elsewhere that keeps keys for holders and signs with them when they let it. */
export class RemoteService extends RemoteServiceTerms {
  @Id() id: string;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
}

export class EndRemoteService {
  @Id() id: string;
  @Day({ description: 'Last day' }) validTo: string;
}

export class RemoteServiceList {
  @List(() => RemoteService, { max: 100 }) items: RemoteService[];
}

export class TooManyRemoteServices extends problem(409, 'signatures/too-many-remote-services', {
  vi: 'Đã đủ 100 dịch vụ ký từ xa',
  en: 'There are 100 remote signing services already',
}) {}

export const remoteServices = contract('signatures.remote-services', {
  list: {
    summary: 'List the remote signing services whose keys may be connected',
    route: 'GET /remote-signing-services',
    permission: 'signed-in',
    input: Nothing,
    output: RemoteServiceList,
  },
  add: {
    summary: 'Let keys that a remote service keeps sign from a day on',
    route: 'POST /remote-signing-services',
    permission: 'signatures.keep-trust',
    input: AddRemoteService,
    output: RemoteService,
    errors: [Conflict, KeysNotSetUp, TooManyRemoteServices],
    status: 201,
  },
  end: {
    summary: 'Let a remote service sign no longer than to a day',
    route: 'POST /remote-signing-services/:id/end',
    permission: 'signatures.keep-trust',
    input: EndRemoteService,
    output: RemoteService,
    errors: [NotFound],
  },
});
