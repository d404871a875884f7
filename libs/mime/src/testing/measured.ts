import { readFileSync } from 'node:fs';
import { bodiesOf } from '../bodies.js';
import { contentOf, textOf } from '../content/content.js';
import { htmlText } from '../content/html-text.js';
import { previewOf } from '../content/preview.js';
import { type HeaderForm, headerAs } from '../header/forms.js';
import { addressesOf } from '../header/policy-addresses.js';
import type { Part } from '../message.js';
import { parseMessage } from '../parse-message.js';

// A process for one hostile message, whose path it is given: so that what is measured is the
// message's alone.

/** What all there is to read of a message costs. */
export interface Measured {
  /** Milliseconds of processor time, of all threads. */
  parseMs: number;
  readMs: number;
  defects: string[];
  /** The most memory there was, beyond what the process began with and the message itself. */
  peakBytes: number;
}

function cost(call: () => void): number {
  const start = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const forms: HeaderForm[] = ['Text', 'Addresses', 'GroupedAddresses', 'MessageIds', 'Date', 'URLs'];

const startBytes = process.memoryUsage().rss;
const octets = readFileSync(process.argv[2]!);
let message = parseMessage(Buffer.alloc(0));
const parseMs = cost(() => {
  message = parseMessage(octets);
});
const readMs = cost(() => {
  const bodies = bodiesOf(message);
  previewOf(octets, bodies);
  for (const field of message.header.slice(0, 100)) {
    for (const form of forms) headerAs(field, form);
  }
  addressesOf(message.header, ['from', 'to', 'cc', 'reply-to']);
  for (const part of bodies.textBody.slice(0, 100) satisfies Part[]) {
    const { value } = textOf(octets, part);
    if (part.type === 'text/html') htmlText(value);
  }
  for (const part of bodies.attachments.slice(0, 100)) contentOf(octets, part);
});
// Not maxRSS: a process begins with that of the one it was forked from.
const [, peakKb] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
const peakBytes = Number(peakKb) * 1024 - startBytes - octets.length;
const measured: Measured = { parseMs, readMs, defects: message.defects, peakBytes };
process.stdout.write(JSON.stringify(measured));
