import { setTimeout as wait } from 'node:timers/promises';
import { serviceNames } from '@eoffice/contracts';
import { memoryOf } from './processes.js';
import type { Row } from './rows.js';
import type { Stack } from './stack.js';

/** How long the command takes to a stack that is ready, and what it keeps in memory at rest. */
export async function start(stack: Stack): Promise<Row[]> {
  await wait(3_000);
  const memory = await Promise.all(
    Object.entries(stack.processes).map(async ([name, pid]) => ({
      name,
      ...(await memoryOf(pid)),
    })),
  );
  const ours = memory.filter(({ name }) => (serviceNames as readonly string[]).includes(name));
  return [
    {
      claim: 'from `npm start` to ready, on a folder that is there already',
      measured: stack.readyAfterS,
      unit: 's',
      limit: { atMost: 10 },
    },
    {
      claim: 'memory of the six services together (PSS)',
      measured: ours.reduce((sum, { pss }) => sum + pss, 0),
      unit: 'MiB',
    },
    ...memory.map(({ name, rss, pss }) => ({
      claim: `memory of ${name} (PSS)`,
      measured: pss,
      unit: 'MiB',
      note: `RSS ${rss.toFixed(0)} MiB`,
    })),
  ];
}
