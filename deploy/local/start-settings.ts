import { GatewaySettings } from '@eoffice/gateway/config';
import { type Environment, readSettings } from '@eoffice/platform/settings';

/** What `npm start` hands to the gateway as it was given. */
const handed = [
  'HTTP_HOST',
  'PUBLIC_URL',
  'CORS_ORIGINS',
  'RATE_LIMIT_PER_MINUTE',
  'UPLOAD_LIMIT_MB',
  'OIDC_ISSUER',
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'OIDC_SECOND_FACTOR_ACR',
  'TRUSTED_PROXIES',
];
/** What it reads itself besides, and what stands for it when it is not given. */
const own = {
  HTTP_PORT: '8080',
  LOG_LEVEL: 'info',
  DATABASE_URL: 'postgres://postgres@127.0.0.1:5432/postgres',
  NATS_URL: 'nats://127.0.0.1:4222',
};

/** The gateway's settings that are given. */
export function passedOn(environment: Environment): Record<string, string> {
  const given = handed.map((name) => [name, environment[name]] as const);
  return Object.fromEntries(given.filter((each): each is [string, string] => !!each[1]));
}

/** Reads what `npm start` was given, before anything starts. Throws WrongSettings, which names all faults. */
export function readStartSettings(environment: Environment): GatewaySettings {
  const read = Object.entries(own).map(([name, usual]) => [name, environment[name] || usual]);
  return readSettings(GatewaySettings, {
    ...passedOn(environment),
    ...Object.fromEntries(read),
    GATEWAY_SECRET: 'made by the stack itself, and kept in its data folder',
  });
}
