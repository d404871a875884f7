import { describe, expect, it } from '@jest/globals';
import { Count, Text } from '@eoffice/contracts/language/fields';
import { readSettings, ServiceSettings, variableOf } from './settings.js';

class Settings extends ServiceSettings {
  @Count({ max: 65_535 }) override httpPort: number = 8080;
  @Text({ min: 32, max: 500, secret: true }) gatewaySecret: string;
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

  it('name every variable that is wrong, and no secret', () => {
    const wrong = {
      ...{ NATS_URL: needed.NATS_URL, GATEWAY_SECRET: 'mật khẩu ngắn', HTTP_PORT: '80a' },
      ...{ DATABASE_CONNECTIONS: '0', LOG_LEVEL: 'loud' },
    };
    let message = '';
    try {
      readSettings(Settings, wrong);
    } catch (error) {
      ({ message } = error as Error);
    }
    for (const name of [
      ...['DATABASE_URL is required', 'HTTP_PORT must be', 'DATABASE_CONNECTIONS must be'],
      ...['LOG_LEVEL must be one of: debug', 'GATEWAY_SECRET must be text of 32'],
    ]) {
      expect(message).toContain(name);
    }
    expect(message).not.toContain('mật khẩu ngắn');
    expect(message).not.toContain('NATS_URL');
  });

  it('leave alone what is not theirs', () => {
    const settings = readSettings(Settings, { ...needed, PATH: '/bin', HOME: '/root' });
    expect(settings).not.toHaveProperty('path');
  });
});
