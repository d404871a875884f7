import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Certificate } from '../x509/certificate.js';
import type { Party } from './authority.js';

const run = promisify(execFile);

/** What the real program said, and whether it was content. */
export interface Answer {
  ok: boolean;
  text: string;
}

/** A folder of its own in which the `openssl` program works on our files. */
export class OpenSsl {
  readonly folder = mkdtempSync(join(tmpdir(), 'signing-'));

  close() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, bytes: Uint8Array | string): string {
    writeFileSync(this.path(name), bytes);
    return this.path(name);
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  /** Certificates in PEM, in one file. */
  certificates(name: string, certificates: readonly Certificate[]): string {
    return this.write(name, certificates.map(({ bytes }) => pem('CERTIFICATE', bytes)).join(''));
  }

  key(name: string, { keys }: Party): string {
    return this.write(name, keys.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  }

  /** Runs the program in its folder; failing is an answer too. */
  async ask(...parameters: string[]): Promise<Answer> {
    try {
      const { stdout, stderr } = await run('openssl', parameters, {
        cwd: this.folder,
        timeout: 20_000,
      });
      return { ok: true, text: stdout + stderr };
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return { ok: false, text: stdout + stderr };
    }
  }
}

export function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
