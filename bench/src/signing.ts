import { execFile } from 'node:child_process';
import { sign } from 'node:crypto';
import { promisify } from 'node:util';
import { checkSigner, Content } from '@eoffice/signing/cms/check-signer';
import { CmsSigner, LocalKey } from '@eoffice/signing/cms/sign-cms';
import { SignedData } from '@eoffice/signing/cms/signed-data';
import { ecKeys, issue, type Keys, rsaKeys } from '@eoffice/signing/testing/authority';
import { crl } from '@eoffice/signing/testing/revocation';
import { Certificate } from '@eoffice/signing/x509/certificate';
import { CertificateCache } from '@eoffice/signing/x509/certificate-cache';
import { CertificateList } from '@eoffice/signing/x509/crl';
import { Revocation } from '@eoffice/signing/x509/revocation';
import { anchorOf } from '@eoffice/signing/x509/trust-anchor';
import { verifyPath } from '@eoffice/signing/x509/verify-path';
import { medianOf, rateOf, roundOf } from './rates.js';
import type { Row } from './rows.js';
import { signingPdf } from './signing-pdf.js';

const run = promisify(execFile);
const time = new Date('2026-06-01');
const content = Buffer.from('Quyết định ban hành kèm theo…');
interface Speed {
  sign: number;
  verify: number;
}

/** What the OpenSSL program does on this machine with the same kind of key, per second. */
async function opensslSpeed(algorithm: 'rsa2048' | 'ecdsap256'): Promise<Speed> {
  const { stdout } = await run('openssl', ['speed', '-seconds', '1', algorithm]);
  const [sign, verify] = stdout
    .trim()
    .split('\n')
    .at(-1)!
    .trim()
    .split(/\s+/)
    .slice(-2)
    .map(Number);
  if (!sign || !verify) throw new Error(`openssl speed says something new: ${stdout}`);
  return { sign, verify };
}

const turns = 5;

/** Signatures of CMS, built and read, in turns with the bare operation of the key. */
async function signatures(name: string, algorithm: 'rsa2048' | 'ecdsap256', keys: Keys) {
  const root = issue({ ca: true });
  const authority = issue({ issuer: root, ca: true });
  const { certificate } = issue({ issuer: authority, keys });
  const signer = new CmsSigner({ certificate, chain: [authority.certificate] });
  const key = new LocalKey(keys.privateKey, signer);
  const cms = key.sign({ content, attached: true });
  const cache = new CertificateCache();
  const works = {
    bare: () => sign('sha256', content, keys.privateKey),
    sign: () => key.sign({ content, signingTime: time }),
    verify: () => mustBeSound(SignedData.read(cms, cache)),
  };
  for (const work of Object.values(works)) roundOf(work);
  const found: { openssl: Speed; own: Record<keyof typeof works, number> }[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const openssl = await opensslSpeed(algorithm);
    const own = { bare: roundOf(works.bare), sign: roundOf(works.sign), verify: 0 };
    found.push({ openssl, own: { ...own, verify: roundOf(works.verify) } });
  }
  const beside = (claim: string, work: keyof typeof works, atLeast?: number): Row => {
    const of = work === 'verify' ? 'verify' : 'sign';
    const own = medianOf(found.map((turn) => turn.own[work]));
    const openssl = medianOf(found.map((turn) => turn.openssl[of]));
    return {
      claim: `${claim}, ${name}, beside openssl speed`,
      measured: medianOf(found.map((turn) => turn.own[work] / turn.openssl[of])),
      unit: 'times',
      ...(atLeast !== undefined && { limit: { atLeast } }),
      note: `${Math.round(own)} beside ${Math.round(openssl)} a second of processor time`,
    };
  };
  const [ofSigning, ofVerifying] = algorithm === 'rsa2048' ? [0.9, 0.5] : [0.4, 0.7];
  return [
    beside('CMS signed and encoded', 'sign', ofSigning),
    beside('CMS parsed and verified', 'verify', ofVerifying),
    // What the runtime leaves of the speed of a key before we do anything.
    beside('the key alone in Node', 'bare'),
  ];
}

function mustBeSound(signed: SignedData) {
  const [signer] = signed.signers;
  const failures = checkSigner(signer!, {
    certificate: signed.certificateOf(signer!)!,
    content: new Content(signed.content!),
    contentType: signed.contentType,
    digestAlgorithms: signed.digestAlgorithms,
    time,
    bound: true,
  });
  if (failures.length > 0) throw new Error(`not sound: ${failures[0]!.code}`);
}

/** A path of three certificates with the CRLs of both authorities: read anew, and known already. */
function paths(): Row[] {
  const keys = () => rsaKeys();
  const root = issue({ ca: true, keys: keys() });
  const authority = issue({ issuer: root, ca: true, keys: keys() });
  const target = issue({ issuer: authority, keys: keys() });
  const lists = [crl(root), crl(authority)];
  const copies = [target, authority, root].map(({ certificate }) => Buffer.from(certificate.bytes));
  const listCopies = lists.map(({ bytes }) => Buffer.from(bytes));
  const cold = rateOf(() => {
    const [end, middle, top] = copies.map((bytes) => Certificate.read(bytes));
    mustBeValid(
      end!,
      middle!,
      top!,
      listCopies.map((bytes) => CertificateList.read(bytes)),
    );
  });
  const cached = rateOf(() =>
    mustBeValid(target.certificate, authority.certificate, root.certificate, lists),
  );
  return [
    {
      ...{ claim: 'path of 3 with 2 CRLs, RSA-2048, read anew', measured: cold, unit: 'paths/s' },
      limit: { atLeast: 2_000 },
    },
    {
      ...{ claim: 'path of 3 with 2 CRLs, known already', measured: cached, unit: 'paths/s' },
      limit: { atLeast: 20_000 },
    },
  ];
}

function mustBeValid(
  target: Certificate,
  authority: Certificate,
  root: Certificate,
  crls: CertificateList[],
) {
  const requirements = { time };
  const { failures } = verifyPath(target, {
    certificates: [authority],
    anchors: [anchorOf(root)],
    requirements,
    revocation: new Revocation({ crls }, requirements),
  });
  if (failures.length > 0) throw new Error(`not valid: ${failures[0]!.code}`);
}

/** Fifty authorities that have certified each other, and a way out that is closed. */
function maze(): Row {
  const parties = Array.from({ length: 50 }, (_, at) => issue({ subject: `CN=${at}`, ca: true }));
  const crossed = parties.flatMap((issuer) =>
    parties
      .filter((one) => one !== issuer)
      .map(({ name, keys }) => issue({ subject: name, keys, issuer, ca: true })),
  );
  const trusted = issue({ ca: true });
  const { name, keys } = parties[0]!;
  const closed = issue({ subject: name, keys, issuer: trusted, ca: true, to: '2021-01-01' });
  const target = issue({ issuer: parties[49]! });
  const bytes = [...crossed, closed].map(({ certificate }) => certificate.bytes);
  const start = process.cpuUsage();
  const { failures } = verifyPath(Certificate.read(target.certificate.bytes), {
    certificates: bytes.map((one) => Certificate.read(one)),
    anchors: [anchorOf(trusted.certificate)],
    requirements: { time },
  });
  const { user, system } = process.cpuUsage(start);
  if (failures[0]?.code !== 'work-limit') throw new Error('a way out of the maze');
  return {
    claim: 'a maze of 2,451 certificates is given up',
    measured: (user + system) / 1e6,
    unit: 's',
    limit: { atMost: 1 },
  };
}

/** Measures the signing library beside what it rests on, in one run. */
export async function signing(): Promise<Row[]> {
  return [
    ...(await signatures('RSA-2048', 'rsa2048', rsaKeys())),
    ...(await signatures('P-256', 'ecdsap256', ecKeys())),
    ...paths(),
    maze(),
    ...(await signingPdf((await opensslSpeed('rsa2048')).sign)),
  ];
}
