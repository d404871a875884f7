import { readFileSync } from 'node:fs';
import { parseXml } from './parse.js';
import { XmlError, type XmlFault } from './xml-error.js';

// A process for one hostile document, whose path it is given: so that what is measured is its alone.

/** What became of it, and the milliseconds of processor time it took, of all threads. */
export interface MeasuredXml {
  outcome: XmlFault | 'read';
  ms: number;
}

const octets = readFileSync(process.argv[2]!);
const start = process.cpuUsage();
let outcome: MeasuredXml['outcome'] = 'read';
try {
  parseXml(octets);
} catch (error) {
  if (!(error instanceof XmlError)) throw error;
  outcome = error.fault;
}
const { user, system } = process.cpuUsage(start);
const measured: MeasuredXml = { outcome, ms: (user + system) / 1000 };
process.stdout.write(JSON.stringify(measured));
