import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that specs compare ours with, and the Debian package each comes in. */
const packages = {
  openssl: 'openssl',
  pdfsig: 'poppler-utils',
  qpdf: 'qpdf',
  xmllint: 'libxml2-utils',
  xmlsec1: 'xmlsec1',
  'softhsm2-util': 'softhsm2',
};

/** The path of a program, or an error that says in one sentence what to install. */
export function requireProgram(name: keyof typeof packages): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`This spec needs ${name}: install the Debian package ${packages[name]}.`);
}
