import { readFileSync } from 'node:fs';
import { PdfError } from '../pdf-error.js';
import { prepareSignature } from '../sign/prepare.js';
import { examinePdf } from '../verify/examine.js';

// A process for one hostile file, whose path it is given: so that what is measured is the file's alone.

/** Cost of examining a file and of preparing a signature in it. */
export interface Measured {
  examineMs: number;
  prepareMs: number;
  outcome: string;
  /** The most memory there was, beyond what the process began with and the file itself. */
  peakBytes: number;
}

/** Milliseconds of processor time, of all threads: what others do on the machine does not count. */
function cost(call: () => unknown): [ms: number, outcome: string] {
  const start = process.cpuUsage();
  let outcome = 'answered';
  try {
    call();
  } catch (error) {
    if (!(error instanceof PdfError)) throw error;
    outcome = error.code;
  }
  const { user, system } = process.cpuUsage(start);
  return [(user + system) / 1000, outcome];
}

const startBytes = process.memoryUsage().rss;
const pdf = readFileSync(process.argv[2]!);
const [examineMs, outcome] = cost(() => examinePdf(pdf));
const [prepareMs] = cost(() => prepareSignature(pdf));
// Not maxRSS: a process begins with that of the one it was forked from.
const [, peakKb] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
const peakBytes = Number(peakKb) * 1024 - startBytes - pdf.length;
const measured: Measured = { examineMs, prepareMs, outcome, peakBytes };
process.stdout.write(JSON.stringify(measured));
