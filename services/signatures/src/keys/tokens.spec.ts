import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Problem, type SigningKey, signing, signingKeys } from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { Database } from '@eoffice/platform/database';
import { ecKeys, rsaKeys } from '@eoffice/signing/testing/authority';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { requireProgram } from '@eoffice/testing/programs';
import { type Registered, SigningOffice } from '@eoffice/testing/signing-office';
import { SignaturesModule } from '../signatures.module.js';
import { Tokens } from './tokens.js';

const run = promisify(execFile);
const passphrase = 'con trâu đi trước';
const pin = '246813';
const label = 'HSM thử';
const includes = fileURLToPath(
  new URL('../../../../node_modules/pkcs11js/includes', import.meta.url),
);
const softHsm = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm.so',
].find((path) => existsSync(path));

/** SoftHSM with a fault in the middle of signing, as a file says: unplugged, hanging, crashing. */
const faultyModule = (faults: string) => `
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <dlfcn.h>
#include <pkcs11/pkcs11.h>
static CK_FUNCTION_LIST list, *real;
static CK_RV faulty(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length,
                    CK_BYTE_PTR signature, CK_ULONG_PTR room) {
  FILE *file = fopen("${faults}", "r");
  int fault = file ? fgetc(file) : 0;
  if (file) fclose(file);
  if (fault == 'u') return CKR_DEVICE_REMOVED;
  if (fault == 'h') sleep(60);
  if (fault == 'c') abort();
  CK_RV result = real->C_Sign(session, data, length, signature, room);
  if (fault == 'w' && signature) signature[*room - 1] ^= 1;
  return result;
}
CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR functions) {
  CK_RV (*get)(CK_FUNCTION_LIST_PTR_PTR) = dlsym(dlopen("${softHsm}", RTLD_NOW), "C_GetFunctionList");
  CK_RV result = get(&real);
  list = *real;
  list.C_Sign = faulty;
  *functions = &list;
  return result;
}
`;

describe('keys on tokens and HSMs', () => {
  let house: House;
  let office: SigningOffice;
  let database: Database;
  let tokens: Tokens;
  const folder = mkdtempSync(join(tmpdir(), 'eoffice-tokens-'));
  const path = (name: string) => join(folder, name);
  const faults = path('faults');
  const client = () => house.client(signingKeys);
  let objects = 0;

  // The environment of specs is not that of the process they run in.
  const softHsmUtil = (...parameters: string[]) =>
    execFileSync(requireProgram('softhsm2-util'), parameters, { env: process.env });
  function initialised(token: string, userPin: string, ...which: string[]) {
    const slot = which.length > 0 ? [...which, token] : ['--free'];
    const rest = ['--label', token, '--pin', userPin, '--so-pin', '13572468'];
    softHsmUtil('--init-token', ...slot, ...rest);
  }

  /** Puts a key on the token, as whoever sets up an HSM does. */
  function imported({ keys }: Pick<Registered, 'keys'>, token = label) {
    const pem = keys.privateKey.export({ format: 'pem', type: 'pkcs8' });
    writeFileSync(path('key.pem'), pem);
    const id = (++objects).toString(16).padStart(4, '0');
    const which = ['--token', token, '--label', `key ${id}`, '--id', id, '--pin', pin];
    softHsmUtil('--import', path('key.pem'), ...which);
  }
  const connect = (certificateId: string, more: object = {}, caller = office.leader) =>
    client().connect({ certificateId, token: label, pin, passphrase, ...more }, caller);
  async function connected(keys = ecKeys()): Promise<SigningKey> {
    const own = await office.certificateFor('leader', { keys });
    imported(own);
    return connect(own.id);
  }
  const signWith = (documentId: string, keyId: string) =>
    eventually(() =>
      house
        .client(signing)
        .sign({ kind: 'personal', documentId, keyId, passphrase }, office.leader),
    );
  /** What a signature comes to that is not made, once the document is known. */
  const refusal = (documentId: string, keyId: string, secret = passphrase) =>
    eventually(async () => {
      const wanted = { kind: 'personal', documentId, keyId, passphrase: secret } as const;
      const answer = house.client(signing).sign(wanted, office.leader);
      const problem = await answer.then(
        () => undefined,
        (error: Problem) => error,
      );
      if (problem?.type === 'not-found') throw problem;
      return problem;
    });
  const signatures = (documentId: string) =>
    database.query<unknown[]>('select 1 from signature where draft_id = $1', [documentId]);

  beforeAll(async () => {
    mkdirSync(path('tokens'));
    writeFileSync(path('softhsm2.conf'), `directories.tokendir = ${path('tokens')}\n`);
    process.env.SOFTHSM2_CONF = path('softhsm2.conf');
    initialised(label, pin);
    writeFileSync(path('faulty.c'), faultyModule(faults));
    const shared = ['-shared', '-fPIC', `-I${includes}`, path('faulty.c'), '-ldl'];
    execFileSync('cc', [...shared, '-o', path('faulty.so')]);
    house = await House.open();
    const app = await house.start('signatures', SignaturesModule, {
      ...{ SIGNING_SECRET: 'k'.repeat(40), PKCS11_MODULE: path('faulty.so') },
      ...{ PKCS11_TIMEOUT_MS: '2000', PKCS11_PIN: pin },
    });
    database = app.get(Database);
    tokens = app.get(Tokens);
    office = await SigningOffice.open(house);
    await office.addStamper('/tsa', 1, 20);
  });
  afterAll(async () => {
    await office?.close();
    await house?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['RSA', rsaKeys()],
    ['P-256', ecKeys()],
    ['P-384', ecKeys('P-384', 'sha384')],
  ])('sign documents that others find valid: %s', async (_, keys) => {
    const key = await connected(keys);
    expect(key).toMatchObject({ token: label, holderId: office.agency.people.leader });
    expect(JSON.stringify(key)).not.toContain(pin);
    const { id } = await office.document();
    const made = await signWith(id, key.id);
    expect(made).toMatchObject({ state: 'signed', level: 'B-T' });
    const store = new LocalFileStore(house.filesFolder);
    writeFileSync(path('signed.pdf'), await buffer(await store.open(made.sha256!)));
    const { stdout } = await run(requireProgram('pdfsig'), ['-nocert', path('signed.pdf')]);
    expect(stdout).toContain('Signature is Valid.');
    expect(stdout).toContain('Total document signed');
  });

  it('take the PIN of the settings where their keepers know none', async () => {
    const own = await office.certificateFor('leader');
    imported(own);
    const key = await connect(own.id, { pin: undefined });
    expect(await signWith((await office.document()).id, key.id)).toMatchObject({ state: 'signed' });
  });

  it('are connected by who keeps them, once, and only when they are on the token', async () => {
    const own = await office.certificateFor('leader');
    expect(await problemOf(connect(own.id))).toBe('signatures/not-the-key');
    imported(own);
    expect(await problemOf(connect(own.id, {}, office.clerk))).toBe('not-found');
    expect(await problemOf(connect(own.id, { pin: '999999' }))).toBe('signatures/pin-refused');
    const elsewhere = connect(own.id, { token: 'không có' });
    expect(await problemOf(elsewhere)).toBe('signatures/token-unavailable');
    await connect(own.id);
    expect(await problemOf(connect(own.id))).toBe('conflict');
  });

  it.each([
    ['unplugged', 'u'],
    ['hanging', 'h'],
    ['crashing', 'c'],
    ['lying', 'w'],
  ])('that are %s in the middle of signing leave nothing half signed', async (_, fault) => {
    const key = await connected();
    const { id } = await office.document();
    writeFileSync(faults, fault);
    try {
      const unavailable = { type: 'signatures/token-unavailable', status: 503 };
      expect(await refusal(id, key.id)).toMatchObject(unavailable);
    } finally {
      rmSync(faults);
    }
    expect(await signatures(id)).toEqual([]);
    expect(await signWith(id, key.id)).toMatchObject({ state: 'signed' });
  });

  it('that are gone answer as soon as they are back', async () => {
    const key = await connected();
    const { id } = await office.document();
    renameSync(path('tokens'), path('pulled'));
    mkdirSync(path('tokens'));
    expect(await refusal(id, key.id)).toHaveProperty('type', 'signatures/token-unavailable');
    rmSync(path('tokens'), { recursive: true });
    renameSync(path('pulled'), path('tokens'));
    expect(await signWith(id, key.id)).toMatchObject({ state: 'signed' });
  });

  it('never hear a wrong passphrase, and are not asked again with a PIN they refused', async () => {
    initialised('HSM đổi PIN', pin);
    const own = await office.certificateFor('leader');
    imported(own, 'HSM đổi PIN');
    const { id: keyId } = await connect(own.id, { token: 'HSM đổi PIN' });
    const { id } = await office.document();
    const wrong = await refusal(id, keyId, 'sai mật khẩu rồi');
    expect(wrong).toHaveProperty('type', 'signatures/wrong-passphrase');
    initialised('HSM đổi PIN', '975310', '--token');
    expect(await refusal(id, keyId)).toHaveProperty('type', 'signatures/pin-refused');
    expect(await refusal(id, keyId)).toHaveProperty('type', 'signatures/key-locked');
    expect(await signatures(id)).toEqual([]);
  });

  it('sign with RSASSA-PSS too', async () => {
    const own = await office.certificateFor('leader', { keys: rsaKeys() });
    imported(own);
    const { certificate } = own;
    const scheme = {
      kind: 'rsa-pss',
      digest: 'sha256',
      maskDigest: 'sha256',
      saltLength: 32,
    } as const;
    const objectId = await tokens.find(label, pin, certificate.spki.whole);
    const key = { token: label, objectId: objectId! };
    const made = await tokens.sign(key, pin, Buffer.from('x'), { scheme, certificate });
    expect(certificate.publicKey.verifies(scheme, Buffer.from('x'), made)).toBe(true);
  });
});
