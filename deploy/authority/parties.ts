import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyPurposes } from '@eoffice/signing/oids';
import { Certificate } from '@eoffice/signing/x509/certificate';
import { issue, type Party, spkiOf, usages, type Wish } from './issuing.js';

const names = ['root', 'issuing', 'responder', 'stamper'] as const;

/** The four keys of the authority: root, issuing CA, OCSP responder and time-stamping authority. */
export type Parties = Record<(typeof names)[number], Party>;

/** Reads the keys and certificates, or makes them once: all of them, or none. */
export async function openParties(folder: string, url: string): Promise<Parties> {
  const place = join(folder, 'parties');
  const kept = await readParties(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (kept) return kept;
  const aside = join(folder, `parties-${randomUUID()}`);
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const made = makeParties(url);
  for (const name of names) {
    const { key, certificate } = made[name];
    const text = key.export({ format: 'pem', type: 'pkcs8' });
    await writeFile(join(aside, `${name}.key`), text, { mode: 0o600, flush: true });
    await writeFile(join(aside, `${name}.crt`), certificate.bytes, { flush: true });
  }
  // The folder appears with all that is in it; one that lacks a file cannot be the work of a crash.
  await rename(aside, place).catch(async (error) => {
    await rm(aside, { recursive: true, force: true });
    throw error;
  });
  return made;
}

async function readParties(place: string): Promise<Parties> {
  const read = async (name: string): Promise<Party> => ({
    key: createPrivateKey(await readFile(join(place, `${name}.key`))),
    certificate: Certificate.read(await readFile(join(place, `${name}.crt`))),
  });
  const [root, issuing, responder, stamper] = await Promise.all(names.map(read));
  return { root: root!, issuing: issuing!, responder: responder!, stamper: stamper! };
}

const organisation = 'eOffice';

function makeParties(url: string): Parties {
  const make = (commonName: string, wish: Omit<Wish, 'subject' | 'spki' | 'url'>, by?: Party) => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const whole = { ...wish, subject: { commonName, organisation }, spki: spkiOf(key), url };
    return { key, certificate: issue(whole, by ?? key) };
  };
  const ca = { usage: usages.ca };
  const ends = { days: 3_640, usage: usages.signature };
  const root = make('CA gốc (thử nghiệm)', { ...ca, days: 7_300, pathLength: 1 });
  const below = { ...ca, days: 3_650, pathLength: 0 };
  const issuing = make('CA cấp chứng thư (thử nghiệm)', below, root);
  const answering = { ...ends, unchecked: true, purposes: [keyPurposes.ocspSigning] };
  const responder = make('Trả lời trạng thái chứng thư (thử nghiệm)', answering, issuing);
  const stamping = { ...ends, onlyPurposes: true, purposes: [keyPurposes.timeStamping] };
  const stamper = make('Cấp dấu thời gian (thử nghiệm)', stamping, issuing);
  return { root, issuing, responder, stamper };
}
