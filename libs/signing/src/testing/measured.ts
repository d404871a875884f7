import { readFileSync } from 'node:fs';
import { commands } from '../cli/commands.js';
import { PdfError } from '../pdf/pdf-error.js';
import { verifyPdfCommand } from '../pdf/cli-pdf.js';
import { prepareSignature } from '../pdf/sign/prepare.js';
import { examinePdf } from '../pdf/verify/examine.js';
import { Certificate } from '../x509/certificate.js';
import { CertificateList } from '../x509/crl.js';
import { OcspResponse } from '../x509/ocsp.js';
import { parseXml } from '../xml/parse.js';
import { XmlError } from '../xml/xml-error.js';

// A process for one hostile file: so that what is measured is the file's alone. It is given the file's
// path and the names of what to do with it.

/** What a file was put to, and what it cost. */
export interface Measured {
  runs: { outcome: string; ms: number }[];
  /** The most memory there was, beyond what the process began with and the file itself. */
  peakBytes: number;
}

/** Why a reader refused; `answered` when it did not. */
function reading(read: (octets: Buffer) => unknown): (octets: Buffer) => string {
  return (octets) => {
    try {
      read(octets);
      return 'answered';
    } catch (error) {
      if (error instanceof PdfError) return error.code;
      if (error instanceof XmlError) return error.fault;
      return (error as Error).name;
    }
  };
}

/** The codes of the reasons of a question in the program's own form; see the README. */
async function verifyPath(octets: Buffer): Promise<string> {
  const answer = await commands['verify-path']!(JSON.parse(octets.toString()));
  const { reasons } = answer as { reasons: { code: string }[] };
  return [...new Set(reasons.map(({ code }) => code))].join(' ') || 'valid';
}

/** How many signatures of a PDF were judged: a question in the program's own form. */
async function verifyPdf(octets: Buffer): Promise<string> {
  const answer = await verifyPdfCommand(JSON.parse(octets.toString()));
  return `${(answer as { signatures: unknown[] }).signatures.length} signatures`;
}

const tasks = {
  'examine-pdf': reading(examinePdf),
  'prepare-pdf': reading((pdf) => prepareSignature(pdf)),
  'parse-xml': reading((octets) => parseXml(octets)),
  'read-certificate': reading((octets) => Certificate.read(octets)),
  'read-crl': reading((octets) => CertificateList.read(octets)),
  'read-ocsp': reading((octets) => OcspResponse.read(octets)),
  'verify-path': verifyPath,
  'verify-pdf': verifyPdf,
};
export type Task = keyof typeof tasks;

const startBytes = process.memoryUsage().rss;
const [path, ...names] = process.argv.slice(2);
const octets = readFileSync(path!);
const runs: Measured['runs'] = [];
for (const name of names as Task[]) {
  // Processor time, of all threads: what others do on the machine does not count.
  const start = process.cpuUsage();
  const outcome = await tasks[name](octets);
  const { user, system } = process.cpuUsage(start);
  runs.push({ outcome, ms: (user + system) / 1000 });
}
// Not maxRSS: a process begins with that of the one it was forked from.
const [, peakKb] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
const peakBytes = Number(peakKb) * 1024 - startBytes - octets.length;
process.stdout.write(JSON.stringify({ runs, peakBytes } satisfies Measured));
