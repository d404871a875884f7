import { contract } from './contract.js';
import { Facts, List } from './fields.js';
import { Nothing } from './stored-file.js';

/** The public keys that sign access tokens, as a JWK set (RFC 7517). */
export class KeySet {
  @List(Facts({ max: 2_000 }), { max: 10 }) keys: Record<string, unknown>[];
}

/** The one contract that the platform itself asks: without it no service can know its caller. */
export const keys = contract('accounts.keys', {
  current: {
    summary: 'The public keys that sign access tokens (JWKS)',
    route: 'GET /keys',
    permission: 'public',
    input: Nothing,
    output: KeySet,
  },
});
