import { PdfError } from '../pdf-error.js';
import type { Encryption } from './encryption.js';
import { costs, type Effort } from './effort.js';
import { decodeStream } from './filters.js';
import { readIndirect, type IndirectObject } from './indirect.js';
import {
  PdfDict,
  PdfRef,
  PdfStream,
  PdfString,
  integerOf,
  nameOf,
  type PdfValue,
} from './objects.js';
import { Parser } from './parser.js';

type Resolve = (value: PdfValue | undefined) => PdfValue;

/** An object stream, unpacked: the numbers of its objects and where each begins. */
interface Pack {
  data: Uint8Array;
  numbers: number[];
  offsets: number[];
  /** Of each number its first place. */
  places: Map<number, number>;
  values: Map<number, PdfValue>;
}

const maxPackBytes = 32 * 1024 * 1024;
const maxUnpackedBytes = 64 * 1024 * 1024;
const maxPackObjects = 200_000;

/** Reads objects of one file by their place and keeps them; every view of the file shares it. */
export class ObjectStore {
  encryption?: Encryption;
  private readonly objects = new Map<number, IndirectObject | undefined>();
  private readonly packs = new Map<number, Pack>();
  /** Object streams that are read by the help of other objects, for each view its own. */
  private readonly dependentPacks = new WeakMap<Resolve, Map<number, Pack>>();
  private unpackedBytes = 0;

  constructor(
    readonly bytes: Buffer,
    /** The place of the header: offsets in the file count from here. */
    readonly base: number,
    /** What may still be spent on this file. */
    readonly effort: Effort,
  ) {}

  /** The object that begins at the offset; undefined when none does. */
  at(offset: number, resolve: Resolve): IndirectObject | undefined {
    if (this.objects.has(offset)) return this.objects.get(offset);
    let dependent = false;
    const lengthOf = (length: PdfValue | undefined) => {
      dependent = true;
      return integerOf(resolve(length));
    };
    const read = readIndirect(this.bytes, this.base + offset, lengthOf, this.effort);
    if (read && this.encryption) read.value = this.decrypted(read);
    // A length kept in another object may be another one in the next view.
    if (!dependent) this.objects.set(offset, read);
    return read;
  }

  /** The object with that number in the object stream at the offset; null when it is not there. */
  packed(offset: number, index: number, number: number, resolve: Resolve): PdfValue {
    const pack = this.pack(offset, resolve);
    if (!pack) return null;
    const place = pack.numbers[index] === number ? index : pack.places.get(number);
    if (place === undefined) return null;
    const known = pack.values.get(place);
    if (known !== undefined) return known;
    const { data, offsets } = pack;
    const value = new Parser(data, offsets[place], data.length, true, this.effort).value();
    pack.values.set(place, value);
    return value;
  }

  /** The numbers of the objects in the object stream at the offset. */
  numbersIn(offset: number, resolve: Resolve): number[] {
    return this.pack(offset, resolve)?.numbers ?? [];
  }

  private pack(offset: number, resolve: Resolve): Pack | undefined {
    const known = this.packs.get(offset) ?? this.dependentPacks.get(resolve)?.get(offset);
    if (known) return known;
    let dependent = false;
    const noting: Resolve = (value) => {
      dependent ||= value instanceof PdfRef;
      return resolve(value);
    };
    const stream = this.at(offset, noting)?.value;
    if (!(stream instanceof PdfStream)) return undefined;
    if (nameOf(noting(stream.dict.get('Type'))) !== 'ObjStm') return undefined;
    const data = this.decode(stream, noting, maxPackBytes);
    this.unpackedBytes += data.length;
    if (this.unpackedBytes > maxUnpackedBytes) {
      throw new PdfError('too-complex', 'The object streams unpack into too much');
    }
    const pack = packOf(data, stream.dict, noting, this.effort);
    if (dependent) {
      const own = this.dependentPacks.get(resolve) ?? new Map<number, Pack>();
      this.dependentPacks.set(resolve, own.set(offset, pack));
    } else this.packs.set(offset, pack);
    return pack;
  }

  /** The decoded bytes of a stream; throws PdfError for damaged data and for images. */
  decode(stream: PdfStream, resolve: Resolve, maxBytes: number): Uint8Array {
    return decodeStream(stream.bytes, stream.dict, resolve, maxBytes, this.effort);
  }

  private decrypted({ value, number, generation }: IndirectObject): PdfValue {
    const { encryption } = this;
    if (!encryption) return value;
    if (!(value instanceof PdfStream)) return this.openStrings(value, number, generation);
    const { dict, raw } = value;
    const type = nameOf(dict.get('Type'));
    const plain =
      type === 'XRef' ||
      (type === 'Metadata' && !encryption.encryptsMetadata) ||
      hasIdentityFilter(dict);
    const opened = this.openStrings(dict, number, generation) as PdfDict;
    if (plain) return new PdfStream(type === 'XRef' ? dict : opened, raw);
    return new PdfStream(opened, raw, (bytes) => {
      this.effort.spend(costs.cipher + bytes.length);
      return encryption.openStream(bytes, number, generation);
    });
  }

  private openStrings(value: PdfValue, number: number, generation: number): PdfValue {
    if (value instanceof PdfString) {
      this.effort.spend(costs.cipher + value.bytes.length);
      const bytes = this.encryption!.openString(value.bytes, number, generation);
      return new PdfString(bytes, value.start, value.end, value.hex);
    }
    if (Array.isArray(value))
      return value.map((item) => this.openStrings(item, number, generation));
    if (!(value instanceof PdfDict)) return value;
    // The contents of a signature are never encrypted (ISO 32000-2, 7.6.2).
    const signed = value.has('ByteRange') && value.has('Contents');
    for (const [key, item] of value) {
      if (signed && key === 'Contents') continue;
      value.set(key, this.openStrings(item, number, generation));
    }
    return value;
  }
}

function hasIdentityFilter(dict: PdfDict): boolean {
  const filter = dict.get('Filter');
  const first = Array.isArray(filter) ? filter[0] : filter;
  return nameOf(first) === 'Crypt';
}

function packOf(data: Uint8Array, dict: PdfDict, resolve: Resolve, effort: Effort): Pack {
  const count = Math.min(integerOf(resolve(dict.get('N'))) ?? 0, maxPackObjects);
  const first = integerOf(resolve(dict.get('First'))) ?? 0;
  const header = new Parser(data, 0, Math.min(first, data.length), false, effort);
  const empty = { numbers: [], offsets: [], places: new Map(), values: new Map() };
  const pack: Pack = { data, ...empty };
  for (let index = 0; index < count; index += 1) {
    const number = header.next();
    const offset = header.next();
    if (typeof number !== 'number' || typeof offset !== 'number') break;
    effort.spend(costs.entry);
    if (!pack.places.has(number)) pack.places.set(number, index);
    pack.numbers.push(number);
    pack.offsets.push(first + offset);
  }
  return pack;
}
