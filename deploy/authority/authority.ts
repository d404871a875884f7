import { once } from 'node:events';
import { Choice, Count, Text } from '@eoffice/contracts';
import { createLog } from '@eoffice/platform/log';
import { readSettings } from '@eoffice/platform/settings';
import { label } from './issuing.js';
import { openParties } from './parties.js';
import { Register } from './register.js';
import { AuthorityServer } from './server.js';

// A certificate authority, OCSP responder and time-stamping authority for development and tests, so
// that signing can be tried out whole where no network reaches the official ones. What it issues is
// worth nothing outside this machine, and says so in every subject. It listens on the loopback only.

class AuthoritySettings {
  @Text({ max: 500, description: 'Folder of its keys and its register' }) authorityFolder: string;
  @Count({ min: 1, max: 65_535 }) authorityPort: number;
  @Text({ min: 20, max: 200, secret: true, description: 'Who may issue and revoke knows it' })
  authorityToken: string;
  @Choice(['debug', 'info', 'warn', 'error', 'silent']) logLevel: string = 'info';
}

/** Starts the authority, and returns what ends it. */
export async function startAuthority(environment: NodeJS.ProcessEnv) {
  const { authorityFolder, authorityPort, authorityToken, logLevel } = readSettings(
    AuthoritySettings,
    environment,
  );
  const log = createLog(`authority ${label}`, logLevel);
  const url = `http://127.0.0.1:${authorityPort}`;
  const parties = await openParties(authorityFolder, url);
  const register = await Register.open(authorityFolder);
  const server = new AuthorityServer(parties, register, { url, token: authorityToken, log });
  const listener = server.listener().listen(authorityPort, '127.0.0.1');
  await once(listener, 'listening');
  log.info({ url }, 'ready');
  const stop = async () => {
    const closed = once(listener, 'close');
    listener.close();
    listener.closeAllConnections();
    await closed;
    log.flush();
  };
  return { url, stop };
}
