import { XmlError } from './xml-error.js';

/**
 * The characters of a document (XML 1.0 appendix F): a byte order mark decides, then the
 * declaration, else UTF-8. Wrong sequences are errors, never replaced.
 */
export function decodeXml(octets: Uint8Array, limit: number): string {
  if (octets.length > limit) throw new XmlError('limit', `More than ${limit} octets`);
  const [first, second, third] = octets;
  const declared = declaredEncoding(octets);
  if (first === 0xfe && second === 0xff) return decode('utf-16be', octets);
  if (first === 0xff && second === 0xfe) return decode('utf-16le', octets);
  if (first === 0 && second === 0x3c) return decode('utf-16be', octets);
  if (first === 0x3c && second === 0) return decode('utf-16le', octets);
  const marked = first === 0xef && second === 0xbb && third === 0xbf;
  if (marked && declared !== 'utf-8') {
    throw new XmlError('encoding', `UTF-8 mark, but declared ${declared}`);
  }
  switch (declared) {
    case 'utf-8':
      return decode('utf-8', octets);
    case 'us-ascii':
      if (octets.some((octet) => octet > 0x7f)) throw wrong('us-ascii');
      return Buffer.from(octets).toString('latin1');
    case 'iso-8859-1':
      return Buffer.from(octets).toString('latin1');
    default:
      throw new XmlError('encoding', `Encoding ${declared} is not supported`);
  }
}

function declaredEncoding(octets: Uint8Array): string {
  const start = Buffer.from(octets.subarray(0, 200)).toString('latin1');
  const declaration = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(
    start,
  );
  return declaration?.[1]?.toLowerCase() ?? 'utf-8';
}

function decode(encoding: string, octets: Uint8Array): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(octets);
  } catch {
    throw wrong(encoding);
  }
}

function wrong(encoding: string): XmlError {
  return new XmlError('encoding', `Octets that are not ${encoding}`);
}
