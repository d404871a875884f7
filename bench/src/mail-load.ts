import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A load of mail: so many messages of so many octets, over connections that are kept. */
export interface MailLoad {
  port: number;
  to: string;
  messages: number;
  sessions: number;
  octets: number;
}

/** The load generator that Postfix brings, if it is here. */
export async function hasSmtpSource(): Promise<boolean> {
  return run('smtp-source', ['-?']).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

/** Sends a load by smtp-source; answers messages a second. */
export async function loadBySmtpSource(load: MailLoad): Promise<number> {
  const { port, to, messages, sessions, octets } = load;
  const counts = ['-s', sessions, '-m', messages, '-l', octets].map(String);
  const whom = ['-f', 'bench@example.org', '-t', to, '-M', 'bench.example.org'];
  const begun = performance.now();
  await run('smtp-source', ['-d', ...counts, ...whom, `127.0.0.1:${port}`]);
  return messages / ((performance.now() - begun) / 1000);
}

/** The same from here, where smtp-source is not: it takes more of the machine. */
export async function loadFromHere(load: MailLoad): Promise<number> {
  let next = 0;
  const take = () => (next < load.messages ? next++ : undefined);
  const begun = performance.now();
  await Promise.all(Array.from({ length: load.sessions }, () => session(load, take)));
  return load.messages / ((performance.now() - begun) / 1000);
}

async function session({ port, to, octets }: MailLoad, take: () => number | undefined) {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  await once(socket, 'connect');
  const replies = createInterface({ input: socket })[Symbol.asyncIterator]();
  const hear = async (code: string) => {
    for (;;) {
      const { value = '' } = await replies.next();
      if (value.startsWith(`${code} `)) return;
      if (!value.startsWith(`${code}-`)) throw new Error(`${code} was expected, not ${value}`);
    }
  };
  await hear('220');
  socket.write('EHLO bench.example.org\r\n');
  await hear('250');
  const line = `${'x'.repeat(78)}\r\n`;
  const body = line.repeat(Math.ceil(octets / line.length));
  for (let n = take(); n !== undefined; n = take()) {
    socket.write(`MAIL FROM:<bench@example.org>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
    for (const code of ['250', '250', '354']) await hear(code);
    const id = `${process.pid}.${begunAt}.${n}`;
    socket.write(
      `From: <bench@example.org>\r\nMessage-Id: <${id}@bench.example.org>\r\n\r\n${body}.\r\n`,
    );
    await hear('250');
  }
  socket.end('QUIT\r\n');
}

const begunAt = Date.now();
