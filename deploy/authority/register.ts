import { open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from '@eoffice/signing/x509/certificate';

interface Line {
  serial: string;
  subject?: string;
  notAfter?: string;
  revokedAt?: string;
  reason?: number;
}

/** What is known of a certificate that was issued, by the hexadecimal of its serial number. */
export interface Issued {
  serial: string;
  revoked?: { at: Date; reason?: number };
}

/** Everything that was issued and revoked: a line each, on the disk before anybody is told. */
export class Register {
  private readonly issued = new Map<string, Issued>();
  private writing: Promise<unknown> = Promise.resolve();

  private constructor(private readonly file: string) {}

  static async open(folder: string): Promise<Register> {
    const register = new Register(join(folder, 'register.jsonl'));
    const text = await readFile(register.file, 'utf8').catch(() => '');
    // A line that a crash has cut short was never told to anybody.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await truncate(register.file, Buffer.byteLength(whole));
    for (const line of whole.split('\n').filter(Boolean)) register.take(JSON.parse(line) as Line);
    return register;
  }

  find(serial: string): Issued | undefined {
    return this.issued.get(serial);
  }

  get revoked(): Issued[] {
    return [...this.issued.values()].filter(({ revoked }) => revoked);
  }

  keep({ serial, subject, notAfter }: Certificate): Promise<void> {
    return this.write({
      ...{ serial: serial.toString('hex'), subject: subject.toString() },
      notAfter: notAfter.toISOString(),
    });
  }

  /** Whether it was issued here; one that was revoked before stays as it is. */
  async revoke(serial: string, reason?: number): Promise<boolean> {
    const known = this.issued.get(serial);
    if (!known) return false;
    if (!known.revoked) await this.write({ serial, revokedAt: new Date().toISOString(), reason });
    return true;
  }

  private take({ serial, revokedAt, reason }: Line) {
    const revoked = revokedAt ? { at: new Date(revokedAt), reason } : undefined;
    this.issued.set(serial, { serial, revoked });
  }

  private write(line: Line): Promise<void> {
    const next = this.writing.then(async () => {
      const handle = await open(this.file, 'a', 0o600);
      try {
        await handle.write(`${JSON.stringify(line)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      this.take(line);
    });
    this.writing = next.catch(() => {});
    return next;
  }
}
