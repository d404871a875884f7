import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requireProgram } from '@eoffice/testing/programs';
import { freePort } from '../local/ports.js';
import { startAuthority } from './authority.js';

const openssl = requireProgram('openssl');
const token = 'm'.repeat(24);

describe('the authority for development and tests', () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  let authority: Awaited<ReturnType<typeof startAuthority>>;
  const path = (name: string) => join(folder, name);
  /** What OpenSSL said, content or not. */
  const run = async (...parameters: string[]) => {
    const options = { cwd: folder, timeout: 10_000 };
    const said = await promisify(execFile)(openssl, parameters, options).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    return said.stdout + said.stderr;
  };
  const send = (place: string, body: string | Uint8Array, bearer = token) =>
    fetch(authority.url + place, {
      ...{ method: 'POST', body: Buffer.from(body) },
      headers: { authorization: `Bearer ${bearer}` },
    });
  const fetched = async (place: string) =>
    Buffer.from(await (await fetch(authority.url + place)).arrayBuffer());

  /** A key and a request as somebody's own program makes them, and the certificate for it. */
  async function certified(name: string, subject = `/O=Sở Nội vụ/CN=${name}`): Promise<string> {
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-utf8'];
    const files = ['-keyout', path(`${name}.key`), '-out', path(`${name}.csr`)];
    await run('req', ...made, ...files, '-subj', subject);
    const reply = await send('/certificates', await readFile(path(`${name}.csr`)));
    expect(reply.status).toBe(201);
    const { certificate, serial } = (await reply.json()) as Record<string, string>;
    await writeFile(path(`${name}.pem`), certificate!);
    return serial!;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eoffice-authority-'));
    environment = {
      ...{ AUTHORITY_FOLDER: path('authority'), AUTHORITY_PORT: String(await freePort()) },
      ...{ AUTHORITY_TOKEN: token, LOG_LEVEL: 'silent' },
    };
    authority = await startAuthority(environment);
    for (const name of ['root', 'issuing']) {
      await writeFile(path(`${name}.der`), await fetched(`/${name}.crt`));
      await run('x509', '-inform', 'DER', '-in', `${name}.der`, '-out', `${name}.pem`);
    }
  });
  afterAll(async () => {
    await authority?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** CRLs of both CAs in one file, as OpenSSL reads them. */
  async function lists() {
    const texts: Buffer[] = [];
    for (const name of ['root', 'issuing']) {
      await writeFile(path('list.der'), await fetched(`/${name}.crl`));
      const signed = ['-CAfile', 'root.pem', '-CAfile', `${name}.pem`];
      const read = ['crl', '-inform', 'DER', '-in', 'list.der', '-out', 'list.pem'];
      expect(await run(...read, ...signed)).toContain('verify OK');
      texts.push(await readFile(path('list.pem')));
    }
    await writeFile(path('crls.pem'), Buffer.concat(texts));
  }
  const verify = (name: string) =>
    run(
      ...['verify', '-x509_strict', '-crl_check_all', '-CRLfile', 'crls.pem'],
      ...['-CAfile', 'root.pem', '-untrusted', 'issuing.pem', `${name}.pem`],
    );
  const status = (name: string) =>
    run(
      ...['ocsp', '-issuer', 'issuing.pem', '-cert', `${name}.pem`],
      ...['-url', `${authority.url}/ocsp`, '-CAfile', 'root.pem', '-verify_other', 'issuing.pem'],
    );

  it('issues what OpenSSL verifies, to who knows the token and holds the key', async () => {
    await certified('an');
    await lists();
    expect(await verify('an')).toContain('an.pem: OK');
    const request = await readFile(path('an.csr'));
    expect((await send('/certificates', request, 'somebody')).status).toBe(401);
    const der = Buffer.from(String(request).split('\n').slice(1, -2).join(''), 'base64');
    der[der.length - 1]! ^= 1;
    expect((await send('/certificates', der)).status).toBe(400);
    expect((await send('/certificates', 'x'.repeat(70_000))).status).toBe(413);
  });

  it('says in every subject that it is for tests', async () => {
    await certified('binh', '/O=UBND xã/CN=Trần Thị Bình');
    const shown = ['-noout', '-subject', '-nameopt', 'utf8,sep_comma_plus'];
    for (const name of ['root', 'issuing', 'binh']) {
      expect(await run('x509', '-in', `${name}.pem`, ...shown)).toContain('(thử nghiệm)');
    }
  });

  it('tells by OCSP and CRL what is good, revoked and unknown', async () => {
    const serial = await certified('dung');
    expect(await status('dung')).toContain('dung.pem: good');
    expect(await status('dung')).toContain('Response verify OK');
    expect((await send('/revocations', JSON.stringify({ serial, reason: 1 }))).status).toBe(200);
    expect(await status('dung')).toMatch(/dung\.pem: revoked[\s\S]*Reason: keyCompromise/);
    await lists();
    expect(await verify('dung')).toContain('certificate revoked');
    expect((await send('/revocations', JSON.stringify({ serial: '00' }))).status).toBe(404);
    await run('req', '-new', '-x509', '-key', 'dung.key', '-subj', '/CN=x', '-out', 'other.pem');
    expect(await status('other')).toContain('other.pem: unknown');
    const broken = await send('/ocsp', 'nonsense');
    expect([...new Uint8Array(await broken.arrayBuffer())]).toEqual([0x30, 3, 0x0a, 1, 1]);
  });

  it('stamps the time as RFC 3161 says, and rejects what is no request', async () => {
    await writeFile(path('content'), 'Quyết định');
    await run('ts', '-query', '-data', 'content', '-sha256', '-cert', '-out', 'query.tsq');
    const reply = await send('/tsa', await readFile(path('query.tsq')));
    await writeFile(path('reply.tsr'), Buffer.from(await reply.arrayBuffer()));
    const trusted = ['-CAfile', 'root.pem', '-untrusted', 'issuing.pem'];
    const proof = ['-queryfile', 'query.tsq', '-in', 'reply.tsr'];
    expect(await run('ts', '-verify', ...proof, ...trusted)).toContain('Verification: OK');
    const refused = await (await send('/tsa', 'nonsense')).arrayBuffer();
    await writeFile(path('refused.tsr'), Buffer.from(refused));
    expect(await run('ts', '-reply', '-in', 'refused.tsr', '-text')).toContain('Rejected');
  });

  it('keeps keys, certificates and revocations over a crash in the middle of a line', async () => {
    const serial = await certified('giang');
    await send('/revocations', JSON.stringify({ serial, reason: 4 }));
    const root = await fetched('/root.crt');
    await authority.stop();
    const journal = join(path('authority'), 'register.jsonl');
    await writeFile(journal, '{"serial":"cut sh', { flag: 'a' });
    authority = await startAuthority(environment);
    expect(await fetched('/root.crt')).toEqual(root);
    expect(await status('giang')).toContain('giang.pem: revoked');
    await certified('hoa');
    expect(await status('hoa')).toContain('hoa.pem: good');
    expect(await readdir(path('authority'))).toEqual(['parties', 'register.jsonl']);
  });
});
