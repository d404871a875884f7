import { describe, expect, it } from '@jest/globals';
import { Count, Text } from '@eoffice/contracts/language/fields';
import { readSettings, ServiceSettings, variableOf, WrongSettings } from './settings.js';

class Settings extends ServiceSettings {
  @Count({ max: 65_535 }) override httpPort: number = 8080;
  @Text({ min: 32, max: 500, secret: true, example: '32 letters' }) gatewaySecret: string;
}

const needed = {
  DATABASE_URL: 'postgres://localhost/eoffice',
  NATS_URL: 'nats://localhost',
  GATEWAY_SECRET: 'x'.repeat(32),
};

describe('settings', () => {
  it('are read from variables of their names, with what is not said left as it was', () => {
    expect(variableOf('databaseConnections')).toBe('DATABASE_CONNECTIONS');
    const settings = readSettings(Settings, {
      ...needed,
      DATABASE_CONNECTIONS: '5',
      HTTP_HOST: '',
    });
    expect(settings).toMatchObject({
      ...{ databaseUrl: needed.DATABASE_URL, databaseConnections: 5, httpPort: 8080 },
      ...{ httpHost: '127.0.0.1', logLevel: 'info' },
    });
  });

  /** What is said of wrong settings, line by line. */
  const faultsOf = (wrong: Record<string, string>) => {
    try {
      readSettings(Settings, wrong);
    } catch (error) {
      expect(error).toBeInstanceOf(WrongSettings);
      return (error as Error).message.split('\n').map((line) => line.trim());
    }
    return [];
  };

  it('name every variable that is wrong, what is wrong and an example, and no secret', () => {
    const wrong = {
      ...{ NATS_URL: needed.NATS_URL, GATEWAY_SECRET: 'mật khẩu ngắn', HTTP_PORT: '80a' },
      ...{ DATABASE_CONNECTIONS: '0', LOG_LEVEL: 'loud', TRUSTED_PROXIES: '10.0.0.0/8,nginx' },
    };
    expect(faultsOf(wrong)).toEqual([
      'Wrong settings:',
      expect.stringMatching(/^DATABASE_URL is required; for example DATABASE_URL=postgres:\/\//),
      'HTTP_PORT must be a whole number, 0 to 65535, and is "80a"; for example HTTP_PORT=8080',
      expect.stringMatching(/^TRUSTED_PROXIES must be addresses.*and is "10.0.0.0\/8,nginx"/),
      expect.stringMatching(/^LOG_LEVEL must be one of: debug.*"loud"; for example LOG_LEVEL=info/),
      expect.stringMatching(/^DATABASE_CONNECTIONS must be.*; for example DATABASE_CONNECTIONS=10/),
      'GATEWAY_SECRET must be text of 32 to 500 characters; for example GATEWAY_SECRET=32 letters',
    ]);
  });

  it('are addresses of the right kind, and do not repeat one that may hold a password', () => {
    const other = {
      ...needed,
      DATABASE_URL: 'mysql://u:secret@localhost/x',
      NATS_URL: 'localhost',
    };
    const faults = faultsOf(other);
    expect(faults[1]).toMatch(/^DATABASE_URL must be an address that begins with postgres:\/\//);
    expect(faults[2]).toMatch(/^NATS_URL must be an address that begins with nats:\/\//);
    expect(faults.join()).not.toContain('secret');
    for (const DATABASE_URL of ['postgresql://db/eoffice', 'postgres:///eoffice?host=/run/pg'])
      expect(faultsOf({ ...needed, DATABASE_URL })).toEqual([]);
    for (const TRUSTED_PROXIES of ['::1', '10.0.0.0/8, fd00::/8', 'loopback'])
      expect(faultsOf({ ...needed, TRUSTED_PROXIES })).toEqual([]);
    for (const TRUSTED_PROXIES of ['10.0.0.0/33', '::1/0', 'a', '::1/64/2', ',', '1.2.3.4/'])
      expect(faultsOf({ ...needed, TRUSTED_PROXIES })).toHaveLength(2);
  });

  it('leave alone what is not theirs', () => {
    const settings = readSettings(Settings, { ...needed, PATH: '/bin', HOME: '/root' });
    expect(settings).not.toHaveProperty('path');
  });
});
