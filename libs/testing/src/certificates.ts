import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A self-signed certificate as a real authority's tool makes it, for servers by name: with key and SHA-256. */
export function certificateOf(subject: string, days: number, hosts: string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'eoffice-certificate-'));
  try {
    const [key, pem] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const made = ['-newkey', 'rsa:2048', '-nodes', '-utf8', '-keyout', key, '-out', pem];
    const names = hosts.map((host) => `DNS:${host}`).join(',');
    const said = ['-days', String(days), '-subj', subject];
    if (names) said.push('-addext', `subjectAltName=${names}`);
    execFileSync('openssl', ['req', '-x509', ...made, ...said], { stdio: 'ignore' });
    const shown = ['x509', '-in', pem, '-noout', '-fingerprint', '-sha256'];
    const [, fingerprint] = execFileSync('openssl', shown).toString().split('=');
    return {
      pem: readFileSync(pem, 'utf8'),
      key: readFileSync(key, 'utf8'),
      fingerprint: fingerprint!.trim().replaceAll(':', '').toLowerCase(),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
