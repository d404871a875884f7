const rounds = 5;
const roundMs = 400;

/** How often a second of processor time, in one round. */
export function roundOf(work: () => unknown): number {
  const start = process.cpuUsage();
  let [times, spentMs] = [0, 0];
  while (spentMs < roundMs) {
    for (let at = 0; at < 20; at++) work();
    times += 20;
    const { user, system } = process.cpuUsage(start);
    spentMs = (user + system) / 1000;
  }
  return (times / spentMs) * 1000;
}

/**
 * How often a second of processor time: the median of several rounds. Processor time, because that is
 * what `openssl speed` counts, and because others work on the machine too.
 */
export function rateOf(work: () => unknown): number {
  roundOf(work); // Warms up.
  return medianOf(Array.from({ length: rounds }, () => roundOf(work)));
}

export const medianOf = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;
