import { createPrivateKey, type KeyObject } from 'node:crypto';
import { UnreadableKey } from '@eoffice/contracts';
import { derOf } from '@eoffice/signing/asn1/ber';
import { contextOf, Der, DerError, tags } from '@eoffice/signing/asn1/der';

const data = '1.2.840.113549.1.7.1';
const shroudedKeyBag = '1.2.840.113549.1.12.10.1.2';
const pbes2 = '1.2.840.113549.1.5.13';
const pbkdf2 = '1.2.840.113549.1.5.12';
/** OpenSSL writes 2,048; more than this would only keep us busy. */
const maxIterations = 2_000_000;

/**
 * The one private key of a PKCS #12 file (RFC 7292), encrypted as PBES2 says. Certificates and the
 * file's MAC are not asked: whether it is the right key is told by the registered certificate.
 * Throws UnreadableKey.
 */
export function keyOfPkcs12(file: Buffer, password: string): KeyObject {
  try {
    const bags = contentsOf(Der.read(derOf(file), tags.sequence)).flatMap(keysIn);
    const [bag] = bags;
    if (!bag || bags.length > 1) throw unreadable(`${bags.length} khóa`, `${bags.length} keys`);
    mustBeBounded(bag);
    const shape = { format: 'der', type: 'pkcs8' } as const;
    return createPrivateKey({ key: bag.whole, ...shape, passphrase: password });
  } catch (error) {
    if (error instanceof UnreadableKey) throw error;
    if (error instanceof DerError) throw unreadable('sai định dạng', 'it is malformed');
    throw unreadable('sai mật khẩu tệp', 'its password is another');
  }
}

/** The SafeContents that are not encrypted as a whole: keys are encrypted one by one. */
function contentsOf(pfx: Der): Der[] {
  const reader = pfx.inside();
  reader.next(tags.integer).smallInteger(3, 3);
  return dataOf(reader.next(tags.sequence))
    .list(20)
    .flatMap((info) => {
      const type = info.must(tags.sequence).inside().next(tags.oid).oid();
      return type === data ? [dataOf(info)] : [];
    });
}

/** What a ContentInfo of type data holds. */
function dataOf(info: Der): Der {
  const reader = info.inside();
  const type = reader.next(tags.oid);
  if (type.oid() !== data) return type.fail('another type than data');
  return Der.read(reader.next(contextOf(0)).only(tags.octetString).content, tags.sequence);
}

function keysIn(contents: Der): Der[] {
  return contents.list(100).flatMap((bag) => {
    const reader = bag.must(tags.sequence).inside();
    const type = reader.next(tags.oid).oid();
    return type === shroudedKeyBag ? [reader.next(contextOf(0)).only(tags.sequence)] : [];
  });
}

function mustBeBounded(encrypted: Der) {
  const algorithm = encrypted.inside().next(tags.sequence).inside();
  if (algorithm.next(tags.oid).oid() !== pbes2) {
    throw unreadable('mã hóa cũ, hãy xuất lại bằng AES', 'it is encrypted in an old way; use AES');
  }
  const derivation = algorithm.next(tags.sequence).inside().next(tags.sequence).inside();
  if (derivation.next(tags.oid).oid() !== pbkdf2) throw unreadable('mã hóa lạ', 'not PBKDF2');
  const parameters = derivation.next(tags.sequence).inside();
  parameters.next(tags.octetString);
  parameters.next(tags.integer).smallInteger(maxIterations, 1);
}

const unreadable = (vi: string, en: string) =>
  new UnreadableKey({ vi: `Không đọc được khóa: ${vi}`, en: `The key cannot be read: ${en}` });
