import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Party } from '../testing/authority.js';

/** What specs of XML signatures share: xmlsec1 in a folder of its own, and templates for it. */

export const c14n = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
export const c14n11 = 'http://www.w3.org/2006/12/xml-c14n11';
export const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const dsig = 'http://www.w3.org/2000/09/xmldsig#';
export const more = 'http://www.w3.org/2001/04/xmldsig-more#';
export const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
export const enveloped = `${dsig}enveloped-signature`;

export interface ReferenceWish {
  uri?: string;
  /** Identifiers, or whole ds:Transform elements. */
  transforms?: string[];
  digest?: string;
  type?: string;
}

export interface TemplateWish {
  canonicalization?: string;
  method?: string;
  references?: ReferenceWish[];
  keyInfo?: string;
  objects?: string;
}

/** A ds:Signature with empty values, for xmlsec1 to fill. */
export function template(wish: TemplateWish = {}): string {
  const { canonicalization = exclusive, method = `${more}rsa-sha256` } = wish;
  const references = wish.references ?? [{ uri: '', transforms: [enveloped] }];
  const methodElement = method.startsWith('<')
    ? method
    : `<SignatureMethod Algorithm="${method}"></SignatureMethod>`;
  return (
    `<Signature xmlns="${dsig}"><SignedInfo>\n` +
    `<CanonicalizationMethod Algorithm="${canonicalization}"/>${methodElement}\n` +
    references.map(referenceTemplate).join('\n') +
    `</SignedInfo>\n<SignatureValue></SignatureValue>\n` +
    `<KeyInfo>${wish.keyInfo ?? '<X509Data/>'}</KeyInfo>${wish.objects ?? ''}</Signature>`
  );
}

function referenceTemplate({ uri, transforms = [], digest = sha256, type }: ReferenceWish): string {
  const list = transforms.map((one) =>
    one.startsWith('<') ? one : `<Transform Algorithm="${one}"/>`,
  );
  return (
    `<Reference${uri === undefined ? '' : ` URI="${uri}"`}${type ? ` Type="${type}"` : ''}>` +
    (list.length > 0 ? `<Transforms>${list.join('')}</Transforms>` : '') +
    `<DigestMethod Algorithm="${digest}"/><DigestValue></DigestValue></Reference>`
  );
}

/** xmlsec1 with the keys of a party, in a folder that is gone afterwards. */
export class Xmlsec {
  private readonly folder = mkdtempSync(join(tmpdir(), 'eoffice-xmlsec-'));
  readonly keyFile = join(this.folder, 'key.pem');
  readonly certificateFile = join(this.folder, 'certificate.pem');
  private readonly secretFile = join(this.folder, 'secret');

  constructor(
    private readonly program: string,
    party: Party,
    readonly secret = Buffer.from('a secret of more than sixteen octets'),
  ) {
    const { privateKey } = party.keys;
    writeFileSync(this.keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const base64 = party.certificate.bytes.toString('base64');
    const pem = `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
    writeFileSync(this.certificateFile, pem);
    writeFileSync(this.secretFile, secret);
  }

  file(name: string, content: Uint8Array | string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** Signs a document that holds a template; `ids` are elements whose Id identifies. */
  sign(xml: string, ids: string[] = [], withSecret = false): string {
    const input = this.file('template.xml', xml);
    const keys = withSecret
      ? ['--hmackey', this.secretFile]
      : ['--privkey-pem', `${this.keyFile},${this.certificateFile}`];
    const args = ['--sign', ...keys, ...idSwitches(ids), input];
    return execFileSync(this.program, args, { cwd: this.folder, stdio: 'pipe' }).toString();
  }

  /** Whether xmlsec1 finds the first signature of a document valid. */
  verifies(xml: string, ids: string[] = [], withSecret = false): { valid: boolean; says: string } {
    const input = this.file('signed.xml', xml);
    const keys = withSecret
      ? ['--hmackey', this.secretFile]
      : ['--pubkey-cert-pem', this.certificateFile];
    const args = ['--verify', '--print-debug', ...keys, ...idSwitches(ids), input];
    const run = spawnSync(this.program, args, { cwd: this.folder });
    return { valid: run.status === 0, says: `${run.stdout}${run.stderr}` };
  }

  clean(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const idSwitches = (ids: string[]) => ids.flatMap((name) => ['--id-attr:Id', name]);
