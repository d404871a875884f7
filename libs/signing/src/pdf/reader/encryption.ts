import { PdfError } from '../pdf-error.js';
import { aesBlocks, hardenedHash, md5, openAes, rc4, sealAes } from './ciphers.js';
import { PdfDict, PdfString, integerOf, nameOf, type PdfValue } from './objects.js';

type Method = 'none' | 'rc4' | 'aes128' | 'aes256';
type Resolve = (value: PdfValue | undefined) => PdfValue;

const padding = Buffer.from(
  '28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a',
  'hex',
);
const empty = Buffer.alloc(0);

/**
 * The standard security handler (ISO 32000-2, 7.6.4) for documents that open with a user password,
 * most often the empty one: their text and new objects must go through the same key.
 */
export class Encryption {
  private constructor(
    private readonly key: Uint8Array,
    private readonly strings: Method,
    private readonly streams: Method,
    readonly encryptsMetadata: boolean,
  ) {}

  /** Throws `encrypted` when the password does not open it or the handler is not the standard one. */
  static open(dict: PdfDict, id: Uint8Array, resolve: Resolve, password = ''): Encryption {
    const handler = new Handler(dict, id, resolve);
    const key = handler.keyFor(password);
    if (!key) throw new PdfError('encrypted', 'The document is encrypted and needs a password');
    const strings = handler.method('StrF');
    const streams = handler.method('StmF');
    return new Encryption(key, strings, streams, handler.encryptsMetadata);
  }

  openString = (bytes: Uint8Array, number: number, generation: number): Uint8Array =>
    this.apply('open', this.strings, bytes, number, generation);
  sealString = (bytes: Uint8Array, number: number, generation: number): Uint8Array =>
    this.apply('seal', this.strings, bytes, number, generation);
  openStream = (bytes: Uint8Array, number: number, generation: number): Uint8Array =>
    this.apply('open', this.streams, bytes, number, generation);
  sealStream = (bytes: Uint8Array, number: number, generation: number): Uint8Array =>
    this.apply('seal', this.streams, bytes, number, generation);

  private apply(
    direction: 'open' | 'seal',
    method: Method,
    bytes: Uint8Array,
    number: number,
    generation: number,
  ): Uint8Array {
    if (method === 'none') return bytes;
    const aes = direction === 'open' ? openAes : sealAes;
    if (method === 'aes256') return aes(this.key, bytes);
    const place = Buffer.alloc(5);
    place.writeUIntLE(number, 0, 3);
    place.writeUIntLE(generation & 0xffff, 3, 2);
    const salt = method === 'aes128' ? Buffer.from('sAlT', 'latin1') : empty;
    const length = Math.min(this.key.length + 5, 16);
    const own = md5(this.key, place, salt).subarray(0, length);
    return method === 'aes128' ? aes(own, bytes) : rc4(own, bytes);
  }
}

class Handler {
  private readonly version: number;
  private readonly revision: number;
  readonly encryptsMetadata: boolean;

  constructor(
    private readonly dict: PdfDict,
    private readonly id: Uint8Array,
    private readonly resolve: Resolve,
  ) {
    this.version = this.integer('V', 0);
    this.revision = this.integer('R', 0);
    this.encryptsMetadata = resolve(dict.get('EncryptMetadata')) !== false;
    const filter = nameOf(resolve(dict.get('Filter')));
    const known = [1, 2, 4, 5].includes(this.version) && this.revision >= 2 && this.revision <= 6;
    if (filter !== 'Standard' || !known) {
      throw new PdfError('encrypted', 'The document is encrypted in a way that is not supported');
    }
  }

  method(selector: 'StmF' | 'StrF'): Method {
    if (this.version < 4) return 'rc4';
    const name = nameOf(this.resolve(this.dict.get(selector))) ?? 'Identity';
    if (name === 'Identity') return 'none';
    const filters = this.resolve(this.dict.get('CF'));
    const filter = filters instanceof PdfDict ? this.resolve(filters.get(name)) : null;
    const method = filter instanceof PdfDict ? nameOf(this.resolve(filter.get('CFM'))) : 'None';
    if (method === 'V2') return 'rc4';
    if (method === 'AESV2') return 'aes128';
    return method === 'AESV3' ? 'aes256' : 'none';
  }

  keyFor(password: string): Uint8Array | undefined {
    return this.version === 5 ? this.modernKey(password) : this.oldKey(password);
  }

  private modernKey(password: string): Uint8Array | undefined {
    const secret = Buffer.from(password.normalize('NFKC'), 'utf8').subarray(0, 127);
    const user = this.bytes('U');
    const wrapped = this.bytes('UE');
    if (user.length < 48 || wrapped.length < 32) return undefined;
    const proof = hardenedHash(secret, user.subarray(32, 40), this.revision);
    if (!proof.equals(user.subarray(0, 32))) return undefined;
    const key = hardenedHash(secret, user.subarray(40, 48), this.revision);
    return aesBlocks(key, Buffer.alloc(16), wrapped.subarray(0, 32), 'open');
  }

  /** Algorithm 2 and its proofs, algorithms 4 and 5. */
  private oldKey(password: string): Uint8Array | undefined {
    const length = this.keyLength();
    const padded = Buffer.concat([Buffer.from(password, 'latin1'), padding]).subarray(0, 32);
    const permissions = Buffer.alloc(4);
    permissions.writeInt32LE(this.integer('P', 0) | 0);
    const bare = this.revision >= 4 && !this.encryptsMetadata ? Buffer.alloc(4, 0xff) : empty;
    let key = md5(padded, this.bytes('O').subarray(0, 32), permissions, this.id, bare);
    const rounds = this.revision >= 3 ? 50 : 0;
    for (let round = 0; round < rounds; round += 1) key = md5(key.subarray(0, length));
    key = key.subarray(0, length);
    const user = this.bytes('U');
    if (this.revision === 2)
      return rc4(key, padding).equals(user.subarray(0, 32)) ? key : undefined;
    let proof: Uint8Array = md5(padding, this.id);
    for (let round = 0; round < 20; round += 1) {
      proof = rc4(
        key.map((byte) => byte ^ round),
        proof,
      );
    }
    return user.subarray(0, 16).equals(proof) ? key : undefined;
  }

  private keyLength(): number {
    if (this.revision === 2) return 5;
    let bits = this.integer('Length', this.version === 4 ? 128 : 40);
    if (bits < 40) bits *= 8;
    return this.version === 4 ? 16 : Math.min(16, Math.max(5, bits >> 3));
  }

  private integer(key: string, otherwise: number): number {
    return integerOf(this.resolve(this.dict.get(key))) ?? otherwise;
  }

  private bytes(key: string): Buffer {
    const value = this.resolve(this.dict.get(key));
    return value instanceof PdfString ? Buffer.from(value.bytes) : empty;
  }
}
