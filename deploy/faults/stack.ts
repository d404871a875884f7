import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceNames } from '@eoffice/contracts';
import { startNats } from '../local/nats.js';
import { usersConfig } from '../local/nats-users.js';
import { freePort } from '../local/ports.js';
import { startPostgres } from '../local/postgres.js';
import { databaseUrl, prepareDatabase } from '../local/roles.js';
import { Supervisor } from '../local/supervisor.js';

const root = process.cwd();
const database = 'eoffice';

/** A built house in a folder of its own, whose parts a spec may kill. */
export type FaultyHouse = Awaited<ReturnType<typeof openFaultyHouse>>;

/** Starts the built services as `npm start` does, on servers of their own, with plain passwords. */
export async function openFaultyHouse(settings: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'eoffice-faults-'));
  const adminPassword = 'Mật khẩu chỉ để thử';
  await mkdir(join(folder, 'logs'));
  const config = usersConfig((service) => service);
  const [postgres, nats, port] = await Promise.all([
    startPostgres({ folder: join(folder, 'postgres'), durable: true }),
    startNats({ folder: join(folder, 'nats'), config, syncAlways: true }),
    freePort(),
  ]);
  await prepareDatabase(postgres.url, database, (service) => service);
  const programs = serviceNames.map((name) => {
    const role = { name, password: name };
    const own = {
      HTTP_PORT: String(port),
      GATEWAY_SECRET: 's'.repeat(40),
      INITIAL_ADMIN_PASSWORD: adminPassword,
      RATE_LIMIT_PER_MINUTE: '1000000',
      ...settings,
    };
    const environment = {
      DATABASE_URL: databaseUrl(postgres.url, database, role),
      NATS_URL: nats.url.replace('//', `//${name}:${name}@`),
      FILES_FOLDER: join(folder, 'files'),
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
      ...(name === 'gateway' ? own : {}),
    };
    const file = join(root, 'services', name, 'dist', 'src', 'main.js');
    return new Supervisor({ name, file, environment, log: join(folder, 'logs', `${name}.log`) });
  });
  for (const program of programs) program.start();
  await Promise.all(programs.map((program) => program.ready));
  return {
    folder,
    url: `http://127.0.0.1:${port}`,
    adminPassword,
    postgres,
    nats,
    programs: Object.fromEntries(programs.map((each) => [each.program.name, each])),
    databaseUrlAs: (name: string) => databaseUrl(postgres.url, database, { name, password: name }),
    async close() {
      await Promise.all(programs.map((program) => program.stop()));
      await Promise.all([nats.stop(), postgres.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
