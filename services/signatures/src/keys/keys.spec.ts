import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createPrivateKey, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, certificates, signingKeyMade, signingKeys } from '@eoffice/contracts';
import { CmsSigner } from '@eoffice/signing/cms/sign-cms';
import { issue } from '@eoffice/signing/testing/authority';
import { Database } from '@eoffice/platform/database';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { certificateOf } from '@eoffice/testing/certificates';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { requireProgram } from '@eoffice/testing/programs';
import { SignaturesModule } from '../signatures.module.js';
import { KeyVault } from './key-vault.js';
import { seal, unseal } from './sealing.js';

const openssl = requireProgram('openssl');
const passphrase = 'con trâu đi trước';
const settings = { SIGNING_SECRET: 'k'.repeat(40) };

const authority = issue({ subject: 'CN=CA (thử nghiệm)', ca: true });
/** A signer whose certificate has that public key. */
function signerOf(publicKey: KeyObject) {
  const { privateKey } = authority.keys;
  const kind = publicKey.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa';
  const keys = { publicKey, privateKey, scheme: { kind, digest: 'sha256' } } as const;
  return new CmsSigner(issue({ issuer: authority, keys }));
}

describe('software keys', () => {
  let house: House;
  let agency: Agency;
  let officer: Caller;
  let leader: Caller;
  let vault: KeyVault;
  let database: Database;
  const folder = mkdtempSync(join(tmpdir(), 'eoffice-keys-'));
  const path = (name: string) => join(folder, name);
  const client = () => house.client(signingKeys);
  const as = (role: 'leader' | 'clerk', permissions: string[]) =>
    house.as({
      ...{ personId: agency.people[role], organisationId: agency.organisationId, permissions },
    });
  const asked = () => ({
    ...{ holderKind: 'person' as const, agencyId: agency.organisationId },
    ...{ algorithm: 'ec-p256' as const, passphrase },
  });
  const register = (pem: string, holderId = agency.people.leader) =>
    house.client(certificates).register(
      {
        ...{ pem, holderKind: 'person', holderId, device: 'remote' },
        agencyId: agency.organisationId,
      },
      officer,
    );

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('signatures', SignaturesModule, settings);
    vault = app.get(KeyVault);
    database = app.get(Database);
    agency = await openAgency(house);
    officer = await house.as({ permissions: ['signatures.manage'], reach: 'bloc' });
    leader = await as('leader', ['signatures.sign']);
  });
  afterAll(async () => {
    await house.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are made for oneself by who signs, and for the agency by who applies its signature', async () => {
    expect(await problemOf(client().create(asked(), agency.callers.official))).toBe('forbidden');
    const key = await eventually(() => client().create(asked(), leader));
    expect(key).toMatchObject({ holderId: agency.people.leader, custodianId: leader.personId });
    expect(Object.keys(key)).not.toContain('sealed');
    writeFileSync(path('key.csr'), key.request!);
    const shown = ['-noout', '-verify', '-subject', '-nameopt', 'utf8,sep_comma_plus'];
    const said = execFileSync(openssl, ['req', '-in', path('key.csr'), ...shown], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(String(said)).toContain('CN=Lê Đức Anh');
    const agencys = { ...asked(), holderKind: 'agency' as const };
    expect(await problemOf(client().create(agencys, leader))).toBe('forbidden');
    const clerk = await as('clerk', ['signatures.sign', 'signatures.seal']);
    const sealing = await client().create({ ...agencys, algorithm: 'rsa-3072' }, clerk);
    expect(sealing).toMatchObject({ holderId: agency.organisationId, algorithm: 'rsa-3072' });
    await house.announced(signingKeyMade, 2);
  });

  it('take the certificate that was issued for them, of the same holder, and no other', async () => {
    const key = await client().create(asked(), leader);
    const other = await register(certificateOf('/CN=Lê Đức Anh', 365).pem);
    const { id, version } = key;
    const attach = (certificateId: string) =>
      client().attach({ id, version, certificateId }, leader);
    expect(await problemOf(attach(other.id))).toBe('signatures/not-the-key');
    writeFileSync(path('own.csr'), key.request!);
    const { key: caKey, pem: caPem } = certificateOf('/CN=CA (thử nghiệm)', 365);
    writeFileSync(path('ca.key'), caKey);
    writeFileSync(path('ca.pem'), caPem);
    const by = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial'];
    execFileSync(
      openssl,
      ['x509', '-req', '-in', path('own.csr'), ...by, '-out', path('own.pem')],
      { stdio: 'ignore' },
    );
    const own = await register(readFileSync(path('own.pem'), 'utf8'));
    expect(await attach(own.id)).toMatchObject({ certificateId: own.id, version: version + 1 });
    expect(await problemOf(attach(own.id))).toBe('changed');
  });

  it('open for their custodian with the passphrase, and lock after five wrong ones', async () => {
    const { id } = await client().create(asked(), leader);
    const [row, key] = await vault.open(id, { passphrase: passphrase.normalize('NFD') }, leader);
    const data = Buffer.from('Quyết định');
    const publicKey = createPublicKey({ key: row.spki, format: 'der', type: 'spki' });
    const made = await key.sign(data, signerOf(publicKey));
    expect(verify('sha256', data, publicKey, made)).toBe(true);
    expect(await problemOf(vault.open(id, { passphrase }, agency.callers.clerk))).toBe('not-found');
    for (let guess = 0; guess < 5; guess++) {
      const wrong = await problemOf(vault.open(id, { passphrase: 'sai mật khẩu rồi' }, leader));
      expect(wrong).toBe('signatures/wrong-passphrase');
    }
    expect(await problemOf(vault.open(id, { passphrase }, leader))).toBe('signatures/key-locked');
  });

  it('open neither with the passphrase alone nor with the secret alone, nor when changed', async () => {
    const [octets, bound] = [Buffer.from('octets'), Buffer.from('bound')];
    const sealed = await seal('secret', passphrase, octets, bound);
    expect(await unseal('secret', passphrase, sealed, bound)).toEqual(octets);
    expect(await unseal('another', passphrase, sealed, bound)).toBeUndefined();
    expect(await unseal('secret', 'another', sealed, bound)).toBeUndefined();
    expect(await unseal('secret', passphrase, sealed, Buffer.from('other'))).toBeUndefined();
  });

  it('come in from PKCS #12 when they are those of the registered certificate', async () => {
    const { pem, key } = certificateOf('/CN=Lê Đức Anh', 365);
    const { id: certificateId } = await register(pem);
    writeFileSync(path('in.key'), key);
    writeFileSync(path('in.pem'), pem);
    const pack = (...more: string[]) => {
      const parts = ['-export', '-inkey', path('in.key'), '-in', path('in.pem')];
      return execFileSync(openssl, ['pkcs12', ...parts, '-passout', 'pass:tep', ...more]);
    };
    const take = (file: Buffer, pkcs12Password = 'tep', id = certificateId) =>
      client().import(
        {
          ...{ certificateId: id, pkcs12: file.toString('base64'), pkcs12Password, passphrase },
        },
        leader,
      );
    expect(await problemOf(take(pack(), 'sai'))).toBe('signatures/unreadable-key');
    expect(await problemOf(take(Buffer.from('nonsense')))).toBe('signatures/unreadable-key');
    const old = pack('-legacy', '-keypbe', 'PBE-SHA1-3DES');
    await expect(take(old)).rejects.toMatchObject({ type: 'signatures/unreadable-key' });
    const another = await register(certificateOf('/CN=Lê Đức Anh', 365).pem);
    expect(await problemOf(take(pack(), 'tep', another.id))).toBe('signatures/not-the-key');
    const taken = await take(pack());
    expect(taken).toMatchObject({ certificateId, algorithm: 'rsa' });
    expect(await problemOf(take(pack()))).toBe('conflict');
    const [, opened] = await vault.open(taken.id, { passphrase }, leader);
    const publicKey = createPublicKey(createPrivateKey(key));
    const data = Buffer.from('Quyết định');
    const made = await opened.sign(data, signerOf(publicKey));
    expect(verify('sha256', data, publicKey, made)).toBe(true);
  });

  it('are listed to who keeps them, and destroyed for ever', async () => {
    const { items } = await client().list({}, leader);
    expect(items.length).toBeGreaterThan(2);
    const clerk = await as('clerk', ['signatures.sign']);
    const others = await client().list({}, clerk);
    expect(others.items.map(({ holderKind }) => holderKind)).toEqual(['agency']);
    const { id, version } = items[0]!;
    expect(await client().destroy({ id, version }, leader)).toHaveProperty('destroyedAt');
    expect(await problemOf(vault.open(id, { passphrase }, leader))).toBe('not-found');
    const kept = 'select sealed from signing_key where id = $1';
    expect(await database.query(kept, [id])).toEqual([{ sealed: null }]);
  });
});
