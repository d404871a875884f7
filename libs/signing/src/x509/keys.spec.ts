import { constants, createPrivateKey, privateEncrypt, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Der } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';
import { digest, ecKeys, edwardsKeys, rsaKeys, signWith, spkiOf } from '../testing/authority.js';
import { PublicKey } from './keys.js';

const data = Buffer.from('what was signed');
const keyOf = (keys: ReturnType<typeof ecKeys>) => new PublicKey(Der.read(spkiOf(keys.publicKey)));

/** Forms of a signature that some verifiers take for the one that the standards allow. */
describe('an ECDSA signature', () => {
  const keys = ecKeys();
  const key = keyOf(keys);
  const signature = signWith(keys, data);
  const [r, s] = Der.read(signature)
    .list()
    .map((one) => one.integer()) as [bigint, bigint];
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
  const int = encode.integer;
  const verifies = (bytes: Uint8Array) => key.verifies(keys.scheme, data, bytes);
  const padded = (value: bigint) => {
    const plain = int(value).subarray(2);
    return encode.tlv(2, Buffer.of(0), plain);
  };
  const [rTlv, sTlv] = [int(r), int(s)];

  it('holds as it was made', () => {
    expect(verifies(encode.sequence(rTlv, sTlv))).toBe(true);
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['an empty sequence', encode.sequence()],
    ['r alone', encode.sequence(rTlv)],
    ['three numbers', encode.sequence(rTlv, sTlv, sTlv)],
    ['both swapped', encode.sequence(sTlv, rTlv)],
    ['zeros', encode.sequence(int(0), int(0))],
    ['ones', encode.sequence(int(1), int(1))],
    ['s of zero', encode.sequence(rTlv, int(0))],
    ['r beyond the order', encode.sequence(int(r + n), sTlv)],
    ['s beyond the order', encode.sequence(rTlv, int(s + n))],
    ['r and s of the order', encode.sequence(int(n), int(n))],
    ['r of the field', encode.sequence(int(p), int(1))],
    ['a negative r', encode.sequence(int(-r), sTlv)],
    ['r less the order', encode.sequence(int(r - n), sTlv)],
    ['r with a leading zero', encode.sequence(padded(r), sTlv)],
    ['s with leading zeros', encode.sequence(rTlv, padded(s))],
    ['something behind', Buffer.concat([signature, Buffer.of(0)])],
    ['something inside', encode.sequence(rTlv, sTlv, encode.nullValue())],
    [
      'a long form of its length',
      Buffer.concat([Buffer.of(0x30, 0x81, rTlv.length + sTlv.length), rTlv, sTlv]),
    ],
    ['an indefinite length', Buffer.concat([Buffer.of(0x30, 0x80), rTlv, sTlv, Buffer.of(0, 0)])],
    ['a set', encode.tlv(0x31, rTlv, sTlv)],
    [
      'strings of octets',
      encode.sequence(encode.octetString(rTlv.subarray(2)), encode.octetString(sTlv.subarray(2))),
    ],
    ['bare numbers', Buffer.concat([rTlv.subarray(-32), sTlv.subarray(-32)])],
  ])('is refused as %s', (_, bytes) => {
    expect(verifies(bytes)).toBe(false);
  });
});

it.each(['brainpoolP224r1', 'brainpoolP256r1', 'brainpoolP320r1', 'brainpoolP384r1', 'secp256k1'])(
  'an ECDSA signature holds on %s',
  (curve) => {
    const keys = ecKeys(curve);
    expect(keyOf(keys).curve).toBe(curve);
    expect(keyOf(keys).verifies(keys.scheme, data, signWith(keys, data))).toBe(true);
    expect(keyOf(ecKeys(curve)).verifies(keys.scheme, data, signWith(keys, data))).toBe(false);
  },
);

describe('an RSA signature', () => {
  const keys = rsaKeys();
  const key = keyOf(keys);
  const raw = createPrivateKey(keys.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const size = 256;
  const sha256 = '2.16.840.1.101.3.4.2.1';
  const info = (algorithm: Buffer, hash = digest('sha256', data)) =>
    encode.sequence(algorithm, encode.octetString(hash));
  const whole = encode.sequence(encode.oid(sha256), encode.nullValue());
  /** The private operation on any block, as only the owner of the key could make a wrong one. */
  const over = (block: Buffer) =>
    privateEncrypt({ key: raw, padding: constants.RSA_NO_PADDING }, block);
  const block = (inside: Buffer, type = 1, filler = 0xff, room = size) =>
    Buffer.concat([
      Buffer.of(0, type),
      Buffer.alloc(room - 3 - inside.length, filler),
      Buffer.of(0),
      inside,
    ]);
  const verifies = (bytes: Uint8Array) => key.verifies(keys.scheme, data, bytes);
  const sound = signWith(keys, data);

  it('holds as it was made', () => {
    expect(over(block(info(whole)))).toEqual(sound);
    expect(verifies(sound)).toBe(true);
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(size)],
    ['an octet short', sound.subarray(1)],
    ['an octet long', Buffer.concat([Buffer.of(0), sound])],
    ['something behind', Buffer.concat([sound, Buffer.of(0)])],
    ['a block of type 2', over(block(info(whole), 2, 0xaa))],
    ['another filler', over(block(info(whole), 1, 0xfe))],
    [
      'a short filler and garbage',
      over(
        Buffer.concat([
          Buffer.of(0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 0),
          info(whole),
          randomBytes(size - 11 - info(whole).length),
        ]),
      ),
    ],
    [
      'garbage in the parameters',
      over(block(info(encode.sequence(encode.oid(sha256), encode.octetString(Buffer.alloc(9)))))),
    ],
    ['the hash alone', over(block(digest('sha256', data)))],
    ['another digest', over(block(info(whole, digest('sha1', data))))],
    ['a hash cut short', over(block(info(whole, digest('sha256', data).subarray(1))))],
    ['something behind the hash', over(block(Buffer.concat([info(whole), Buffer.of(0)])))],
  ])('is refused as %s', (_, bytes) => {
    expect(verifies(bytes)).toBe(false);
  });

  it('with PSS holds for its own salt and masks alone', () => {
    const scheme = {
      kind: 'rsa-pss',
      digest: 'sha256',
      maskDigest: 'sha256',
      saltLength: 32,
    } as const;
    const signature = signWith(keys, data, scheme);
    expect(key.verifies(scheme, data, signature)).toBe(true);
    for (const other of [
      { saltLength: 20 },
      { saltLength: 0 },
      { maskDigest: 'sha1' },
      { digest: 'sha512', maskDigest: 'sha512' },
    ] as const) {
      expect(key.verifies({ ...scheme, ...other }, data, signature)).toBe(false);
    }
    expect(verifies(signature)).toBe(false);
    expect(key.verifies(scheme, data, sound)).toBe(false);
  });
});

describe('a key on an Edwards curve', () => {
  const [prime25519, prime448] = [2n ** 255n - 19n, 2n ** 448n - 2n ** 224n - 1n];
  const order8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
  const encodings = (y: bigint, octets: number) => {
    const plain = Buffer.from(y.toString(16).padStart(2 * octets, '0'), 'hex').reverse();
    const signed = Buffer.from(plain);
    signed[octets - 1]! |= 0x80;
    return [plain, signed];
  };
  const read = (oid: string, octets: Buffer) =>
    new PublicKey(
      Der.read(encode.sequence(encode.sequence(encode.oid(oid)), encode.bitString(octets))),
    );

  it.each<[string, string, number, bigint[]]>([
    [
      'edwards25519',
      '1.3.101.112',
      32,
      [0n, 1n, prime25519 - 1n, order8, prime25519 - order8, prime25519, prime25519 + 1n],
    ],
    ['edwards448', '1.3.101.113', 57, [0n, 1n, prime448 - 1n, prime448, prime448 + 1n]],
  ])('%s is refused when its order is small or it lies beyond the field', (_, oid, size, all) => {
    for (const octets of all.flatMap((y) => encodings(y, size))) {
      expect(() => read(oid, octets)).toThrow('no key of an Edwards curve');
    }
  });
});

describe('an Ed25519 signature', () => {
  const keys = edwardsKeys('ed25519');
  const key = keyOf(keys);
  const signature = signWith(keys, data);
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const little = (bytes: Buffer) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

  it('is refused when its number is not reduced', () => {
    expect(key.verifies(keys.scheme, data, signature)).toBe(true);
    const moved = little(signature.subarray(32)) + order;
    const octets = Buffer.from(moved.toString(16).padStart(64, '0'), 'hex').reverse();
    expect(
      key.verifies(keys.scheme, data, Buffer.concat([signature.subarray(0, 32), octets])),
    ).toBe(false);
    expect(key.verifies(keys.scheme, data, Buffer.alloc(64))).toBe(false);
    expect(key.verifies(keys.scheme, data, signature.subarray(1))).toBe(false);
  });
});
