import { createHash } from 'node:crypto';
import * as encode from '../../asn1/encode.js';
import { CmsSigner, LocalKey, timeStampAttribute } from '../../cms/sign-cms.js';
import { timeStampRequest, tokenOf } from '../../cms/time-stamp.js';
import { answerTimeStampRequest } from '../../cms/time-stamp-authority.js';
import { SignedData } from '../../cms/signed-data.js';
import { extensions, keyPurposes } from '../../oids.js';
import { issue, rsaKeys, type Party } from '../../testing/authority.js';
import type { SignDigest } from '../sign/sign-pdf.js';

// A small public-key infrastructure for specs of whole documents.

export const root = issue({ subject: 'CN=Root,O=Cơ quan', ca: true });
export const authority = issue({ subject: 'CN=CA,O=Cơ quan', issuer: root, ca: true });
export const leader = issue({ subject: 'CN=Nguyễn Văn Ánh', issuer: authority });
export const clerk = issue({ subject: 'CN=Văn thư', issuer: authority, keys: rsaKeys() });
const stampPurpose = encode.sequence(encode.oid(keyPurposes.timeStamping));
export const stamper = issue({
  subject: 'CN=Dấu thời gian',
  issuer: authority,
  extensions: { [extensions.extendedKeyUsage]: stampPurpose },
  critical: { [extensions.extendedKeyUsage]: true },
});
export const chain = [authority.certificate, root.certificate];

const keyOf = ({ certificate, keys }: Party, digest?: 'sha256' | 'sha384' | 'sha512') =>
  new LocalKey(keys.privateKey, new CmsSigner({ certificate, chain, ...(digest && { digest }) }));

/** Signs digests as this party. */
export const signerOf =
  (party: Party): SignDigest =>
  (digest, algorithm) =>
    Promise.resolve(keyOf(party, algorithm).sign({ content: { digest } }));

let serial = 0;

/** A time-stamp token over a digest. */
export const stampAt =
  (time: Date): SignDigest =>
  (digest, algorithm) => {
    serial += 1;
    const request = timeStampRequest({ imprint: { digest: algorithm, hash: digest } });
    const options = { time, serial: Buffer.of(serial), policy: '1.2.3.4' };
    return Promise.resolve(tokenOf(answerTimeStampRequest(request, keyOf(stamper), options)));
  };

/** Signs as this party, with a time stamp over the signature (PAdES B-T). */
export const stampingSignerOf =
  (party: Party, time: Date): SignDigest =>
  async (digest, algorithm) => {
    const key = keyOf(party, algorithm);
    const signer = new CmsSigner({ certificate: party.certificate, chain, digest: algorithm });
    const prepared = signer.prepare({ content: { digest } });
    const signature = key.signBytes(prepared.bytes);
    const plain = SignedData.read(prepared.unsafeComplete(signature)).signers[0]!;
    const hash = createHash('sha256').update(plain.signature).digest();
    const token = await stampAt(time)(hash, 'sha256');
    return prepared.complete(signature, [timeStampAttribute(token)]);
  };
