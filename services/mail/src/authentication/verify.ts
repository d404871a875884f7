import { setImmediate } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { headerAs } from '@eoffice/mime/header/forms';
import type { HeaderField } from '@eoffice/mime/message';
import { arc } from 'mailauth/lib/arc/index.js';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { spf } from 'mailauth/lib/spf/index.js';
import { type Dmarc, dmarcOf } from './dmarc.js';
import type { Resolve } from './resolve.js';

/** What is to be found out about. */
export interface Question {
  octets: Buffer;
  header: HeaderField[];
  reversePath: string;
  /** Of the peer: its address, and how it called itself. */
  address: string;
  hello: string;
}

/** What was found, each by its RFC's word: pass, fail, none, temperror and so on. */
export interface Answer {
  spf: { result: string; domain: string };
  dkim: { result: string; domain: string; selector: string; reason?: string }[];
  dmarc: Dmarc;
  arc: { result: string; instance?: number };
}

const mostSignatures = 10;
const minKeyBits = 1_024;
const pieceOctets = 65_536;

/** Finds out who really sent a message: SPF, DKIM, ARC by a library, DMARC by rules of our own. */
export async function verify(question: Question, resolve: Resolve, by: string): Promise<Answer> {
  const { octets, header, reversePath, address, hello } = question;
  const options = { resolver: resolve as never, minBitLength: minKeyBits };
  const [path, signatures] = await Promise.all([
    spf({ ...options, sender: reversePath, ip: address, helo: hello, mta: by }),
    dkimVerify(piecesOf(octets) as never, { ...options, sender: reversePath }),
  ]);
  const chain = await arc(signatures.arc as never, options);
  const dkim = (signatures.results ?? []).slice(0, mostSignatures).map((each) => ({
    result: each.status.result as string,
    domain: String(each.signingDomain ?? ''),
    selector: String(each.selector ?? ''),
    ...(each.status.comment ? { reason: String(each.status.comment) } : {}),
  }));
  const { result, domain } = { result: String(path.status.result), domain: String(path.domain) };
  const proven = {
    spf: result === 'pass' ? [domain] : [],
    dkim: dkim.filter((each) => each.result === 'pass').map((each) => each.domain),
  };
  const instance = Number(chain.i) || undefined;
  return {
    spf: { result, domain },
    ...{ dkim, dmarc: await dmarcOf(authorsOf(header), proven, resolve) },
    arc: { result: String(chain.status.result), ...(instance ? { instance } : {}) },
  };
}

/** Every address of every From: whoever may be shown as the author. */
const authorsOf = (header: HeaderField[]) =>
  header
    .filter(({ name }) => /^from$/i.test(name))
    .flatMap((field) => headerAs(field, 'Addresses').map(({ email }) => email));

/** A large message is hashed a piece at a time, between other work. */
function piecesOf(octets: Buffer): Readable {
  async function* pieces() {
    for (let at = 0; at < octets.length; at += pieceOctets) {
      if (at > 0) await setImmediate();
      yield octets.subarray(at, at + pieceOctets);
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}

/** The worst of many and the best of many are both of no use: passed when any signature did. */
export function dkimOf({ dkim }: Answer): string {
  if (dkim.some(({ result }) => result === 'pass')) return 'pass';
  if (dkim.some(({ result }) => result === 'temperror')) return 'temperror';
  return dkim[0]?.result ?? 'none';
}

/** The field that tells readers what was found (RFC 8601), folded, without a line end. */
export function headerTextOf(answer: Answer, by: string): string {
  const { spf: path, dkim, dmarc, arc: chain } = answer;
  const value = (text: string) => text.replace(/[^\x21-\x3a\x3c-\x7e]/g, '_').slice(0, 254) || '_';
  const lines = [
    `spf=${path.result} smtp.mailfrom=${value(path.domain)}`,
    ...(dkim.length === 0 ? ['dkim=none'] : []),
    ...dkim.map(
      ({ result, domain, selector }) =>
        `dkim=${result} header.d=${value(domain)} header.s=${value(selector)}`,
    ),
    `dmarc=${dmarc.result}${dmarc.policy ? ` policy.dmarc=${dmarc.policy}` : ''} header.from=${value(dmarc.from ?? '')}`,
    `arc=${chain.result}`,
  ];
  return `Authentication-Results: ${by};\r\n\t${lines.join(';\r\n\t')}`;
}
