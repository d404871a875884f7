import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CmsSigner, LocalKey } from '@eoffice/signing/cms/sign-cms';
import { completeSignature, joined, prepareSignature } from '@eoffice/signing/pdf/sign/prepare';
import { signPdf, timestampPdf } from '@eoffice/signing/pdf/sign/sign-pdf';
import { addValidationData } from '@eoffice/signing/pdf/sign/validation-data';
import { makePdf, onePage, stream } from '@eoffice/signing/pdf/testing/made-pdf';
import * as papers from '@eoffice/signing/pdf/testing/signers';
import { crl } from '@eoffice/signing/testing/revocation';
import { diagnose } from '@eoffice/signing/validation/diagnose';
import { report } from '@eoffice/signing/validation/report';
import { reportXml } from '@eoffice/signing/validation/report-xml';
import { currentAlgorithms } from '@eoffice/signing/x509/algorithm-policy';
import { rateOf } from './rates.js';
import type { Row } from './rows.js';

const run = promisify(execFile);
const now = new Date('2026-06-15');
const signatures = 10;

/** A page and an attachment of so many octets that nothing compresses. */
const documentOf = (octets: number) =>
  makePdf({ ...onePage, 6: stream(Buffer.alloc(octets, 'a')) });

/** PAdES-B of 100 KB by an RSA key, all but reading and writing files. */
function small(bare: number): Row {
  const pdf = documentOf(100_000);
  const { certificate, keys } = papers.clerk;
  const key = new LocalKey(keys.privateKey, new CmsSigner({ certificate, chain: papers.chain }));
  const measured = rateOf(() => {
    const prepared = prepareSignature(pdf);
    const { digest } = prepared;
    completeSignature(prepared, key.sign({ content: { digest } }));
  });
  return {
    ...{ claim: 'PAdES-B of 100 KB, RSA-2048', measured, unit: 'signatures/s' },
    limit: { atLeast: 1_500 },
    note: `a second of processor time; the bare key makes ${Math.round(bare)}`,
  };
}

/** 100 MB, in a process of its own. */
async function large(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'eoffice-bench-pdf-'));
  try {
    const path = join(folder, 'large.pdf');
    await writeFile(path, documentOf(100 * 1024 * 1024));
    const program = fileURLToPath(new URL('./large-pdf.js', import.meta.url));
    const { stdout } = await run(process.execPath, [program, path]);
    const { seconds, megabytes } = JSON.parse(stdout) as { seconds: number; megabytes: number };
    const claim = 'a PDF of 100 MB signed';
    return [
      { claim, measured: seconds, unit: 's', limit: { atMost: 1 }, note: 'processor time' },
      {
        ...{ claim: `${claim}, memory beside it`, measured: megabytes, unit: 'MB' },
        limit: { atMost: 64 },
      },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Ten signatures, each with a time stamp, then what a later check needs, stamped (PAdES B-LTA). */
async function archived(): Promise<Buffer> {
  let pdf = makePdf(onePage);
  for (let at = 0; at < signatures; at++) {
    const signer = at % 2 === 0 ? papers.leader : papers.clerk;
    pdf = joined(await signPdf(pdf, {}, papers.stampingSignerOf(signer, new Date('2026-05-20'))));
  }
  const data = {
    certificates: papers.chain.map(({ bytes }) => bytes),
    crls: [crl(papers.root), crl(papers.authority)].map(({ bytes }) => bytes),
    ocspResponses: [],
  };
  const stored = joined(addValidationData(pdf, data));
  return joined(await timestampPdf(stored, {}, papers.stampAt(new Date('2026-06-10'))));
}

async function validated(): Promise<Row> {
  const pdf = await archived();
  const anchors = [{ certificate: papers.root.certificate.bytes.toString('base64') }];
  const policy = {
    name: 'bench',
    signers: [{ name: 'official-duty', anchors }],
    timeStamps: [{ name: 'time', anchors }],
    algorithms: currentAlgorithms,
    revocation: {
      ...{ signer: { required: true }, authorities: { required: true } },
      timeStamps: { required: false },
    },
    requires: [],
  };
  const perSecond = rateOf(() => {
    const facts = diagnose(pdf);
    const found = report(facts, policy, now);
    reportXml(found, facts);
    const passed = found.signatures.filter(({ indication }) => indication === 'TOTAL_PASSED');
    if (passed.length !== signatures) throw new Error(`${passed.length} signatures passed`);
  });
  return {
    claim: 'ten signatures with LTA data validated offline, with both reports',
    ...{ measured: 1000 / perSecond, unit: 'ms', limit: { atMost: 150 } },
    note: 'processor time',
  };
}

/** Whole documents; `bare` is how many signatures a second the key makes alone. */
export async function signingPdf(bare: number): Promise<Row[]> {
  return [small(bare), ...(await large()), await validated()];
}
