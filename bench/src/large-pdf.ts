import { readFileSync } from 'node:fs';
import { signPdf } from '@eoffice/signing/pdf/sign/sign-pdf';
import { leader, signerOf } from '@eoffice/signing/pdf/testing/signers';

// A process that signs one large document, so that its memory is that of signing alone: the path of
// the document in, what it took out.

const pdf = readFileSync(process.argv[2]!);
const before = process.memoryUsage().rss;
const start = process.cpuUsage();
const { increment } = await signPdf(pdf, {}, signerOf(leader));
const { user, system } = process.cpuUsage(start);
const extra = (process.resourceUsage().maxRSS * 1024 - before) / (1024 * 1024);
process.stdout.write(
  JSON.stringify({ seconds: (user + system) / 1e6, megabytes: extra, octets: increment.length }),
);
