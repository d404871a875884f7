import { transforms, uriOfCanonicalization } from '../dsig/algorithms.js';
import { isWithin, type XmlElement } from '../tree.js';
import { askedElements, surroundingsOf } from '../verify-xml.js';
import type { SignedObject } from '../xades/signed-properties.js';
import { XmlError } from '../xml-error.js';
import { insertInto } from './insert.js';
import { base64, markup } from './markup.js';
import type { Placement, SignXmlOptions } from './options.js';

/** A reference to be written; its digest is not known yet. */
export interface WrittenReference {
  uri: string;
  id?: string;
  type?: string;
  transforms: string[];
}

/** A signature about to be written: where it goes, what it refers to, what it carries. */
export interface Plan {
  /** The document around the signature, given the signature. */
  place: (signature: string) => string;
  references: WrittenReference[];
  objects: string[];
  formats: SignedObject[];
}

type Kind<K extends Placement['kind']> = Extract<Placement, { kind: K }>;
type Content = Uint8Array | string;

/** What the placement asked for means for a content. */
export function planOf(content: Content, options: SignXmlOptions, signatureId: string): Plan {
  const { placement } = options;
  const referenceId = `${signatureId}-r`;
  const forms = canonicalizations(options);
  switch (placement.kind) {
    case 'enveloped':
      return enveloped(content, placement, forms, referenceId);
    case 'enveloping':
      return enveloping(content, placement, forms, referenceId);
    case 'detached':
      return detached(placement, referenceId);
  }
}

/** The canonicalization to name in a reference: none where it is what applies anyway. */
export function canonicalizations({ canonicalization: method = 'exclusive' }: SignXmlOptions) {
  return method === 'inclusive' ? [] : [uriOfCanonicalization({ method, comments: false })];
}

const alone = (signature: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${signature}\n`;

function enveloped(
  content: Content,
  { covers = 'root', within = 'root' }: Kind<'enveloped'>,
  forms: string[],
  referenceId: string,
): Plan {
  const around = surroundingsOf(content, {});
  const { source } = around.document;
  if (/^<\?xml[^>]*?encoding\s*=\s*["'](?!utf-?8["'])/i.test(source)) {
    throw new XmlError('encoding', 'Only documents in UTF-8 are signed');
  }
  const covered = oneOf(askedElements(covers, around));
  const parent = oneOf(askedElements(within, around));
  const inside = isWithin(parent, covered) ? [transforms.enveloped] : [];
  const uri = covers === 'root' ? '' : `#${covers.id}`;
  return {
    place: (signature) => insertInto(source, parent, signature),
    references: [{ uri, id: referenceId, transforms: [...inside, ...forms] }],
    objects: [],
    formats: [{ referenceId, mediaType: 'application/xml' }],
  };
}

function oneOf(found: XmlElement[]): XmlElement {
  if (found.length === 1) return found[0]!;
  throw new XmlError('unresolved', `${found.length} elements are what was asked for`);
}

function enveloping(
  content: Content,
  { mediaType = 'application/xml' }: Kind<'enveloping'>,
  forms: string[],
  referenceId: string,
): Plan {
  const Id = `${referenceId}-object`;
  const asXml = /[/+]xml$/.test(mediaType);
  const encoded = { Id, MimeType: mediaType, Encoding: transforms.base64 };
  const object = asXml
    ? markup('ds:Object', { Id }, rootOf(content))
    : markup('ds:Object', encoded, base64(Buffer.from(content)));
  const uri = `#${Id}`;
  return {
    place: alone,
    references: [{ uri, id: referenceId, transforms: asXml ? forms : [transforms.base64] }],
    objects: [object],
    formats: [{ referenceId, mediaType }],
  };
}

/** The root element of a document as it is written. */
function rootOf(content: Content): string {
  const { root, source } = surroundingsOf(content, {}).document;
  return source.slice(root.outer.start, root.outer.end);
}

function detached({ parts }: Kind<'detached'>, referenceId: string): Plan {
  if (parts.length === 0) throw new XmlError('unresolved', 'Nothing to sign');
  const idOf = (i: number) => `${referenceId}${i}`;
  return {
    place: alone,
    references: parts.map(({ uri }, i) => ({ uri, id: idOf(i), transforms: [] })),
    objects: [],
    formats: parts.map(({ mediaType }, i) => ({ referenceId: idOf(i), mediaType })),
  };
}
