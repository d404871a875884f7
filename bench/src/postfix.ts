import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answers, freePort, until } from '@eoffice/deploy/local/ports';

const run = promisify(execFile);

/** A Postfix of our own that keeps mail durably, as it always does, and then throws it away. */
export interface Postfix {
  port: number;
  stop(): Promise<void>;
}

/** Starts one with the services of this machine's Postfix. Throws where there is none, or no root. */
export async function startPostfix(): Promise<Postfix> {
  if (process.getuid?.() !== 0) throw new Error('Postfix starts only as root');
  const folder = await mkdtemp(join(tmpdir(), 'eoffice-postfix-'));
  const config = join(folder, 'etc');
  const port = await freePort();
  await chmod(folder, 0o755);
  await mkdir(config);
  for (const name of ['queue', 'data']) await mkdir(join(folder, name));
  await run('chown', ['postfix', join(folder, 'data')]);
  await cp('/etc/postfix/dynamicmaps.cf', join(config, 'dynamicmaps.cf')).catch(() => {});
  const master = await readFile('/etc/postfix/master.cf', 'utf8').catch(() =>
    readFile('/usr/share/postfix/master.cf.dist', 'utf8'),
  );
  const services = master.replace(/^smtp( +inet.*)$/m, `127.0.0.1:${port}$1`);
  await writeFile(
    join(config, 'master.cf'),
    services.replace(/^(\S+ +(?:inet|unix|unix-dgram) +\S+ +\S+ +)y/gm, '$1n'),
  );
  await writeFile(
    join(config, 'main.cf'),
    [
      ...['compatibility_level = 3.6', 'myhostname = bench.example.org', 'mydestination ='],
      ...[`queue_directory = ${folder}/queue`, `data_directory = ${folder}/data`],
      ...['inet_protocols = ipv4', 'relay_domains = lamdong.gov.vn', 'relay_transport = discard:'],
      ...['smtpd_relay_restrictions = permit_mynetworks, reject', 'mynetworks = 127.0.0.0/8'],
      ...['maillog_file = /var/log/eoffice-bench-postfix.log', 'default_process_limit = 100'],
      'smtpd_client_connection_count_limit = 0',
    ].join('\n') + '\n',
  );
  const control = (word: string) => run('postfix', ['-c', config, word]);
  const stop = async () => {
    await control('stop').catch(() => {});
    await rm(folder, { recursive: true, force: true });
    await rm('/var/log/eoffice-bench-postfix.log', { force: true });
  };
  try {
    await control('start');
    await until(
      () => answers(port),
      () => 'Postfix does not answer',
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, stop };
}
