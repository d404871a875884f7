import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PdfDict, PdfStream } from '@eoffice/signing/pdf/reader/objects';
import { pageAt } from '@eoffice/signing/pdf/reader/pages';
import { PdfFile } from '@eoffice/signing/pdf/reader/pdf-file';
import { Increment } from '@eoffice/signing/pdf/writer/increment';
import type { Player } from './cast.js';
import { certify, type Key } from './certified.js';
import { letOthersSay } from './others-say.js';
import { penPicture, sealPicture } from './pictures.js';
import { type Page, refusalOf, soon, type Stage, ward } from './stage.js';
import { act, tell } from './timeline.js';

interface Signature {
  id: string;
  state: string;
  level?: string;
  stampedAt?: string;
  sha256?: string;
}
interface Outgoing {
  id: string;
  symbol: string;
  signed: { kind: string; sha256: string; level: string }[];
}
interface Validation {
  verdict: string;
  signatures: { id: string; indication: string; subIndication?: string; message: { en: string } }[];
}

/** The answer gets both signatures; others confirm them, and what was changed is refused. */
export async function sign({ cast, folder, authority }: Stage) {
  act('The answer is signed: by its signer, then by the agency');
  if (!authority) {
    return tell('', 'the authority for tests does not run here, so nothing is signed');
  }
  const [clerk, leader] = [await cast.at(ward, /^Văn thư/), await cast.at(ward, /^Chủ tịch/)];
  const officer = await cast.at('Sở KH&CN', /chứng thư số/);
  const { own, agencys } = await certify({ leader, clerk, officer }, authority);
  const { items } = await clerk.client.get<Page<Outgoing>>('/v1/outgoing-documents?limit=1');
  const { id, symbol } = items[0]!;
  const seal = () => signWith(clerk, agencys, 'agency', id, sealPicture());
  tell(clerk.called, `would seal ${symbol} before it is signed: ${await refusalOf(seal)}`);
  tellSigned(leader, symbol, await signWith(leader, own, 'personal', id, penPicture()));
  tellSigned(clerk, symbol, await seal());
  const path = `/v1/outgoing-documents/${id}`;
  const { signed } = await soon(
    () => clerk.client.get<Outgoing>(path),
    (document) => document.signed.length >= 2,
  );
  tell('', `the document keeps ${signed.length} signed files beside it`);
  const pdf = await clerk.client.download(`${path}/files/${signed.at(-1)!.sha256}`);
  const root = Buffer.from(await (await fetch(`${authority.url}/root.crt`)).arrayBuffer());
  await letOthersSay(pdf, folder, root);
  await validate(clerk, 'the signed file', pdf);
  await validate(clerk, 'a copy with one octet changed', oneOctetChanged(pdf));
  const replaced = pageReplaced(pdf);
  await writeFile(join(folder, 'ban-bi-sua.pdf'), replaced);
  await validate(clerk, 'a copy whose page was replaced', replaced);
}

/** Signs with a key that is kept here; what waits for its time stamp is waited for. */
async function signWith(
  { client }: Player,
  { id: keyId, passphrase }: Key,
  kind: 'personal' | 'agency',
  documentId: string,
  picture: Buffer,
): Promise<Signature> {
  const image = await client.upload('hinh.png', picture);
  const input = { kind, documentId, keyId, passphrase, image };
  const made = await client.post<Signature>('/v1/signatures/software', input);
  const ask = () => client.get<Signature>(`/v1/signatures/${made.id}`);
  return soon(ask, ({ state }) => state === 'signed');
}

const tellSigned = ({ called }: Player, symbol: string, { level, stampedAt }: Signature) =>
  tell(called, `signs ${symbol}: PAdES ${level}, time stamp ${stampedAt}`);

async function validate({ client }: Player, what: string, pdf: Buffer) {
  const ticket = await client.upload('kiem-tra.pdf', pdf);
  const { verdict, signatures } = await client.post<Validation>('/v1/validations', {
    files: [ticket],
  });
  tell('validation', `${what}: ${verdict}`);
  for (const { id, indication, subIndication, message } of signatures) {
    tell('', `${id}: ${indication}${subIndication ? ` ${subIndication}` : ''}: ${message.en}`);
  }
}

/** In the middle of the page's own content. */
function oneOctetChanged(pdf: Buffer): Buffer {
  const copy = Buffer.from(pdf);
  copy[copy.indexOf('stream') + 40]! ^= 1;
  return copy;
}

/** Shows another page to whoever opens it, and leaves every signed octet as it was. */
function pageReplaced(pdf: Buffer): Buffer {
  const increment = new Increment(PdfFile.open(pdf));
  const page = increment.edit(pageAt(increment.file.view, 0).ref!);
  const content = Buffer.from('0 0 0 rg 100 100 300 300 re f');
  page.set('Contents', increment.add(new PdfStream(new PdfDict(), content)));
  return Buffer.concat([pdf, increment.build()]);
}
