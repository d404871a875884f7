import { Injectable } from '@nestjs/common';
import { type Allowance, Threads } from '@eoffice/platform/threads';

const megabyte = 1024 * 1024;

/** An honest document of so many octets takes a fraction of this. */
export function allowanceFor(octets: number): Allowance {
  const cpuMs = 800 + (octets / megabyte) * 20;
  return { cpuMs, wallMs: cpuMs * 6 };
}

/** Threads that read and judge signed documents. */
@Injectable()
export class Validators extends Threads {
  constructor() {
    super(new URL('./validate.mjs', import.meta.url));
  }
}
